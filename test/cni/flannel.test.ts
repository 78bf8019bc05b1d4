import { expect, test } from 'vitest';
import { askIn, networkOf } from '../tracing.ts';

/** What flannel's two parts do with one option. Source: flannel-io/cni-plugin, flannel_linux.go; flannel-io/flannel, pkg/backend/vxlan/device.go. */
const traced = (cni: string, to: string, size?: number) => {
  const text = `apiVersion: k8s-trace/v1
kind: Topology
cluster: { podCIDR: 10.244.0.0/16, cni: ${cni} }
nodes:
  - { name: n1, ip: 192.168.1.11, podCIDR: 10.244.1.0/24 }
  - { name: n2, ip: 192.168.1.12, podCIDR: 10.244.2.0/24 }
pods:
  - { name: a, node: n1, ip: 10.244.1.10 }
  - { name: b, node: n1, ip: 10.244.1.11 }
  - { name: d, node: n2, ip: 10.244.2.11 }
`;
  return askIn(networkOf(text), 'a', to, size === undefined ? {} : { size });
};

test.each([
  ['flannel', 'd:80', '10.244.1.10'],
  ['{ plugin: flannel, ipMasq: false }', 'd:80', '10.244.1.0'],
  ['{ plugin: flannel, ipMasq: false, backend: host-gw }', 'd:80', '192.168.1.11'],
  ['{ plugin: flannel, ipMasq: false }', 'b:80', '10.244.1.10'],
  ['{ plugin: flannel, ipMasq: false, delegate: { ipMasq: false } }', 'd:80', '10.244.1.10'],
  ['{ plugin: flannel, delegate: { ipMasq: true } }', 'd:80', '10.244.1.0'],
  // Calico's plugin, which connects canal's pods, is told nothing of it.
  ['{ plugin: canal, ipMasq: false, backend: host-gw }', 'n2:80', '10.244.1.10'],
])('%s: to %s it comes from %s', (cni, to, source) => {
  expect(traced(cni, to).paths[0]?.forward.hops.at(-1)?.packet.source).toBe(source);
});

const SEVERAL = `apiVersion: k8s-trace/v1
kind: Topology
cluster: { podCIDR: 10.244.0.0/16, cni: CNI }
nodes:
  - { name: n1, ip: 192.168.1.11, podCIDR: 10.244.1.0/24, routes: { add: [ { to: 192.168.2.0/24, dev: eth0 } ] } }
  - { name: n2, ip: 192.168.1.12, podCIDR: 10.244.2.0/24 }
  - { name: n3, ip: 192.168.2.13, podCIDR: 10.244.3.0/24, routes: { add: [ { to: 192.168.1.0/24, dev: eth0 } ] } }
pods:
  - { name: a, node: n1, ip: 10.244.1.10 }
  - { name: b, node: n2, ip: 10.244.2.10 }
  - { name: c, node: n3, ip: 10.244.3.10 }
`;

// vxlan_network.go takes the direct route where the kernel has the other node on link; a stated route to its prefix is none of flannel's.
test.each([
  ['{ plugin: flannel, backend: { directRouting: true } }', 'b:80', false],
  ['{ plugin: flannel, backend: { directRouting: true } }', 'c:80', true],
  ['flannel', 'b:80', true],
])('%s, nodes in two prefixes on one switch: to %s by the tunnel: %s', (cni, to, isTunnelled) => {
  const { outcome, paths } = askIn(networkOf(SEVERAL.replace('CNI', cni)), 'a', to);
  expect([outcome, paths[0]?.forward.hops.some((h) => h.kind === 'encap')]).toEqual(['delivered', isTunnelled]);
});

test('mtu is that of the pods, and the tunnel keeps what the NIC leaves', () => {
  const { reason } = traced('{ plugin: flannel, mtu: 1500 }', 'd:80/udp', 1480);
  expect([reason?.code, reason?.message]).toEqual(['MTU_EXCEEDED', expect.stringContaining('1450')]);
});
