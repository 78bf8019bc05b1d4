import { expect, test } from 'vitest';
import { breachesOf, input, networkFrom } from '../advice/law.ts';
import { askIn, networkOf } from '../tracing.ts';

/** Calico's host ends answer ARP only where their node has a route to what is asked for: without a gateway it has none. */
const CLUSTER = `apiVersion: k8s-trace/v1
kind: Topology
cluster: { podCIDR: 10.244.0.0/16, cni: calico }
nodes:
  - { name: node-1, ip: 192.168.1.1, podCIDR: 10.244.1.0/24 }
  - { name: node-2, ip: 192.168.1.12, podCIDR: 10.244.2.0/24 }
pods: [ { name: a, node: node-1, ip: 10.244.1.10 }, { name: b, node: node-2, ip: 10.244.2.10 } ]
`;

test('a cluster without a way out gets one, with the first address that no node has', () => {
  const { reason } = askIn(networkOf(CLUSTER), 'a', 'b:8080');
  expect(reason?.fix[0]).toContain('internet: { gateway: { ip: 192.168.1.2 } }');
  expect(reason?.remedies[0]?.kind).toBe('edit');
});

test('and the packet arrives', () => {
  const files = input(CLUSTER);
  const network = networkFrom(files);
  if (typeof network === 'string') throw new Error(network);
  const request = { source: 'a', destination: 'b:8080' };
  expect(breachesOf(files, network, request, [request], new Map())).toEqual([]);
  expect(askIn(networkOf(`${CLUSTER}internet: { gateway: { ip: 192.168.1.2 } }\n`), 'a', 'b:8080').outcome).toBe('delivered');
});
