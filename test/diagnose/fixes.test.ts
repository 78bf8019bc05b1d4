import { expect, test } from 'vitest';
import { ask, askIn, networkOf } from '../tracing.ts';

/** What a fix names, it has from the facts of the failure: ports, MTUs, sysctls and routes of this one, and of no other machine. */

const FILE = `apiVersion: k8s-trace/v1
kind: Topology
cluster: { podCIDR: 10.244.0.0/16, serviceCIDR: 10.96.0.0/12 }
nodes:
  - { name: node-1, ip: 192.168.1.11, podCIDR: 10.244.1.0/24 }
  - { name: node-2, ip: 192.168.1.12, podCIDR: 10.244.2.0/24 }
pods:
  - { name: client, node: node-1, ip: 10.244.1.2 }
  - { name: shop, node: node-1, ip: 10.244.1.3, labels: { app: shop }, containers: [{ name: nginx, ports: [{ containerPort: 8080 }] }] }
  - { name: far, node: node-2, ip: 10.244.2.2 }
services:
  - { name: shop, clusterIP: 10.96.0.10, selector: { app: shop }, ports: [{ port: 80, targetPort: 8080 }] }
internet: { gateway: { ip: 192.168.1.1 } }
`;
const LINES = { cluster: 'serviceCIDR: 10.96.0.0/12', 'node-1': 'podCIDR: 10.244.1.0/24', 'node-2': 'podCIDR: 10.244.2.0/24' };

interface Row {
  readonly line: keyof typeof LINES;
  readonly add: string;
  readonly from: string;
  readonly to: string;
  readonly size?: number;
  readonly fix: string;
}

test.each<Row>([
  {
    line: 'cluster',
    add: 'cni: { plugin: bridge, hairpinMode: false }',
    from: 'pod/shop',
    to: 'svc/shop',
    fix: 'turn hairpin mode on: cluster.cni.hairpinMode: true (x.yaml:3 turns it off)',
  },
  {
    line: 'node-1',
    add: 'devices: { veth1: { hairpin: false } }',
    from: 'pod/shop',
    to: 'svc/shop',
    fix: 'turn hairpin mode on: take hairpin: false away from veth1 of node-1 (x.yaml:5 turns it off)',
  },
  {
    line: 'node-2',
    add: 'devices: { veth0: { mtu: 900 } }',
    from: 'client',
    to: 'far:80',
    size: 1400,
    fix: 'send smaller packets: set cluster.cni.mtu to 900, the smallest on the way (now 1500; x.yaml:3)',
  },
  // A datagram does not get to the device that it does not fit into: only the failure knows its MTU. No two ends agree on less.
  {
    line: 'node-2',
    add: 'devices: { veth0: { mtu: 900 } }',
    from: 'client',
    to: 'far:80/udp',
    size: 1400,
    fix: 'send at most 900 bytes at once, headers included, which is what the smallest device on the way takes',
  },
  {
    line: 'node-2',
    add: 'devices: { veth0: { up: false } }',
    from: 'client',
    to: 'far:80',
    fix: 'set veth0 up (x.yaml:6 says that it is down); on the machine: ip link set veth0 up',
  },
  {
    line: 'node-1',
    add: 'sysctls: { net.ipv4.conf.cni0.forwarding: 0 }',
    from: 'client',
    to: 'far:80',
    fix: 'set net.ipv4.conf.cni0.forwarding to 1 on node-1 (x.yaml:5 sets it to 0); on the machine: sysctl -w net.ipv4.conf.cni0.forwarding=1',
  },
  {
    line: 'node-1',
    add: 'sysctls: { net.ipv4.conf.default.forwarding: 0 }',
    from: 'client',
    to: 'far:80',
    fix: 'set net.ipv4.conf.default.forwarding to 1 on node-1 (x.yaml:5 sets it to 0); on the machine: sysctl -w net.ipv4.ip_forward=1',
  },
  {
    line: 'node-1',
    add: 'routes: { remove: [10.244.2.0/24, default] }',
    from: 'client',
    to: 'far:80',
    fix: 'put the route back: take 10.244.2.0/24 out of routes.remove (x.yaml:5)',
  },
  // Of two that fit, the one that the kernel would have taken.
  {
    line: 'node-1',
    add: 'routes: { remove: [default, 10.244.2.0/24] }',
    from: 'client',
    to: 'far:80',
    fix: 'put the route back: take 10.244.2.0/24 out of routes.remove (x.yaml:5)',
  },
  {
    line: 'node-1',
    add: 'neighbours: [{ ip: 192.168.1.12, dev: eth0, state: failed }]',
    from: 'client',
    to: 'far:80',
    fix: 'take the failed neighbour entry away (x.yaml:5); on the machine: see that the other one is up and on the same link',
  },
])('$add: $from to $to', ({ line, add, from, to, size, fix }) => {
  const network = networkOf(FILE.replace(LINES[line], `${LINES[line]}, ${add}`));
  expect(askIn(network, from, to, size === undefined ? {} : { size }).reason?.fix[0]).toBe(fix);
});

/** The end that differs from all the others is the one that is stated for itself, whichever the packet comes from. */
const OVERLAY = `apiVersion: k8s-trace/v1
kind: Topology
cluster: { podCIDR: 10.244.0.0/16, CNI }
nodes:
  - { name: node-1, ip: 192.168.1.11, podCIDR: 10.244.1.0/24 }
  - { name: node-2, ip: 192.168.1.12, podCIDR: 10.244.2.0/24 }
  - { name: node-3, ip: 192.168.1.13, podCIDR: 10.244.3.0/24 }
pods:
  - { name: a, node: node-1, ip: 10.244.1.2 }
  - { name: b, node: node-2, ip: 10.244.2.2 }
internet: { gateway: { ip: 192.168.1.1 } }
`;

test.each([
  ['cni: flannel', 'devices: { flannel.1: { vni: 7 } }', 'flannel.1', 'vni'],
  ['cni: flannel', 'devices: { flannel.1: { vni: 7, port: 4789 } }', 'flannel.1', 'vni and port'],
  ['cni: flannel', 'cni: { backend: { port: 4789 } }', 'flannel.1', 'backend'],
  ['cni: { plugin: canal, backend: vxlan }', 'cni: { backend: { vni: 7 } }', 'flannel.7', 'backend'],
  ['cni: { plugin: calico, vxlanMode: Always }', 'cni: { vxlanPort: 8472, vxlanVNI: 7 }', 'vxlan.calico', 'vxlanVNI and vxlanPort'],
])('%s, %s: both directions cite the node, and mend it', (cni, own, device, fields) => {
  const network = networkOf(OVERLAY.replace('CNI', cni).replace('10.244.1.0/24', `10.244.1.0/24, ${own}`));
  for (const [from = '', to = ''] of [
    ['a', 'b:80'],
    ['b', 'a:80'],
  ]) {
    const { reason } = askIn(network, from, to);
    expect(reason?.code).toBe('TUNNEL_MISMATCH');
    expect(reason?.source).toMatchObject({ line: 5, object: 'Node/node-1' });
    expect(reason?.fix).toEqual([
      `give ${device} of node-1 the VNI and the UDP port of the other nodes: take ${fields} away, which the node states for itself (x.yaml:5)`,
    ]);
  }
});

test('what else is in the way of the answer is mended where the answer ends', () => {
  const { reason, alsoBlockedBy } = ask('cases/router-without-pod-routes.yaml', 'client', 'shop-1:80');
  expect([reason, ...alsoBlockedBy].map((r) => [r?.message, r?.fix[0]?.replace(/^.*: \{/, '{')])).toEqual([
    ['r1 has no route to 10.244.2.20', '{ to: 10.244.2.0/24, via: 192.168.2.12 }'],
    ['on the way back, r1 has no route to 10.244.1.20', '{ to: 10.244.1.0/24, via: 192.168.1.11 }'],
    ['nothing in default/shop-1 listens on 10.244.2.20:80/tcp', expect.stringMatching(/^shop-1 listens on 8080\/tcp .*: call 8080\/tcp$/)],
  ]);
});
