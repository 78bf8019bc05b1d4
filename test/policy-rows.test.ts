import { describe, expect, test } from 'vitest';
import type { HopDocument, Request, TraceDocument } from '../src/index.ts';
import { askIn, networkOf } from './tracing.ts';

/**
 * Policies on the ways that packets take less often: the other family, IPVS, other protocols, ports of nodes. Two nodes; `client` and `web`
 * on node-1, `web-2` and `other` on node-2. web's pods are open to app=client on 8080 of TCP, and to addresses of node-2; client may send
 * to app=web alone.
 */
const POLICIES = `
networkPolicies:
  - name: web
    podSelector: { matchLabels: { app: web } }
    ingress:
      - { from: [ { podSelector: { matchLabels: { app: client } } } ], ports: [ { port: 8080 } ] }
      - { from: [ { ipBlock: { cidr: 192.168.1.12/32 } }, { ipBlock: { cidr: "fd00:192:168:1::12/128" } } ] }
  - name: client-out
    podSelector: { matchLabels: { app: client } }
    policyTypes: [Egress]
    egress: [ { to: [ { podSelector: { matchLabels: { app: web } } } ] } ]
`;

const cluster = (options: string, policies = POLICIES) => `
apiVersion: k8s-trace/v1
kind: Topology
cluster: { podCIDRs: [10.244.0.0/16, "fd00:10:244::/48"], serviceCIDRs: [10.96.0.0/12, "fd00:10:96::/112"], ${options} }
nodes:
  - { name: node-1, ips: [192.168.1.11, "fd00:192:168:1::11"], podCIDRs: [10.244.1.0/24, "fd00:10:244:1::/64"] }
  - { name: node-2, ips: [192.168.1.12, "fd00:192:168:1::12"], podCIDRs: [10.244.2.0/24, "fd00:10:244:2::/64"] }
pods:
  - { name: client, node: node-1, ips: [10.244.1.10, "fd00:10:244:1::10"], labels: { app: client } }
  - name: web
    node: node-1
    ips: [10.244.1.11, "fd00:10:244:1::11"]
    labels: { app: web }
    containers: [ { name: app, ports: [ { containerPort: 8080, hostPort: 8088 }, { containerPort: 9090 } ] } ]
  - { name: web-2, node: node-2, ips: [10.244.2.10, "fd00:10:244:2::10"], labels: { app: web } }
  - { name: other, node: node-2, ips: [10.244.2.11, "fd00:10:244:2::11"], labels: { app: other } }
services:
  - name: shop
    type: NodePort
    ipFamilyPolicy: RequireDualStack
    clusterIPs: [10.96.0.10, "fd00:10:96::10"]
    selector: { app: web }
    ports: [ { port: 80, targetPort: 8080, nodePort: 30080 } ]
internet: { gateway: { ips: [192.168.1.1, "fd00:192:168:1::1"] } }
${policies}`;

const name = (pod: string) => pod.replace('default/', '');

/** A hop of a policy, with the packet that it saw: `ingress web allow 10.244.1.10 > 10.244.1.11:8080`. */
function line(h: HopDocument): readonly string[] {
  if (h.kind === 'policy')
    return [`${h.direction} ${name(h.pod)} ${h.verdict} ${h.packet.source} > ${h.packet.destination}:${h.packet.destinationPort}`];
  if (h.kind === 'skip' && h.policy !== undefined) return [`${h.policy.direction} ${name(h.policy.pod)} skip ${h.policy.why}`];
  return [];
}

/** Of each path how it ends, and its hops, of the first packet. */
const told = ({ paths }: TraceDocument): readonly string[] =>
  paths.map((p) => [p.reason?.code ?? p.outcome, ...p.forward.hops.flatMap(line)].join(' | ')).sort();

type Row = readonly [source: string, destination: string, expected: readonly string[], more?: Partial<Request>];
const V6 = { family: 'IPv6' } as const;

const table = (options: string, rows: readonly Row[], policies?: string) => {
  const network = networkOf(cluster(options, policies));
  test.each(rows.map((row) => [row[0], row[1], row[3] ?? {}, row] as const))('%s to %s %o', (source, destination, more, [, , expected]) => {
    expect(told(askIn(network, source, destination, more))).toEqual(expected);
  });
};

const CLIENT6 = 'fd00:10:244:1::10';
const WEB6 = 'fd00:10:244:1::11';
const FAR6 = 'fd00:10:244:2::10';

describe.each(['cni: bridge, networkPolicy: kube-router', 'cni: ptp, networkPolicy: calico'])('both families: %s', (options) => {
  table(options, [
    ['client', 'web:8080', [`delivered | egress client allow ${CLIENT6} > ${WEB6}:8080 | ingress web allow ${CLIENT6} > ${WEB6}:8080`], V6],
    [
      'client',
      'web-2:8080',
      [`delivered | egress client allow ${CLIENT6} > ${FAR6}:8080 | ingress web-2 allow ${CLIENT6} > ${FAR6}:8080`],
      V6,
    ],
    [
      'client',
      'web:9090',
      [`POLICY_DEFAULT_DENY | egress client allow ${CLIENT6} > ${WEB6}:9090 | ingress web deny ${CLIENT6} > ${WEB6}:9090`],
      V6,
    ],
    ['client', 'other:8080', [`POLICY_DEFAULT_DENY | egress client deny ${CLIENT6} > fd00:10:244:2::11:8080`], V6],
    [
      'client',
      'svc/shop:80',
      [
        `delivered | egress client allow ${CLIENT6} > ${WEB6}:8080 | ingress web allow ${CLIENT6} > ${WEB6}:8080`,
        `delivered | egress client allow ${CLIENT6} > ${FAR6}:8080 | ingress web-2 allow ${CLIENT6} > ${FAR6}:8080`,
      ],
      V6,
    ],
    // A node's own address, on another node: it is judged, and is that of no pod.
    ['node/node-2', 'web:8080', ['delivered | ingress web allow 192.168.1.12 > 10.244.1.11:8080']],
    ['node/node-2', 'web:8080', [`delivered | ingress web allow fd00:192:168:1::12 > ${WEB6}:8080`], V6],
    ['node/node-1', 'web-2:8080', ['POLICY_DEFAULT_DENY | ingress web-2 deny 192.168.1.11 > 10.244.2.10:8080']],
    ['node/node-1', 'web-2:8080', [`POLICY_DEFAULT_DENY | ingress web-2 deny fd00:192:168:1::11 > ${FAR6}:8080`], V6],
    ['node/node-1', 'web:8080', ['delivered | ingress web skip own-node'], V6],
    // A pod's way out is judged, whichever node it goes to.
    ['client', '192.168.1.11:10250', ['POLICY_DEFAULT_DENY | egress client deny 10.244.1.10 > 192.168.1.11:10250']],
    ['client', '192.168.1.12:10250', ['POLICY_DEFAULT_DENY | egress client deny 10.244.1.10 > 192.168.1.12:10250']],
    ['client', '[fd00:192:168:1::11]:10250', [`POLICY_DEFAULT_DENY | egress client deny ${CLIENT6} > fd00:192:168:1::11:10250`]],
    // The rule names port 8080 of TCP.
    [
      'client',
      'web:8080',
      ['POLICY_DEFAULT_DENY | egress client allow 10.244.1.10 > 10.244.1.11:8080 | ingress web deny 10.244.1.10 > 10.244.1.11:8080'],
      { protocol: 'udp' },
    ],
    [
      'client',
      'web:8080',
      ['POLICY_DEFAULT_DENY | egress client allow 10.244.1.10 > 10.244.1.11:8080 | ingress web deny 10.244.1.10 > 10.244.1.11:8080'],
      { protocol: 'sctp' },
    ],
    // The node port of its own node: the pod there sees the client, the one on the other node the address that node-1 has put in its place.
    [
      'client',
      '192.168.1.11:30080',
      [
        'POLICY_DEFAULT_DENY | egress client allow 10.244.1.10 > 10.244.2.10:8080 | ingress web-2 deny 192.168.1.11 > 10.244.2.10:8080',
        'delivered | egress client allow 10.244.1.10 > 10.244.1.11:8080 | ingress web allow 10.244.1.10 > 10.244.1.11:8080',
      ],
    ],
    // A host port has no masquerade, and is judged as what it stands for.
    [
      'client',
      '192.168.1.11:8088',
      ['delivered | egress client allow 10.244.1.10 > 10.244.1.11:8080 | ingress web allow 10.244.1.10 > 10.244.1.11:8080'],
    ],
    ['node/node-1', '192.168.1.11:8088', ['delivered | ingress web skip own-node']],
  ]);
});

/** A block of one family says nothing of the other. */
describe('blocks of one family', () => {
  const everybody = (cidr: string) => `
networkPolicies: [ { name: web, podSelector: { matchLabels: { app: web } }, ingress: [ { from: [ { ipBlock: { cidr: "${cidr}" } } ] } ] } ]`;
  const ends = (cidr: string) => {
    const network = networkOf(cluster('cni: ptp, networkPolicy: calico', everybody(cidr)));
    return (['IPv4', 'IPv6'] as const).map((family) => {
      const { paths } = askIn(network, 'other', 'web:8080', { family });
      const judged = paths[0]?.forward.hops.flatMap((h) => (h.kind === 'policy' && h.direction === 'ingress' ? [h] : [])).at(0);
      return [judged?.verdict, judged?.candidates.map((c) => c.failed).join()].join(' ');
    });
  };
  test.each([
    ['0.0.0.0/0', ['allow ', 'deny family']],
    ['::/0', ['deny family', 'allow ']],
  ])('%s', (cidr, expected) => expect(ends(cidr)).toEqual(expected));
});

describe('a switched frame', () => {
  const bridged = (sysctls: string) =>
    networkOf(
      cluster('cni: bridge, networkPolicy: kube-router').replace(
        'podCIDRs: [10.244.1.0/24, "fd00:10:244:1::/64"] }',
        `podCIDRs: [10.244.1.0/24, "fd00:10:244:1::/64"], sysctls: { ${sysctls} } }`,
      ),
    );
  const ends = (sysctls: string, destination: string, family: 'IPv4' | 'IPv6') => {
    const trace = askIn(bridged(sysctls), 'client', destination, { family });
    return [trace.outcome, trace.reason?.client ?? null, trace.paths[0]?.forward.hops.flatMap(line).length];
  };
  const judged = ['rejected', 'refused', 2];
  const passed = ['delivered', null, 0];
  const V4 = 'net.bridge.bridge-nf-call-iptables';
  const BOTH = `${V4}: 0, net.bridge.bridge-nf-call-ip6tables: 0`;
  test.each([
    [`${V4}: 1`, 'web:9090', 'IPv4', judged],
    [`${V4}: 0`, 'web:9090', 'IPv4', passed],
    // Each family has a switch of its own.
    [`${V4}: 0, net.bridge.bridge-nf-call-ip6tables: 1`, 'web:9090', 'IPv6', judged],
    [BOTH, 'web:9090', 'IPv6', passed],
    // What is routed is judged all the same: at its own node on the way out, and on the other.
    [BOTH, 'other:80', 'IPv4', ['rejected', 'refused', 1]],
    [BOTH, 'web-2:9090', 'IPv4', judged],
  ] as const)('%s: %s by %s', (sysctls, destination, family, expected) => expect(ends(sysctls, destination, family)).toEqual(expected));
});

describe('IPVS: what it sends on is judged translated', () => {
  table('cni: ptp, networkPolicy: calico, kubeProxy: { mode: ipvs }', [
    [
      'client',
      'svc/shop',
      [
        'delivered | egress client allow 10.244.1.10 > 10.244.1.11:8080 | ingress web allow 10.244.1.10 > 10.244.1.11:8080',
        'delivered | egress client allow 10.244.1.10 > 10.244.2.10:8080 | ingress web-2 allow 10.244.1.10 > 10.244.2.10:8080',
      ],
    ],
    [
      'other',
      'svc/shop',
      [
        'POLICY_DEFAULT_DENY | egress other none 10.244.2.11 > 10.244.1.11:8080 | ingress web deny 10.244.2.11 > 10.244.1.11:8080',
        'POLICY_DEFAULT_DENY | egress other none 10.244.2.11 > 10.244.2.10:8080 | ingress web-2 deny 10.244.2.11 > 10.244.2.10:8080',
      ],
    ],
    ['client', '192.168.1.11:10250', ['POLICY_DEFAULT_DENY | egress client deny 10.244.1.10 > 192.168.1.11:10250']],
  ]);
});

describe('the protocols of a rule', () => {
  const port = (item: string) => `
networkPolicies: [ { name: web, podSelector: { matchLabels: { app: web } }, ingress: [ { ports: [ ${item} ] } ] } ]`;
  const ends = (item: string) => {
    const network = networkOf(cluster('cni: ptp, networkPolicy: calico', port(item)));
    return (['tcp', 'udp', 'sctp'] as const).filter(
      (protocol) => askIn(network, 'other', 'web-2:8080', { protocol }).outcome === 'delivered',
    );
  };
  test.each([
    ['{ port: 8080 }', ['tcp']],
    ['{}', ['tcp']],
    ['{ protocol: UDP, port: 8080 }', ['udp']],
    ['{ protocol: UDP }', ['udp']],
    ['{ protocol: SCTP, port: 8080 }', ['sctp']],
    ['', ['tcp', 'udp', 'sctp']],
  ])('%s', (item, expected) => expect(ends(item)).toEqual(expected));
});

/** The reply, the third packet and what follows pass by connection tracking: client may be reached by nobody but itself, and web's pods may send nothing. */
test('a known connection is asked about no more', () => {
  const closed = `${POLICIES.replace('podSelector: { matchLabels: { app: web } }\n    ingress:', 'podSelector: { matchLabels: { app: web } }\n    policyTypes: [Ingress, Egress]\n    ingress:').replace('policyTypes: [Egress]', 'policyTypes: [Ingress, Egress]')}`;
  const { paths } = askIn(networkOf(cluster('cni: ptp, networkPolicy: calico', closed)), 'client', 'web-2:8080', { size: 1000 });
  const [path] = paths;
  const known = (...hops: readonly string[]) => hops.map((h) => `${h} skip known-connection`);
  expect([path?.outcome, ...[path?.reply, path?.ack, path?.data].map((w) => w?.hops.flatMap(line))]).toEqual([
    'delivered',
    known('egress web-2', 'ingress client'),
    known('egress client', 'ingress web-2'),
    known('egress client', 'ingress web-2'),
  ]);
  expect(told(askIn(networkOf(cluster('cni: ptp, networkPolicy: calico', closed)), 'web-2', 'client:8080'))).toEqual([
    'POLICY_DEFAULT_DENY | egress web-2 deny 10.244.2.10 > 10.244.1.10:8080',
  ]);
});
