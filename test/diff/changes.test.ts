import { describe, expect, test } from 'vitest';
import type { CauseDocument, DiffDocument } from '../../src/document/diff-schema.ts';
import { changeText, diffOf, expectationsOf } from './diffing.ts';

/** Three pods on two nodes, a service, a policy that lets the client in. */
const WORLD = `apiVersion: k8s-trace/v1
kind: Topology
cluster:
  podCIDR: 10.244.0.0/16
  serviceCIDR: 10.96.0.0/12
  cni: bridge
  networkPolicy: calico
nodes:
  - name: node-1
    ip: 192.168.1.11
    podCIDR: 10.244.1.0/24
  - name: node-2
    ip: 192.168.1.12
    podCIDR: 10.244.2.0/24
pods:
  - name: client
    node: node-1
    labels: { app: client }
    containers: [ { name: app, ports: [ { containerPort: 7000 } ] } ]
  - name: web
    node: node-1
    labels: { app: web }
    containers: [ { name: app, ports: [ { containerPort: 8080 } ] } ]
  - name: db
    node: node-2
    labels: { app: db }
    containers: [ { name: app, ports: [ { containerPort: 5432 } ] } ]
services:
  - name: front
    clusterIP: 10.96.0.10
    selector: { app: web }
    ports: [ { port: 80, targetPort: 8080 } ]
networkPolicies:
  - name: db
    podSelector: { matchLabels: { app: db } }
    policyTypes: [ Ingress ]
    ingress:
      - from: [ { podSelector: { matchLabels: { app: web } } } ]
        ports: [ { port: 5432 } ]
internet: { gateway: { ip: 192.168.1.1 } }
`;

/** A piece of the text, and what takes its place. */
type Edit = readonly [before: string, after: string];

const EDITS = {
  'db lets the client in, too': [
    '{ app: web } } } ]\n        ports',
    '{ app: web } } }, { podSelector: { matchLabels: { app: client } } } ]\n        ports',
  ],
  'db is open at another port': ['ports: [ { port: 5432 } ]\n', 'ports: [ { port: 5433 } ]\n'],
  'a policy about web that lets nobody in': [
    '  - name: db\n    podSelector',
    '  - name: shut\n    podSelector: { matchLabels: { app: web } }\n    policyTypes: [ Ingress ]\n  - name: db\n    podSelector',
  ],
  'another one that lets nobody in': [
    'networkPolicies:\n',
    'networkPolicies:\n  - name: none\n    podSelector: { matchLabels: { app: web } }\n    policyTypes: [ Ingress ]\n',
  ],
  'the policy goes': [WORLD.slice(WORLD.indexOf('networkPolicies:'), WORLD.indexOf('internet:')), ''],
  'web is called otherwise': ['labels: { app: web }', 'labels: { app: site }'],
  'the service selects the client': ['selector: { app: web }', 'selector: { app: client }'],
  'the service leads to a closed port': ['targetPort: 8080', 'targetPort: 8081'],
  'the service has another port': ['port: 80,', 'port: 81,'],
  'web listens elsewhere': ['containerPort: 8080', 'containerPort: 8081'],
  'node-1 drops what goes to pods of node-2': [
    '    podCIDR: 10.244.1.0/24\n',
    '    podCIDR: 10.244.1.0/24\n    routes: { add: [ { to: 10.244.2.0/24, type: blackhole, metric: 0 } ], remove: [ 10.244.2.0/24 ] }\n',
  ],
  'web moves': ['name: web\n    node: node-1', 'name: web\n    node: node-2'],
  'a label that nobody asks for': ['labels: { app: client }', 'labels: { app: client, team: blue }'],
  'one more pod': [
    'services:\n',
    '  - { name: job, node: node-2, containers: [ { name: app, ports: [ { containerPort: 9000 } ] } ] }\nservices:\n',
  ],
} as const satisfies Readonly<Record<string, Edit>>;

type Name = keyof typeof EDITS;

const edited = (names: readonly Name[]): string =>
  names.reduce((text, name) => {
    const [before, after] = EDITS[name];
    if (!text.includes(before)) throw new Error(`${name}: not there`);
    return text.replace(before, () => after);
  }, WORLD);

/** The edits whose text has the line of a cause. */
function editsOf(names: readonly Name[], { before, after }: CauseDocument): readonly Name[] {
  const whole = edited(names);
  const has = (text: string, piece: string, line: number) => {
    const first = text.slice(0, text.indexOf(piece)).split('\n').length;
    return first <= line && line < first + piece.replace(/\n$/, '').split('\n').length;
  };
  return names.filter((name) => {
    const [old, young] = EDITS[name];
    if (after !== null) return has(whole, young, after.line);
    return before !== null && has(WORLD, old, before.line);
  });
}

interface Row {
  readonly edits: readonly Name[];
  readonly from?: readonly string[];
  readonly to?: readonly string[];
  /** Of each change the edits that made it. */
  readonly changes: Readonly<Record<string, readonly Name[]>>;
  /** Objects that differ, to no effect. */
  readonly without?: readonly string[];
}

const by = (names: readonly Name[], changes: readonly string[]): Row['changes'] => Object.fromEntries(changes.map((text) => [text, names]));

const rows: readonly Row[] = [
  { edits: [], changes: {} },
  {
    edits: ['db lets the client in, too'],
    changes: by(['db lets the client in, too'], ['gained client -> db 5432/tcp: POLICY_DEFAULT_DENY, delivered']),
  },
  {
    // At 5432 the policy lets nobody in any more; at 5433 nobody listens, and nobody is asked for it.
    edits: ['db is open at another port'],
    changes: by(['db is open at another port'], ['lost web -> db 5432/tcp: delivered, POLICY_DEFAULT_DENY']),
  },
  {
    // What comes from the pod's own node is let through, whatever policies say.
    edits: ['a policy about web that lets nobody in'],
    from: ['client', 'db', 'nodes'],
    to: ['workloads', 'services'],
    changes: by(
      ['a policy about web that lets nobody in'],
      [
        'lost client -> front 80/tcp: delivered, POLICY_DEFAULT_DENY',
        'lost client -> web 8080/tcp: delivered, POLICY_DEFAULT_DENY',
        'lost db -> front 80/tcp: delivered, POLICY_DEFAULT_DENY',
        'lost db -> web 8080/tcp: delivered, POLICY_DEFAULT_DENY',
        'lost Node/nodes -> front 80/tcp: delivered, POLICY_DEFAULT_DENY 0.50',
        'lost Node/nodes -> web 8080/tcp: delivered, POLICY_DEFAULT_DENY 0.50',
      ],
    ),
  },
  {
    // Either is enough: both have to go.
    edits: ['a policy about web that lets nobody in', 'another one that lets nobody in', 'db is open at another port'],
    to: ['web'],
    changes: by(
      ['a policy about web that lets nobody in', 'another one that lets nobody in'],
      [
        'lost client -> web 8080/tcp: delivered, POLICY_DEFAULT_DENY',
        'lost db -> web 8080/tcp: delivered, POLICY_DEFAULT_DENY',
        'lost Node/nodes -> web 8080/tcp: delivered, POLICY_DEFAULT_DENY 0.50',
      ],
    ),
    without: ['NetworkPolicy/default/db'],
  },
  {
    edits: ['the policy goes'],
    to: ['db'],
    changes: by(
      ['the policy goes'],
      [
        'gained client -> db 5432/tcp: POLICY_DEFAULT_DENY, delivered',
        'gained Node/nodes -> db 5432/tcp: POLICY_DEFAULT_DENY 0.50, delivered',
      ],
    ),
  },
  {
    // The policy lets in what is called web; the service has nobody behind it.
    edits: ['web is called otherwise'],
    changes: by(
      ['web is called otherwise'],
      [
        'lost client -> front 80/tcp: delivered, NO_ENDPOINTS',
        'lost db -> front 80/tcp: delivered, NO_ENDPOINTS',
        'lost web -> front 80/tcp: delivered, NO_ENDPOINTS',
        'lost Node/nodes -> front 80/tcp: delivered, NO_ENDPOINTS',
        'lost web -> db 5432/tcp: delivered, POLICY_DEFAULT_DENY',
      ],
    ),
  },
  {
    edits: ['the service leads to a closed port', 'a label that nobody asks for'],
    to: ['svc/front'],
    changes: by(
      ['the service leads to a closed port'],
      ['client', 'db', 'web', 'Node/nodes'].map((from) => `lost ${from} -> front 80/tcp: delivered, NOBODY_LISTENS`),
    ),
    without: ['Pod/default/client'],
  },
  {
    // Each is what the other is for, and alone it would break: the port that the pod gets is another, and both make it so.
    edits: ['the service leads to a closed port', 'web listens elsewhere'],
    to: ['svc/front'],
    changes: by(
      ['the service leads to a closed port', 'web listens elsewhere'],
      ['client', 'db', 'web', 'Node/nodes'].map((from) => `changed ${from} -> front 80/tcp: delivered, delivered`),
    ),
  },
  {
    // The client listens at 7000 only, and so nobody does, whichever is undone.
    edits: ['the service selects the client', 'web listens elsewhere'],
    to: ['svc/front'],
    changes: by(
      ['the service selects the client', 'web listens elsewhere'],
      ['client', 'db', 'web', 'Node/nodes'].map((from) => `lost ${from} -> front 80/tcp: delivered, NOBODY_LISTENS`),
    ),
  },
  {
    edits: ['the service has another port'],
    from: ['client'],
    changes: by(
      ['the service has another port'],
      ['lost client -> front 80/tcp: delivered, NO_SUCH_PORT', 'gained client -> front 81/tcp: NO_SUCH_PORT, delivered'],
    ),
  },
  {
    // The port that nobody states any more is asked about all the same.
    edits: ['web listens elsewhere'],
    from: ['client'],
    to: ['web'],
    changes: by(
      ['web listens elsewhere'],
      ['lost client -> web 8080/tcp: delivered, NOBODY_LISTENS', 'gained client -> web 8081/tcp: NOBODY_LISTENS, delivered'],
    ),
  },
  {
    // Answers of db come to node-2, and from there; web's call goes out by node-1. A blackhole is said to who sends: EINVAL, no answer.
    edits: ['node-1 drops what goes to pods of node-2'],
    from: ['web', 'db'],
    to: ['workloads'],
    changes: by(
      ['node-1 drops what goes to pods of node-2'],
      [
        'lost db -> client 7000/tcp: delivered, BLACKHOLE_ROUTE',
        'lost db -> web 8080/tcp: delivered, BLACKHOLE_ROUTE',
        'lost web -> db 5432/tcp: delivered, BLACKHOLE_ROUTE',
      ],
    ),
  },
  {
    edits: ['web moves'],
    from: ['client'],
    to: ['web'],
    changes: by(['web moves'], ['changed client -> web 8080/tcp: delivered, delivered']),
  },
  {
    edits: ['one more pod', 'a label that nobody asks for'],
    from: ['client'],
    to: ['workloads'],
    changes: by(['one more pod'], ['gained client -> job 9000/tcp: nothing, delivered']),
    without: ['Pod/default/client'],
  },
];

describe('what a change of the input does, and what of it does', () => {
  test.each(rows.map((row) => [row.edits.join(' + ') || 'nothing', row] as const))('%s', (_, { edits, from, to, changes, without }) => {
    const asked = { from: from ?? ['workloads', 'nodes'], ...(to === undefined ? {} : { to }) };
    const document = diffOf(WORLD, edited(edits), asked);
    const found = Object.fromEntries(
      document.changes.map((c) => [changeText(c), [...new Set(c.causes.flatMap((cause) => editsOf(edits, cause)))].sort()]),
    );
    expect(found).toEqual(Object.fromEntries(Object.entries(changes).map(([text, by]) => [text, [...by].sort()])));
    expect(document.withoutEffect.map((c) => c.object)).toEqual(without ?? []);
    expect(document.same).toBe(edits.length === 0);
    // The law: without what is said to have made a change, it does not come about.
    const known = new Map<string, DiffDocument>();
    for (const change of document.changes) {
      const made = new Set(change.causes.flatMap((cause) => editsOf(edits, cause)));
      const text = edited(edits.filter((name) => !made.has(name)));
      const reverted = known.get(text) ?? diffOf(WORLD, text, asked);
      known.set(text, reverted);
      expect(reverted.changes.map(changeText)).not.toContain(changeText(change));
    }
  });
});

const words = (edits: readonly Name[], from: string, to: string) =>
  diffOf(WORLD, edited(edits), { from: [from], to: [to] }).changes.map((c) => c.what);

describe('a change in words', () => {
  test.each<[Name, string, string, string]>([
    ['db lets the client in, too', 'client', 'db', 'now delivered; before dropped (POLICY_DEFAULT_DENY)'],
    ['a policy about web that lets nobody in', 'nodes', 'web', 'now dropped (POLICY_DEFAULT_DENY) for 50 % of the pairs; before delivered'],
    ['the service selects the client', 'db', 'svc/front', 'now rejected (NOBODY_LISTENS); before delivered'],
    [
      'web moves',
      'client',
      'web',
      "goes by source's node cni0, source's node eth0, destination's node eth0, destination's node cni0; before by one node",
    ],
    ['one more pod', 'client', 'job', 'now delivered; not there before'],
  ])('%s', (edit, from, to, expected) => {
    expect(words([edit], from, to)).toEqual([expected]);
  });

  test('who receives it', () => {
    const after = edited(['the service leads to a closed port', 'web listens elsewhere']);
    const [change] = diffOf(WORLD, after, { from: ['db'], to: ['svc/front'] }).changes;
    expect(change?.what).toBe('received by Pod/default/web:8081; before by Pod/default/web:8080');
    expect([change?.before?.endpoint, change?.after?.endpoint]).toEqual([['Pod/default/web:8080'], ['Pod/default/web:8081']]);
  });

  test('a translation that is applied, and its answer', () => {
    const before = edited(['the policy goes']).replace('podCIDR: 10.244.0.0/16\n', 'podCIDR: 10.244.0.0/16\n  masquerade: none\n');
    const after = before.replace('cni: bridge', 'cni: { plugin: bridge, ipMasq: true }');
    const changes = diffOf(before, after, { from: ['web'], to: ['db'] }).changes;
    expect(changes.map((c) => [c.what, c.causes.map((cause) => cause.object)])).toEqual([
      ['gets another source (masquerade) now', ['Topology/cluster.cni']],
    ]);
  });
});

test('services are called where they differ, or lead to other pods; not where only policies differ', () => {
  const called = (edit: Name) => [...new Set(diffOf(WORLD, edited([edit]), { from: ['client'] }).changes.map((c) => c.to))];
  expect(called('a policy about web that lets nobody in')).toEqual(['Pod/default/web']);
  expect(called('the service leads to a closed port')).toEqual(['Service/default/front']);
  expect(called('web is called otherwise')).toEqual(['Service/default/front']);
});

const EXPECTED = `${WORLD}expect:\n  - { from: client, to: db:5432 }\n  - { from: client, to: svc/front:80 }\n`;

test('expectations: what becomes of them in both inputs, whichever has them', () => {
  const after = edited(['db lets the client in, too', 'the service leads to a closed port']);
  const document = expectationsOf(EXPECTED, after);
  expect(document.changes.map((c) => [changeText(c), ...c.causes.map((cause) => `${cause.object}:${cause.after?.line}`)])).toEqual([
    ['lost client -> svc/front:80 80/tcp: delivered, NOBODY_LISTENS', 'Service/default/front:32'],
    ['gained client -> db:5432 5432/tcp: POLICY_DEFAULT_DENY, delivered', 'NetworkPolicy/default/db:38'],
  ]);
});

test('what is outside is cut alike in both inputs', () => {
  const block = `      - from: [ { ipBlock: { cidr: 198.51.100.0/24 } } ]\n`;
  const after = WORLD.replace('internet:', `${block}internet:`);
  const document = diffOf(WORLD, after, { from: ['internet'], to: ['db'] });
  // Nobody outside gets to a pod's private address: the way in is what stops them, and the block is no news.
  expect(document.changes.map(changeText)).toEqual([]);
  expect(document.groups).toEqual({ added: [], removed: [] });
});
