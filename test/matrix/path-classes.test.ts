import { expect, test } from 'vitest';
import { loadNetwork } from '../../src/index.ts';
import { pathClasses } from '../../src/matrix/path-classes.ts';

/** The rules of the last node are looked at for all of its kind: what they name of its own is alike on no other. */
const BLOCKS = `apiVersion: k8s-trace/v1
kind: Topology
cluster: { podCIDR: 10.244.0.0/16, serviceCIDR: 10.96.0.0/12, cni: calico }
nodes:
  - { name: node-1, ip: 192.168.1.11, podCIDR: 10.244.1.0/26 }
  - { name: node-2, ip: 192.168.1.12, podCIDR: 10.244.2.0/26 }
  - { name: looked-at, ip: 192.168.1.13, podCIDR: 10.244.3.0/26 }
pods:
  - { name: first-1, node: node-1, ip: 10.244.1.0 }
  - { name: within-1, node: node-1, ip: 10.244.1.5 }
  - { name: last-1, node: node-1, ip: 10.244.1.63 }
  - { name: first-2, node: node-2, ip: 10.244.2.0 }
  - { name: within-2, node: node-2, ip: 10.244.2.17 }
  - { name: last-2, node: node-2, ip: 10.244.2.63 }
  - { name: looked-at, node: looked-at, ip: 10.244.3.5 }
`;

test('a pod at an end of a block, which Calico gives away too, is as those at the same end of other blocks, and not as the rest of its own', () => {
  const loaded = loadNetwork([{ name: 'blocks.yaml', bytes: new TextEncoder().encode(BLOCKS) }]);
  if (!loaded.ok) throw new Error('the cluster is one');
  const classes = pathClasses(loaded.value);
  const byClass = new Map<number, string[]>();
  for (const pod of loaded.value.cluster.pods.values()) byClass.set(classes.pod(pod), [...(byClass.get(classes.pod(pod)) ?? []), pod.name]);
  expect([...byClass.values()]).toEqual([['first-1', 'first-2'], ['within-1', 'within-2'], ['last-1', 'last-2'], ['looked-at']]);
});
