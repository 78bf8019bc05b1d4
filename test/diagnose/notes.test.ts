import { expect, test } from 'vitest';
import { askIn, networkOf } from '../tracing.ts';

/** What a trace says beside its way, where a part of the real world had no part in it. */

const TOPOLOGY = `
apiVersion: k8s-trace/v1
kind: Topology
cluster: { podCIDRs: [10.244.0.0/16, "fd00:10:244::/56"], serviceCIDRs: [10.96.0.0/12, "fd00:10:96::/112"] }
nodes:
  - { name: node-1, ips: [192.168.1.11, "fd00:192:168:1::11"], podCIDRs: [10.244.1.0/24, "fd00:10:244:1::/64"], labels: { topology.kubernetes.io/zone: a } }
  - { name: node-2, ips: [192.168.1.12, "fd00:192:168:1::12"], podCIDRs: [10.244.2.0/24, "fd00:10:244:2::/64"], labels: { topology.kubernetes.io/zone: b } }
pods:
  - { name: client, node: node-1 }
  - { name: web-1, node: node-1, labels: { app: web }, containers: [{ name: app, ports: [{ containerPort: 80 }] }] }
  - { name: web-2, node: node-2, labels: { app: web }, containers: [{ name: app, ports: [{ containerPort: 80 }] }] }
services:
  - name: web
    type: LoadBalancer
    clusterIPs: [10.96.0.10, "fd00:10:96::10"]
    selector: { app: web }
    ports: [{ port: 80, nodePort: 30080 }]
    externalIPs: [203.0.113.30, "2001:db8:30::30"]
    loadBalancerSourceRanges: [198.51.100.0/24, 192.168.1.0/24, "2001:db8:1::/48"]
    trafficDistribution: PreferClose
    status: { loadBalancer: { ingress: [{ ip: 203.0.113.10 }, { ip: "2001:db8:10::10" }, { ip: 203.0.113.20, ipMode: Proxy }] } }
internet:
  gateway: { ips: [192.168.1.1, "fd00:192:168:1::1"], routes: [{ to: 203.0.113.30/32, via: 192.168.1.12 }, { to: "2001:db8:30::/64", via: "fd00:192:168:1::12" }] }
  clients: [{ name: office, ips: [198.51.100.7, "2001:db8:1::7"] }, { name: stranger, ips: [192.0.2.7, "2001:db8:2::7"] }]
`;

interface Row {
  readonly from: string;
  readonly to: string;
  readonly outcome: string;
  readonly says?: RegExp;
  readonly neverSays?: RegExp;
  readonly with?: readonly [stated: string, instead: string];
}

const PAST = /node-1 takes \S+ itself, past the load balancer of service default\/web \(ipMode VIP\)/;
const EXTERNAL = /node-1 takes \S+, an external address of service default\/web, itself/;
const TAKEN = /takes \S+ itself|takes \S+, an external/;
const UNASKED = /loadBalancerSourceRanges of service default\/web are for its load balancer alone to ask/;
const VOID = /trafficDistribution of service web has no effect: web-2 of its ready endpoints is on a node without a zone/;
const NODE_2_WITHOUT_ZONE = ['"fd00:10:244:2::/64"], labels: { topology.kubernetes.io/zone: b } }', '"fd00:10:244:2::/64"] }'] as const;

const ROWS: readonly Row[] = [
  // A pod is in none of the ranges, which its node asks for the balancer's address.
  { from: 'client', to: '203.0.113.10:80', outcome: 'dropped', says: PAST },
  { from: 'node-1', to: '203.0.113.10:80', outcome: 'delivered', says: PAST },
  // By node-1 it comes back to its sender, by node-2 it goes in circles.
  { from: 'node-1', to: '203.0.113.10:81', outcome: 'mixed', neverSays: TAKEN },
  { from: 'client', to: '[2001:db8:10::10]:80', outcome: 'dropped', says: PAST },
  { from: 'office', to: '203.0.113.10:80', outcome: 'delivered', neverSays: TAKEN },
  { from: 'client', to: '203.0.113.30:80', outcome: 'delivered', says: EXTERNAL },
  { from: 'client', to: '[2001:db8:30::30]:80', outcome: 'delivered', says: EXTERNAL },
  { from: 'office', to: '203.0.113.30:80', outcome: 'delivered', neverSays: TAKEN },
  { from: 'client', to: 'svc/web', outcome: 'delivered', neverSays: TAKEN },
  // ipMode Proxy: the node has no rule for the address, and the balancer that has is not asked.
  { from: 'client', to: '203.0.113.20:80', outcome: 'delivered', neverSays: TAKEN },
  { from: 'office', to: '203.0.113.20:80', outcome: 'delivered', neverSays: UNASKED },
  { from: 'stranger', to: '203.0.113.20:80', outcome: 'delivered', says: UNASKED },
  { from: 'stranger', to: '203.0.113.10:80', outcome: 'dropped', neverSays: UNASKED },
  // What docs/findings.md advises there.
  ...(['office', 'stranger'] as const).map(
    (from): Row => ({
      from,
      to: '203.0.113.20:80',
      outcome: from === 'office' ? 'delivered' : 'dropped',
      with: [
        'internet:',
        'internet:\n  firewall:\n    - { action: allow, from: 198.51.100.0/24, ports: [30080/tcp] }\n    - { action: deny, ports: [30080/tcp] }',
      ],
    }),
  ),
  // Hints choose web-1 for node-1; without a zone on node-2 they choose nobody anywhere.
  { from: 'client', to: '10.96.0.10:80', outcome: 'delivered', neverSays: /no effect|no zone/ },
  { from: 'client', to: '10.96.0.10:80', outcome: 'delivered', says: VOID, with: NODE_2_WITHOUT_ZONE },
  { from: 'client', to: '[fd00:10:96::10]:80', outcome: 'delivered', says: VOID, with: NODE_2_WITHOUT_ZONE },
  { from: 'office', to: '203.0.113.10:80', outcome: 'delivered', says: VOID, with: NODE_2_WITHOUT_ZONE },
  { from: 'client', to: 'web-1:80', outcome: 'delivered', neverSays: /no effect/, with: NODE_2_WITHOUT_ZONE },
  // A node without a zone of its own, and hints that do count.
  {
    from: 'client',
    to: '10.96.0.10:80',
    outcome: 'delivered',
    says: /node-3 has no zone .*service web prefers no endpoint/,
    with: [
      'pods:\n  - { name: client, node: node-1 }',
      '  - { name: node-3, ips: [192.168.1.13, "fd00:192:168:1::13"], podCIDRs: [10.244.3.0/24, "fd00:10:244:3::/64"] }\npods:\n  - { name: client, node: node-3 }',
    ],
  },
];

test.each(ROWS)('$from to $to: $outcome', ({ from, to, outcome, says, neverSays, with: [stated, instead] = ['', ''] }) => {
  expect(TOPOLOGY).toContain(stated);
  const trace = askIn(networkOf(TOPOLOGY.replace(stated, instead)), from, to);
  const said = trace.assumptions.map((a) => a.message).join('\n');
  expect(trace.outcome).toBe(outcome);
  if (says !== undefined) expect(said).toMatch(says);
  if (neverSays !== undefined) expect(said).not.toMatch(neverSays);
});
