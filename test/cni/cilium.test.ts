import { describe, expect, test } from 'vitest';
import { file, told } from '../topology/sources.ts';
import { askIn, crossings, networkOf } from '../tracing.ts';

/** Derived by hand from Cilium's documents: no kernel was asked. Host ends: lxc and SHA-1 of NAMESPACE.NAME. */
const topology = (keys: string, more = '') => `apiVersion: k8s-trace/v1
kind: Topology
cluster: { podCIDR: 10.244.0.0/16, serviceCIDR: 10.96.0.0/12, cni: { plugin: cilium${keys} }${more} }
nodes:
  - { name: node-1, ip: 192.168.1.11, podCIDR: 10.244.1.0/24 }
  - { name: node-2, ip: 192.168.1.12, podCIDR: 10.244.2.0/24 }
pods:
  - { name: a, node: node-1, ip: 10.244.1.10, veth: lxc-a }
  - { name: d, node: node-2, ip: 10.244.2.11, veth: lxc-d, labels: { app: d } }
services:
  - { name: d, type: NodePort, clusterIP: 10.96.0.11, selector: { app: d }, ports: [ { port: 80, nodePort: 30080 } ] }
internet: { gateway: { ip: 192.168.1.1, publicIP: 203.0.113.1 } }
`;
const A = '10.244.1.10';
const D = '10.244.2.11';
const firstOf = (keys: string, source: string, destination: string, more = '') =>
  crossings(askIn(networkOf(topology(keys, more)), source, destination).paths[0]?.forward ?? null);

const tunnelled = (device: string) => [
  `a eth0 out ${A} > ${D}`,
  `node-1 lxc-a in ${A} > ${D}`,
  `node-1 ${device} out ${A} > ${D}`,
  'node-1 eth0 out 192.168.1.11 > 192.168.1.12',
  'node-2 eth0 in 192.168.1.11 > 192.168.1.12',
  `node-2 ${device} in ${A} > ${D}`,
  `node-2 lxc-d out ${A} > ${D}`,
  `d eth0 in ${A} > ${D}`,
];

describe('cilium', () => {
  test.each([
    ['', 'cilium_vxlan', 8472, 1450],
    [', tunnelProtocol: geneve, tunnelPort: 6081', 'cilium_geneve', 6081, 1450],
    [', mtu: 1400', 'cilium_vxlan', 8472, 1400],
  ])('a tunnel carries packets of pods as they are{%s}', (keys, device, port, mtu) => {
    const network = networkOf(topology(keys));
    const { paths, outcome } = askIn(network, 'a', 'pod/d:80');
    expect([outcome, crossings(paths[0]?.forward ?? null)]).toEqual(['delivered', tunnelled(device)]);
    const encap = paths[0]?.forward.hops.find((h) => h.kind === 'encap');
    expect(encap).toMatchObject({ tunnel: { type: device.replace('cilium_', ''), vni: null, port } });
    expect(network.datapath.netns('default/a')?.devices.get('eth0')?.mtu).toBe(mtu);
  });

  test('native routing: by the nodes, without a tunnel', () => {
    expect(firstOf(', routingMode: native', 'a', 'pod/d:80')).toEqual(
      ['a eth0 out', 'node-1 lxc-a in', 'node-1 eth0 out', 'node-2 eth0 in', 'node-2 lxc-d out', 'd eth0 in'].map(
        (p) => `${p} ${A} > ${D}`,
      ),
    );
  });

  test.each([
    ['masquerades what leaves the range of the pods', '', 'node-1 eth0 out 192.168.1.11 > 198.51.100.1'],
    ['not where that is off', ', enableIPv4Masquerade: false', `node-1 eth0 out ${A} > 198.51.100.1`],
    ['not what is in ipv4NativeRoutingCIDR', ', ipv4NativeRoutingCIDR: 198.51.100.0/24', `node-1 eth0 out ${A} > 198.51.100.1`],
    ['by BPF it is shown alike', ', bpfMasquerade: true', 'node-1 eth0 out 192.168.1.11 > 198.51.100.1'],
  ])('%s', (_, keys, crossing) => {
    expect(firstOf(keys, 'a', '198.51.100.1:443')).toContain(crossing);
  });

  test('kubeProxyReplacement: a ClusterIP is replaced in the call, a node port packet by packet, though kube-proxy is not there', () => {
    const keys = ', kubeProxyReplacement: true';
    expect(firstOf(keys, 'a', '10.96.0.11:80', ', kubeProxy: none')[0]).toBe(`a eth0 out ${A} > ${D}`);
    expect(firstOf('', 'a', '10.96.0.11:80')[0]).toBe(`a eth0 out ${A} > 10.96.0.11`);
    expect(askIn(networkOf(topology(keys, ', kubeProxy: none')), 'a', '192.168.1.12:30080').outcome).toBe('delivered');
    expect(firstOf(keys, 'a', '10.96.0.11:80', ', socketLB: { enabled: false }')[0]).toBe(`a eth0 out ${A} > 10.96.0.11`);
  });

  test('each trace says that it is modelled; a failure is one all the same', () => {
    const network = networkOf(
      topology('').replace('10.244.2.0/24 }', '10.244.2.0/24, firewall: { input: [ { action: deny, ports: [8472/udp] } ] } }'),
    );
    const { reason, assumptions } = askIn(network, 'a', 'pod/d:80');
    expect(reason?.code).toBe('TUNNEL_FILTERED');
    expect(assumptions.map((a) => a.message)).toContain(
      'cilium is modelled, not verified against a kernel: BPF programs do what is shown as routes and rules',
    );
  });

  test('keys of a tunnel without one', () => {
    expect(told(file(topology(', routingMode: native, tunnelPort: 1'))).map((d) => d.place?.field)).toEqual(['cluster.cni.tunnelPort']);
  });
});
