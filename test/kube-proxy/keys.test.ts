import { describe, expect, test } from 'vitest';
import { file, told } from '../topology/sources.ts';
import { askIn, networkOf } from '../tracing.ts';

const topology = (kubeProxy: string) => `apiVersion: k8s-trace/v1
kind: Topology
cluster: { podCIDR: 10.244.0.0/16, serviceCIDR: 10.96.0.0/12, kubeProxy: ${kubeProxy} }
nodes:
  - { name: node-1, ip: 192.168.1.11, podCIDR: 10.244.1.0/24, addresses: [ { ip: 192.168.99.1, dev: lo } ] }
pods:
  - { name: d, node: node-1, labels: { app: d } }
services:
  - { name: d, type: NodePort, clusterIP: 10.96.0.11, selector: { app: d }, ports: [ { port: 80, targetPort: 8080, nodePort: 30080 } ] }
`;

describe('nodePortAddresses: [primary] is the ip of the node, in any mode', () => {
  test.each([
    ['{ nodePortAddresses: [primary] }', '192.168.1.11', 'delivered'],
    ['{ nodePortAddresses: [primary] }', '192.168.99.1', 'rejected'],
    ['{ nodePortAddresses: [primary] }', '127.0.0.1', 'rejected'],
    ['{ mode: iptables }', '192.168.99.1', 'delivered'],
    ['{ mode: nftables, nodePortAddresses: [primary] }', '192.168.1.11', 'delivered'],
    ['{ mode: nftables }', '192.168.99.1', 'rejected'],
    ['{ mode: nftables, nodePortAddresses: [192.168.99.0/24] }', '192.168.99.1', 'delivered'],
  ])('%s: %s', (kubeProxy, address, outcome) => {
    expect(askIn(networkOf(topology(kubeProxy)), 'node-1', `${address}:30080`).outcome).toBe(outcome);
  });

  test('it stands alone', () => {
    expect(told(file(topology('{ nodePortAddresses: [primary, 10.0.0.0/8] }'))).map((d) => d.place?.field)).toEqual([
      'cluster.kubeProxy.nodePortAddresses',
    ]);
  });
});

// Of two base chains at one hook with one priority the one that was registered last runs first.
describe('registered: whose base chains came first', () => {
  const natChains = (kubeProxy: string) => {
    const hooks = networkOf(topology(kubeProxy)).datapath.netns('node-1')?.rulesets.IPv4.hooks.POSTROUTING ?? [];
    return hooks.flatMap((h) => (h.kind === 'nat' ? h.chains.map((c) => c.table.name) : []));
  };

  test.each([
    ['{ mode: nftables }', ['kube-proxy', 'nat']],
    ['{ mode: nftables, registered: afterCNI }', ['kube-proxy', 'nat']],
    ['{ mode: nftables, registered: beforeCNI }', ['nat', 'kube-proxy']],
  ])('%s: the masquerading of %s is asked in this order', (kubeProxy, order) => {
    expect(natChains(kubeProxy)).toEqual(order);
  });
});
