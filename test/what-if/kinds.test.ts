import { describe, expect, test } from 'vitest';
import { answer, listOf, OBJECTS, supposed, TOPOLOGY, traced } from './inputs.ts';

/** One row a change; the answers are worked out from what the change does to the shop of inputs.ts. */

const topology = (lists: string) => `apiVersion: k8s-trace/v1\nkind: Topology\n${lists}`;
const object = (kind: string, name: string, rest: string, apiVersion = 'v1') =>
  `apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata: { name: ${name}, namespace: shop }\n${rest}`;
const policy = (name: string, rest: string) => object('NetworkPolicy', name, rest, 'networking.k8s.io/v1');

type Row = readonly [what: string, patch: string | null, without: readonly string[], question: string, before: string, after: string];

/** These are asked of the Topology and of the objects. */
const EITHER: readonly Row[] = [
  ['a policy that is gone', null, ['networkpolicy/shop/deny-db'], 'a d:8080', 'rejected POLICY_DEFAULT_DENY', 'delivered'],
  ['a policy by its short name', null, ['netpol/deny-db'], 'a d:8080', 'rejected POLICY_DEFAULT_DENY', 'delivered'],
  ['a namespace in front', null, ['shop/netpol/deny-db'], 'a d:8080', 'rejected POLICY_DEFAULT_DENY', 'delivered'],
  ['a pod that is gone', null, ['pod/c'], 'a svc/web', 'delivered 10.244.1.11,10.244.2.10', 'delivered 10.244.1.11'],
  ['two pods, with a comma', null, ['pod/b,pod/c'], 'a svc/web', 'delivered 10.244.1.11,10.244.2.10', 'rejected NO_ENDPOINTS'],
  ['a node that is down: endpoints', null, ['node/node-2'], 'a svc/web', 'delivered 10.244.1.11,10.244.2.10', 'delivered 10.244.1.11'],
  ['a node that is down: the node', null, ['no/node-2'], 'a node/node-2', 'delivered', 'rejected LINK_DOWN'],
  ['a node that is down: from its pods', null, ['node/node-2'], 'c b:8080', 'delivered', 'rejected NODE_NOT_READY'],
  ['a node that is down: within it', null, ['node/node-2'], 'c d:8080', 'rejected POLICY_DEFAULT_DENY', 'rejected NODE_NOT_READY'],
  ['a node that is down: from itself', null, ['node/node-2'], 'node/node-2 b:8080', 'delivered', 'rejected NODE_NOT_READY'],
  [
    'a policy that is added',
    policy('all', 'spec: { podSelector: {}, policyTypes: [ Ingress ] }'),
    [],
    'a b:8080',
    'delivered',
    'rejected POLICY_DEFAULT_DENY',
  ],
  [
    'a policy that is replaced',
    policy('deny-db', 'spec: { podSelector: { matchLabels: { app: web } } }'),
    [],
    'a d:8080',
    'rejected POLICY_DEFAULT_DENY',
    'delivered',
  ],
  [
    'a policy that is replaced by one of all pods',
    policy('deny-db', 'spec: { podSelector: {} }'),
    [],
    'a b:8080',
    'delivered',
    'rejected POLICY_DEFAULT_DENY',
  ],
  [
    'a policy with other fields',
    policy('deny-db', 'spec: { ingress: [ {} ] }'),
    [],
    'a d:8080',
    'rejected POLICY_DEFAULT_DENY',
    'delivered',
  ],
  ['a policy that a patch deletes', policy('deny-db', '$patch: delete'), [], 'a d:8080', 'rejected POLICY_DEFAULT_DENY', 'delivered'],
  [
    'a policy that is whole, and merged all the same',
    policy('deny-db', '$patch: merge\nspec: { podSelector: {}, ingress: [ {} ] }'),
    [],
    'a d:8080',
    'rejected POLICY_DEFAULT_DENY',
    'delivered',
  ],
  [
    'a service with another selector',
    object('Service', 'web', 'spec: { selector: { tier: front } }'),
    [],
    'a svc/web',
    'delivered 10.244.1.11,10.244.2.10',
    'delivered 10.244.1.11',
  ],
  [
    'a service that is replaced keeps its address',
    object('Service', 'web', 'spec: { selector: { app: db }, ports: [ { port: 80, targetPort: 8080 } ] }'),
    ['netpol/deny-db'],
    'a 10.96.0.10:80',
    'delivered 10.244.1.11,10.244.2.10',
    'delivered 10.244.2.11',
  ],
];

describe.each([
  ['a Topology', TOPOLOGY],
  ['objects', listOf(OBJECTS)],
] as const)('%s', (_, base) => {
  test.each(EITHER)('%s', (_what, patch, without, question, before, after) => {
    expect(answer(supposed(base, null), question)).toBe(before);
    expect(answer(supposed(base, patch, without), question)).toBe(after);
  });
});

const OF_A_TOPOLOGY: readonly Row[] = [
  [
    'labels are merged',
    topology('pods: [ { name: d, namespace: shop, labels: { app: web } } ]'),
    ['netpol/deny-db'],
    'a svc/web',
    'delivered 10.244.1.11,10.244.2.10',
    'delivered 10.244.1.11,10.244.2.10,10.244.2.11',
  ],
  [
    'a field that null takes away',
    topology('pods: [ { name: b, namespace: shop, labels: { app: null } } ]'),
    [],
    'a svc/web',
    'delivered 10.244.1.11,10.244.2.10',
    'delivered 10.244.2.10',
  ],
  [
    'a pod that is added',
    topology('pods: [ { name: e, namespace: shop, node: node-2, labels: { app: web } } ]'),
    [],
    'a svc/web',
    'delivered 10.244.1.11,10.244.2.10',
    'delivered 10.244.1.11,10.244.2.10,10.244.2.2',
  ],
  [
    'an item that a patch deletes',
    topology('pods: [ { name: c, namespace: shop, $patch: delete } ]'),
    [],
    'a svc/web',
    'delivered 10.244.1.11,10.244.2.10',
    'delivered 10.244.1.11',
  ],
  [
    'a service without its selector: null takes it away',
    object('Service', 'web', 'spec: { selector: { app: null } }'),
    [],
    'a svc/web',
    'delivered 10.244.1.11,10.244.2.10',
    'rejected NO_ENDPOINTS',
  ],
  ['a service that is gone', null, ['svc/web'], 'a svc/web', 'delivered 10.244.1.11,10.244.2.10', 'there is no service "svc/web"'],
  ['a node that is down: its pods', null, ['node/node-2'], 'a c:8080', 'delivered', 'rejected LINK_DOWN'],
  [
    'a list without names is replaced',
    topology('services: [ { name: web, namespace: shop, ports: [ { port: 81, targetPort: 8080 } ] } ]'),
    [],
    'a svc/web:80',
    'delivered 10.244.1.11,10.244.2.10',
    'no port 80',
  ],
  ['a client that is gone', null, ['client/laptop'], 'a laptop:80', 'dropped PRIVATE_TO_INTERNET_WITHOUT_NAT', 'laptop"'],
  [
    "a node's route",
    topology('nodes: [ { name: node-1, routes: { remove: [ 10.244.2.0/24 ] } } ]'),
    [],
    'a c:8080',
    'delivered',
    'dropped NO_ROUTE',
  ],
  ["the cluster's fields", topology('cluster: { networkPolicy: none }'), [], 'a d:8080', 'rejected POLICY_DEFAULT_DENY', 'delivered'],
  ['a namespace', null, ['ns/shop'], 'default/a shop/a', 'delivered', 'there is no pod'],
  [
    'a patch, and then without',
    topology('pods: [ { name: e, namespace: shop, node: node-2, labels: { app: web } } ]'),
    ['pod/e'],
    'a svc/web',
    'delivered 10.244.1.11,10.244.2.10',
    'delivered 10.244.1.11,10.244.2.10',
  ],
];

test.each(OF_A_TOPOLOGY)('of a Topology: %s', (_, patch, without, question, before, after) => {
  expect(answer(supposed(TOPOLOGY, null), question)).toBe(before);
  expect(answer(supposed(TOPOLOGY, patch, without), question)).toContain(after);
});

const OF_OBJECTS: readonly Row[] = [
  [
    "a Deployment goes with its ReplicaSet's pods",
    null,
    ['deploy/web'],
    'a svc/web',
    'delivered 10.244.1.11,10.244.2.10',
    'rejected NO_ENDPOINTS',
  ],
  ['a ReplicaSet goes with its pods', null, ['rs/web-5d9f'], 'a svc/web', 'delivered 10.244.1.11,10.244.2.10', 'rejected NO_ENDPOINTS'],
  [
    "a pod's labels: the endpoints follow",
    object('Pod', 'b', 'metadata: { name: b, namespace: shop, labels: { app: other } }').replace(
      'metadata: { name: b, namespace: shop }\n',
      '',
    ),
    [],
    'a svc/web',
    'delivered 10.244.1.11,10.244.2.10',
    'delivered 10.244.2.10',
  ],
  [
    'a pod that is not ready',
    object('Pod', 'b', 'status: { conditions: [ { type: Ready, status: "False" } ] }'),
    [],
    'a svc/web',
    'delivered 10.244.1.11,10.244.2.10',
    'delivered 10.244.2.10',
  ],
  [
    'a service that is replaced keeps its node port',
    object('Service', 'web', 'spec: { type: NodePort, selector: { app: web }, ports: [ { port: 80, targetPort: 8080 } ] }'),
    [],
    'node/node-2 192.168.1.11:30080',
    'delivered',
    'delivered',
  ],
  [
    'a Topology beside them',
    topology('nodes: [ { name: node-1, routes: { remove: [ 10.244.2.0/24 ] } } ]'),
    [],
    'a c:8080',
    'delivered',
    'NO_ROUTE',
  ],
  [
    'a service without its selector: nobody writes its slices any more',
    object('Service', 'web', 'spec: { selector: { app: null } }'),
    [],
    'a svc/web',
    'delivered 10.244.1.11,10.244.2.10',
    'delivered 10.244.1.11,10.244.2.10',
  ],
  ['a service that is gone', null, ['svc/web'], 'a svc/web', 'delivered 10.244.1.11,10.244.2.10', 'there is no service "svc/web"'],
  // What carries the packet between the nodes is lost in silence.
  ['a node that is down: its pods, behind a tunnel', null, ['node/node-2'], 'a c:8080', 'delivered', 'dropped LINK_DOWN'],
  [
    'an EndpointSlice',
    null,
    ['endpointslice/web-x1'],
    'a svc/web',
    'delivered 10.244.1.11,10.244.2.10',
    'delivered 10.244.1.11,10.244.2.10',
  ],
];

test.each(OF_OBJECTS)('of objects: %s', (_, patch, without, question, before, after) => {
  expect(answer(supposed(listOf(OBJECTS), null), question)).toBe(before);
  expect(answer(supposed(listOf(OBJECTS), patch, without), question)).toContain(after);
});

test('a patch may be JSON, a List, and several documents', () => {
  const item = {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name: 'deny-db', namespace: 'shop' },
    spec: { ingress: [{}] },
  };
  for (const text of [
    JSON.stringify(item),
    listOf([item]),
    `---\n${JSON.stringify(item)}\n---\n${JSON.stringify({ ...item, metadata: { name: 'deny-db', namespace: 'shop', labels: { a: 'b' } } })}\n`,
  ])
    for (const base of [TOPOLOGY, listOf(OBJECTS)]) expect(answer(supposed(base, text), 'a d:8080')).toBe('delivered');
});

describe('positions', () => {
  test('what a patch says is cited there, and the rest where it was', () => {
    const patch = topology('nodes:\n  - name: node-1\n    routes:\n      add:\n        - { to: 10.244.2.0/24, type: blackhole }\n');
    const { reason, paths } = traced(supposed(TOPOLOGY, patch), 'a', 'c:8080');
    expect(reason?.source).toMatchObject({ file: 'patch.yaml', line: 7, object: 'Node/node-1' });
    expect(paths[0]?.forward.hops[0]?.source).toMatchObject({ file: 'base.yaml', line: 8 });
  });

  test("a policy's rules are cited in the patch, in a Topology and in objects", () => {
    const patch = policy('deny-db', 'spec:\n  ingress:\n    - ports: [ { port: 9999 } ]\n');
    for (const base of [TOPOLOGY, listOf(OBJECTS)]) {
      const { paths } = traced(supposed(base, patch), 'a', 'd:8080');
      const verdict = paths[0]?.forward.hops.find((h) => h.kind === 'policy' && h.verdict === 'deny');
      const candidates = verdict?.kind === 'policy' ? verdict.candidates : [];
      expect(candidates.map((c) => [c.source?.file, c.source?.line])).toContainEqual(['patch.yaml', 6]);
    }
  });

  test('items behind one that is gone keep their places', () => {
    const { paths } = traced(supposed(TOPOLOGY, null, ['pod/a', 'pod/b']), 'c', 'd:8080');
    expect(paths[0]?.forward.hops[0]?.source).toMatchObject({ file: 'base.yaml', line: 10 });
  });

  test('a fix of a file that is changed by a patch is for the file that has the lines, and is tried on top of the change', () => {
    const patch = topology('nodes:\n  - name: node-1\n    routes: { add: [ { to: 10.244.2.0/24, type: blackhole } ] }\n');
    const { reason } = traced(supposed(TOPOLOGY, patch), 'a', 'd:8080');
    const [first] = reason?.remedies ?? [];
    expect(first).toMatchObject({ kind: 'edit', edits: [{ edit: 'remove', file: 'patch.yaml', path: ['nodes', 0, 'routes', 'add', 0] }] });
    // Once the route is gone, the policy is in the way.
    expect(JSON.stringify([reason?.fix, traced(supposed(TOPOLOGY, patch), 'a', 'd:8080').alsoBlockedBy])).toContain('POLICY_DEFAULT_DENY');
  });
});

describe('what an answer supposes', () => {
  test('is in the document, in the order of the changes', () => {
    const network = supposed(listOf(OBJECTS), policy('deny-db', 'spec: { ingress: [ {} ] }'), ['deploy/web', 'node/node-2']);
    expect(traced(network, 'a', 'd:8080').whatIf).toEqual([
      {
        change: 'merged',
        object: 'NetworkPolicy/shop/deny-db',
        along: [],
        source: { file: 'patch.yaml', line: 1, column: 1, object: 'NetworkPolicy/shop/deny-db' },
      },
      { change: 'removed', object: 'Deployment/shop/web', along: ['ReplicaSet/shop/web-5d9f', 'Pod/shop/b', 'Pod/shop/c'], source: null },
      { change: 'down', object: 'Node/node-2', along: [], source: null },
    ]);
  });

  test('nothing is said where nothing is supposed', () => {
    expect(traced(supposed(TOPOLOGY, null), 'a', 'b:8080')).not.toHaveProperty('whatIf');
  });
});
