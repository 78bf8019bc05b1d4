import { describe, expect, test } from 'vitest';
import { changeText, diffOf } from './diffing.ts';

/** Two machines with a pod network of their own. */
const NODES = `apiVersion: k8s-trace/v1
kind: Topology
cluster: { podCIDR: 10.244.0.0/16, serviceCIDR: 10.96.0.0/12, cni: bridge, networkPolicy: calico }
nodes:
  - { name: node-1, ip: 192.168.1.11, podCIDR: 10.244.1.0/24 }
  - { name: node-2, ip: 192.168.1.12, podCIDR: 10.244.2.0/24 }
`;

interface Pod {
  readonly name: string;
  readonly owner?: string;
  readonly node: 1 | 2;
  readonly ip: string;
  readonly port: number;
}

const podText = ({ name, owner, node, ip, port }: Pod): string => `---
apiVersion: v1
kind: Pod
metadata:
  name: ${name}
  labels: { app: ${owner ?? name}, member: ${name} }
${owner === undefined ? '' : `  ownerReferences: [ { apiVersion: apps/v1, kind: StatefulSet, name: ${owner}, uid: ${owner}, controller: true } ]\n`}spec:
  nodeName: node-${node}
  containers: [ { name: app, image: app, ports: [ { containerPort: ${port} } ] } ]
status: { phase: Running, podIP: ${ip}, podIPs: [ { ip: ${ip} } ] }
`;

const CLIENT: Pod = { name: 'client', node: 1, ip: '10.244.1.10', port: 7000 };
const member = (i: number, node: 1 | 2): Pod => ({ name: `db-${i}`, owner: 'db', node, ip: `10.244.${node}.2${i}`, port: 5432 });

/** Nobody may call these members of db. */
const shut = (members: readonly string[]): string => `---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: shut, namespace: default }
spec:
  podSelector: { matchExpressions: [ { key: member, operator: In, values: [ ${members.join(', ')} ] } ] }
  policyTypes: [ Ingress ]
`;

const world = (pods: readonly Pod[], closed: readonly string[]): string => NODES + [...pods.map(podText), shut(closed)].join('');

const FOUR = [CLIENT, ...[0, 1, 2, 3].map((i) => member(i, 2))];
const DROPPED = 'dropped (POLICY_DEFAULT_DENY)';

describe('members that take the places of others', () => {
  test.each<[string, readonly string[], readonly string[], readonly string[]]>([
    // One of four each, in both directions; the others are as before.
    [
      'a policy that selects another member',
      ['db-0'],
      ['db-1'],
      [
        `lost: now ${DROPPED} for 25 % of the pairs; before delivered for 25 % of the pairs`,
        `gained: now delivered for 25 % of the pairs; before ${DROPPED} for 25 % of the pairs`,
      ],
    ],
    // db-3 was the only one that could be called, and is not any more: the share, 25 % and then 50 %, tells of gains only.
    [
      'more is gained than lost',
      ['db-0', 'db-1', 'db-2'],
      ['db-2', 'db-3'],
      [
        `lost: now ${DROPPED} for 25 % of the pairs; before delivered for 25 % of the pairs`,
        `gained: now delivered for 50 % of the pairs; before delivered for 25 % of the pairs, ${DROPPED} for 75 % of the pairs`,
      ],
    ],
    // Only gains: what had been delivered is said.
    [
      'nothing is lost',
      ['db-0', 'db-1', 'db-2'],
      ['db-0'],
      [`gained: now delivered for 75 % of the pairs; before delivered for 25 % of the pairs, ${DROPPED} for 75 % of the pairs`],
    ],
    ['another order of the same', ['db-0', 'db-1'], ['db-1', 'db-0'], []],
  ])('%s', (_, before, after, expected) => {
    const { changes } = diffOf(world(FOUR, before), world(FOUR, after), { from: ['client'], to: ['workloads'] });
    expect(changes.map((c) => `${c.kind}: ${c.what}`)).toEqual(expected);
    const causes = changes.map((c) => [...new Set(c.causes.map((cause) => cause.object))]);
    expect(causes).toEqual(expected.map(() => ['NetworkPolicy/default/shut']));
    for (const { from, to, ports } of changes)
      expect([from, to, ports]).toEqual(['Pod/default/client', 'StatefulSet/default/db', ['5432']]);
  });

  // Machines reach the pods on them, whatever policies say (Kubernetes: traffic of a pod's own node is let through).
  test('a pod that moves: its old node loses, its new one gains', () => {
    const [before, after] = [1, 2].map((node) => world([CLIENT, member(0, node as 1 | 2)], ['db-0']));
    const { same, changes } = diffOf(before ?? '', after ?? '', { from: ['nodes'], to: ['workloads'] });
    expect(same).toBe(false);
    expect(changes.map((c) => [changeText(c), c.causes.map((cause) => cause.object)[0]])).toEqual([
      ['lost Node/nodes -> StatefulSet/default/db 5432/tcp: delivered 0.50, POLICY_DEFAULT_DENY 0.50', 'Pod/default/db-0'],
      ['gained Node/nodes -> StatefulSet/default/db 5432/tcp: POLICY_DEFAULT_DENY 0.50, delivered 0.50', 'Pod/default/db-0'],
    ]);
  });
});
