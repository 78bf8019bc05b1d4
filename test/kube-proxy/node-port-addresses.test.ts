import { describe, expect, it } from 'vitest';
import { askIn, networkOf } from '../tracing.ts';

/** Which addresses of a node answer node ports, derived from NewNodePortAddresses (pkg/proxy/util/nodeport_addresses.go). */
const topology = (kubeProxy: string) => `apiVersion: k8s-trace/v1
kind: Topology
cluster: { podCIDRs: [ 10.244.0.0/16, fd00:10:244::/56 ], serviceCIDRs: [ 10.96.0.0/12, fd00:10:96::/112 ], kubeProxy: ${kubeProxy} }
nodes:
  - { name: node-1, ips: [ 192.168.1.11, fd00:192::11 ], podCIDRs: [ 10.244.1.0/24, fd00:10:244:1::/64 ], addresses: [ { dev: eth0, ip: 192.168.1.50 } ] }
pods:
  - { name: b, node: node-1, labels: { app: web } }
services:
  - { name: web, type: NodePort, ipFamilyPolicy: RequireDualStack, clusterIPs: [ 10.96.0.10, fd00:10:96::10 ], selector: { app: web }, ports: [ { port: 80, nodePort: 30080 } ] }
internet:
  gateway: { ips: [ 192.168.1.1, fd00:192::1 ] }
`;

const answer = (kubeProxy: string, address: string) => {
  const { outcome, reason } = askIn(networkOf(topology(kubeProxy)), 'b', `${address.includes(':') ? `[${address}]` : address}:30080`);
  return reason?.code ?? outcome;
};

describe('nodePortAddresses', () => {
  it.each([
    ['iptables', '192.168.1.11', 'delivered'],
    ['iptables', '192.168.1.50', 'delivered'],
    ['{ nodePortAddresses: [ 192.168.1.11/32 ] }', '192.168.1.11', 'delivered'],
    ['{ nodePortAddresses: [ 192.168.1.11/32 ] }', '192.168.1.50', 'NOBODY_LISTENS'],
    // Nothing is said of the other family.
    ['{ nodePortAddresses: [ 192.168.1.11/32 ] }', 'fd00:192::11', 'delivered'],
    ['{ nodePortAddresses: [ "fd00:192::/64" ] }', '192.168.1.50', 'delivered'],
    ['{ nodePortAddresses: [ "fd00:193::/64" ] }', 'fd00:192::11', 'NOBODY_LISTENS'],
    ['{ nodePortAddresses: [ 192.168.1.11/32, 0.0.0.0/0 ] }', '192.168.1.50', 'delivered'],
  ])('%s: %s is %s', (kubeProxy, address, expected) => expect(answer(kubeProxy, address)).toBe(expected));
});
