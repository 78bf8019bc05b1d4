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

const classesIn = (text: string): readonly (readonly string[])[] => {
  const loaded = loadNetwork([{ name: 'cluster.yaml', bytes: new TextEncoder().encode(text) }]);
  if (!loaded.ok) throw new Error('the cluster is one');
  const classes = pathClasses(loaded.value);
  const byClass = new Map<number, string[]>();
  for (const pod of loaded.value.cluster.pods.values()) byClass.set(classes.pod(pod), [...(byClass.get(classes.pod(pod)) ?? []), pod.name]);
  return [...byClass.values()];
};

test('pods at the ends of blocks, where Calico has some too, are as the others', () => {
  expect(classesIn(BLOCKS)).toEqual([['first-1', 'within-1', 'last-1', 'first-2', 'within-2', 'last-2'], ['looked-at']]);
});

test('so they are where a plugin without a model is taken to route to each pod', () => {
  expect(classesIn(BLOCKS.replace('cni: calico', 'cni: generic'))).toEqual([
    ['first-1', 'within-1', 'last-1', 'first-2', 'within-2', 'last-2', 'looked-at'],
  ]);
});

test('at the ends of the range of a link are addresses of all on it, and a pod that has one is itself', () => {
  const [topology = '', pods = ''] = BLOCKS.replace('cni: calico', 'cni: bridge').split('pods:\n');
  // Of objects addresses are taken as they are; a plan that has these is refused.
  const objects = [...pods.matchAll(/name: (\S+), node: (\S+), ip: (\S+) /g)].map(([, name = '', node = '', ip = '']) =>
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, namespace: 'default' },
      spec: { nodeName: node, containers: [{ name: 'c', image: 'i' }] },
      status: { phase: 'Running', podIP: ip, podIPs: [{ ip }] },
    }),
  );
  expect(classesIn([topology, ...objects].join('\n---\n'))).toEqual([
    ['first-1'],
    ['within-1', 'within-2', 'looked-at'],
    ['last-1'],
    ['first-2'],
    ['last-2'],
  ]);
});
