import { expect, test } from 'vitest';
import { prepareTrace } from '../../src/index.ts';
import { compare } from '../../src/lab/compare.ts';
import { expectedCrossings } from '../../src/lab/crossing.ts';
import { networkOf } from '../tracing.ts';

/** One node refuses what the load balancer hands to it, the other one drops it, as its service's source ranges say. */
const NETWORK = networkOf(`
apiVersion: k8s-trace/v1
kind: Topology
cluster: { podCIDR: 10.244.0.0/16, serviceCIDR: 10.96.0.0/12, cni: bridge, kubeProxy: iptables }
nodes:
  - { name: node-1, ip: 192.168.1.11, podCIDR: 10.244.1.0/24, kubeProxy: { running: false }, routes: { add: [ { to: 203.0.113.10/32, type: prohibit } ] } }
  - { name: node-2, ip: 192.168.1.12, podCIDR: 10.244.2.0/24 }
pods:
  - { name: web, node: node-2, ip: 10.244.2.10, labels: { app: web }, containers: [ { name: app, ports: [ { containerPort: 8080 }, { containerPort: 8080, protocol: UDP } ] } ] }
services:
  - name: web
    type: LoadBalancer
    clusterIP: 10.96.0.10
    loadBalancerSourceRanges: [ 10.0.0.0/8 ]
    status: { loadBalancer: { ingress: [ { ip: 203.0.113.10 } ] } }
    selector: { app: web }
    ports: [ { name: tcp, port: 80, targetPort: 8080, nodePort: 30080 }, { name: udp, port: 80, targetPort: 8080, protocol: UDP, nodePort: 30081 } ]
internet: { gateway: { ip: 192.168.1.1 } }
`);

/** A lost SYN is sent again after a second, and the load balancer chooses anew; a lost datagram is not. */
test.each([
  { protocol: 'tcp', saw: 'time-out', agrees: true },
  { protocol: 'tcp', saw: 'host-unreachable', agrees: true },
  { protocol: 'tcp', saw: 'answer', agrees: false },
  { protocol: 'udp', saw: 'time-out', agrees: true },
  { protocol: 'udp', saw: 'host-unreachable', agrees: false },
] as const)('the first packet is dropped, and the client sees $saw: $protocol', ({ protocol, saw, agrees }) => {
  const answer = prepareTrace(NETWORK, { source: 'internet', destination: `203.0.113.10:80/${protocol}` });
  const paths = answer.ok ? (answer.traces[0]?.paths ?? []) : [];
  expect(paths.map((p) => p.client).sort()).toEqual(['host-unreachable', 'time-out']);
  const lost = paths.findIndex((p) => p.client === 'time-out');
  const path = paths[lost];
  const kernel = { forward: path === undefined ? [] : expectedCrossings(path.forward), reply: [], ack: [], data: [] };
  const { path: taken, client } = compare(paths, kernel, saw);
  expect({ taken, agrees: client.agrees }).toEqual({ taken: lost, agrees });
});
