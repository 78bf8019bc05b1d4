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

  // The host port is the node port: whoever translates first has it.
  const samePort = (kubeProxy: string) =>
    topology(kubeProxy).replace(
      'services:',
      '  - { name: h, node: node-1, containers: [ { name: h, ports: [ { containerPort: 8080, hostPort: 30080 } ] } ] }\nservices:',
    );
  const other = 'OUTPUT of node-1 would do otherwise, and the connection would be delivered to 10.244.1.3:8080, from 192.168.1.11';

  test.each([
    ['{ mode: nftables }', '10.244.1.2', other],
    ['{ mode: nftables, registered: afterCNI }', '10.244.1.2', null],
    ['{ mode: nftables, registered: beforeCNI }', '10.244.1.3', null],
    // One table: its rules come one after the other.
    ['{ mode: iptables }', '10.244.1.2', null],
  ])('%s: a node port that is a host port, too, leads to %s; what is assumed: %s', (kubeProxy, endpoint, assumed) => {
    const trace = askIn(networkOf(samePort(kubeProxy)), 'node-1', '192.168.1.11:30080');
    expect(trace.paths.map((p) => p.endpoint?.ip)).toEqual([endpoint]);
    const said = trace.assumptions.filter((a) => a.message.includes('registered'));
    expect(said.map((a) => a.message)).toEqual(assumed === null ? [] : [expect.stringContaining(assumed)]);
  });

  test('where the order does not matter, nothing is assumed', () => {
    const network = networkOf(samePort('{ mode: nftables }'));
    for (const destination of ['10.96.0.11:80', 'h:8080'])
      expect(askIn(network, 'node-1', destination).assumptions.filter((a) => a.message.includes('registered'))).toEqual([]);
  });
});
