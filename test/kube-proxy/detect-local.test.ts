import { describe, expect, it } from 'vitest';
import { loadNetwork } from '../../src/index.ts';
import { askIn, networkOf } from '../tracing.ts';

/**
 * By what kube-proxy tells packets of pods from others: they are not masqueraded on their way to a ClusterIP, and externalTrafficPolicy Local
 * lets them to any endpoint. Derived from the rules that it writes (IfLocal and IfNotLocal of pkg/proxy/util/iptables/traffic.go); all of it
 * agreed with a kernel.
 */
const topology = (kubeProxy: string, more = '') => `apiVersion: k8s-trace/v1
kind: Topology
cluster: { podCIDR: 10.244.0.0/16, serviceCIDR: 10.96.0.0/12, masquerade: none, kubeProxy: ${kubeProxy}${more} }
nodes:
  - { name: node-1, ip: 192.168.1.11, podCIDR: 10.244.1.0/24 }
  - { name: node-2, ip: 192.168.1.12, podCIDR: 10.244.2.0/24 }
pods:
  - { name: a, node: node-1, ip: 10.244.1.10 }
  - { name: b, node: node-1, ip: 10.244.1.11, labels: { app: near } }
  - { name: c, node: node-2, ip: 10.244.2.10, labels: { app: far } }
  - { name: d, node: node-2, ip: 10.244.2.11 }
services:
  - { name: near, clusterIP: 10.96.0.10, selector: { app: near }, ports: [ { port: 80 } ] }
  - { name: far, clusterIP: 10.96.0.11, selector: { app: far }, ports: [ { port: 80 } ] }
  - { name: local, type: NodePort, externalTrafficPolicy: Local, clusterIP: 10.96.0.12, selector: { app: far }, ports: [ { port: 80, nodePort: 30080 } ] }
internet: { gateway: { ip: 192.168.1.1 } }
`;

const BRIDGE = '{ detectLocalMode: BridgeInterface, bridgeInterface: cni0 }';
/** Behind a bridge packets come in by it, and not by the veth. */
const VETH = '{ detectLocalMode: InterfaceNamePrefix, interfaceNamePrefix: veth }';
const NODE = '{ detectLocalMode: NodeCIDR }';
const NOTHING = '{ clusterCIDR: "" }';
const NARROW = '{ clusterCIDR: 10.244.2.0/24 }';

/** Masqueraded to the address of the device that it leaves by: the bridge's to a pod of the same node, else eth0's. */
describe('the source that the endpoint of a ClusterIP sees', () => {
  it.each([
    ['iptables', 'a', 'far', '10.244.1.10'],
    [NODE, 'a', 'far', '10.244.1.10'],
    [BRIDGE, 'a', 'far', '10.244.1.10'],
    [NOTHING, 'a', 'far', '10.244.1.10'],
    [VETH, 'a', 'far', '192.168.1.11'],
    [NARROW, 'a', 'far', '192.168.1.11'],
    [NARROW, 'd', 'near', '10.244.2.11'],
    ['iptables', 'node-1', 'near', '10.244.1.1'],
    [NODE, 'node-1', 'near', '10.244.1.1'],
    [BRIDGE, 'node-1', 'near', '10.244.1.1'],
    [VETH, 'node-1', 'near', '10.244.1.1'],
    // Without a rule it is the one that the process chose, by its way to the ClusterIP.
    [NOTHING, 'node-1', 'near', '192.168.1.11'],
  ])('%s: from %s to %s it is %s', (kubeProxy, source, service, seen) => {
    const [path] = askIn(networkOf(topology(kubeProxy)), source, `svc/${service}`).paths;
    expect([path?.outcome, path?.forward.hops.at(-1)?.packet.source]).toEqual(['delivered', seen]);
  });

  it('a veth without a bridge is where packets come in', () => {
    const [path] = askIn(networkOf(topology(VETH, ', cni: ptp')), 'a', 'svc/far').paths;
    expect(path?.forward.hops.at(-1)?.packet.source).toBe('10.244.1.10');
  });
});

describe('a node port with externalTrafficPolicy Local, on a node without endpoint', () => {
  it.each([
    ['iptables', 'a', 'delivered'],
    // The node lets it through, and the answer of c stays on the bridge of node-2, which knows nothing of the translation.
    ['iptables', 'd', 'ASYMMETRIC_NAT'],
    [NODE, 'a', 'delivered'],
    [NODE, 'd', 'NO_LOCAL_ENDPOINTS'],
    [BRIDGE, 'a', 'delivered'],
    [BRIDGE, 'd', 'NO_LOCAL_ENDPOINTS'],
    [VETH, 'a', 'NO_LOCAL_ENDPOINTS'],
    [NOTHING, 'a', 'NO_LOCAL_ENDPOINTS'],
    // The node itself is let to any endpoint by another rule.
    [NOTHING, 'node-1', 'delivered'],
  ])('%s: %s gets %s', (kubeProxy, source, expected) => {
    const { outcome, reason } = askIn(networkOf(topology(kubeProxy)), source, '192.168.1.11:30080');
    expect(reason?.code ?? outcome).toBe(expected);
  });
});

describe('masqueradeBit', () => {
  it.each([
    ['iptables', 0x4000],
    ['{ masqueradeBit: 5 }', 0x20],
    ['{ masqueradeBit: 31 }', 0x80000000],
  ])('%s: the mark is %i on the way, and asks for masquerading', (kubeProxy, mark) => {
    const [path] = askIn(networkOf(topology(kubeProxy)), 'node-1', 'svc/near').paths;
    expect(path?.forward.hops.map((h) => h.mark)).toContain(mark);
    expect(path?.forward.hops.at(-1)?.packet.source).toBe('10.244.1.1');
  });
});

describe('what is wrong in the configuration', () => {
  const said = (kubeProxy: string) => {
    const loaded = loadNetwork([{ name: 'x.yaml', bytes: new TextEncoder().encode(topology(kubeProxy)) }]);
    return loaded.ok ? [] : loaded.diagnostics.map((d) => [d.code, d.place?.field, d.message]);
  };

  it.each([
    ['{ detectLocalMode: BridgeInterface }', 'missing-field', 'bridgeInterface', 'this field is missing'],
    ['{ detectLocalMode: InterfaceNamePrefix }', 'missing-field', 'interfaceNamePrefix', 'this field is missing'],
    ['{ bridgeInterface: cni0 }', 'bad-value', 'bridgeInterface', 'this is read with detectLocalMode BridgeInterface only'],
    ['{ mode: none, localhostNodePorts: true }', 'bad-value', 'localhostNodePorts', 'mode none has no node ports'],
    [
      '{ mode: nftables, localhostNodePorts: false }',
      'bad-value',
      'localhostNodePorts',
      'this is read with mode iptables only: in mode nftables no node port answers on 127.0.0.1',
    ],
    ['{ mode: nftables, strictARP: true }', 'bad-value', 'strictARP', 'this is read with mode ipvs only'],
    ['{ scheduler: rr }', 'bad-value', 'scheduler', 'this is read with mode ipvs only'],
    ['{ mode: ipvs, localhostNodePorts: true }', 'bad-value', 'localhostNodePorts', 'this is read with mode iptables only'],
    ['{ mode: nftables, localhostNodeport: true }', 'unknown-field', 'localhostNodeport', 'unknown field'],
    ['{ mode: nftable }', 'bad-value', 'mode', expect.stringMatching(/iptables, nftables/)],
    ['{ clusterCIDR: "10.244.0.0/16,nonsense" }', 'bad-value', 'clusterCIDR', 'expected a prefix, as 10.244.0.0/16 or fd00:10:244::/56'],
    ['{ clusterCIDR: 10.244.1.0/16 }', 'bad-value', 'clusterCIDR', '10.244.1.0/16 has host bits set'],
    ['{ masqueradeBit: 32 }', 'bad-value', 'masqueradeBit', 'expected a whole number from 0 to 31'],
    ['{ detectLocalMode: NodeCidr }', 'bad-value', 'detectLocalMode', expect.stringMatching(/^expected ClusterCIDR, NodeCIDR/)],
    ['{ clusterCIDR: "fd00::/64" }', 'wrong-ip-family', 'clusterCIDR', 'this is IPv6, and the cluster has IPv4 only'],
  ])('%s', (kubeProxy, code, field, message) => {
    expect(said(kubeProxy).map(([c, f, m]) => [c, String(f).replace(/^cluster\.kubeProxy\.|\[0\]$/g, ''), m])).toEqual([
      [code, field, message],
    ]);
  });

  it.each(['{ clusterCIDR: "10.244.0.0/16" }', '{ clusterCIDR: [ 10.244.0.0/16 ] }'])('%s is fine', (kubeProxy) => {
    expect(said(kubeProxy)).toEqual([]);
  });
});
