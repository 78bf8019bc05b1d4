import { describe, expect, test } from 'vitest';
import type { DiffDocument } from '../../src/index.ts';
import { run, type World } from './fake-io.ts';

const BEFORE = `apiVersion: k8s-trace/v1
kind: Topology
cluster: { podCIDR: 10.244.0.0/16, serviceCIDR: 10.96.0.0/12, cni: bridge, networkPolicy: calico }
nodes:
  - { name: node-1, ip: 192.168.1.11, podCIDR: 10.244.1.0/24 }
  - { name: node-2, ip: 192.168.1.12, podCIDR: 10.244.2.0/24 }
pods:
  - { name: a, namespace: shop, node: node-1, labels: { app: a }, containers: [ { name: app, ports: [ { containerPort: 80 } ] } ] }
  - { name: b, namespace: shop, node: node-2, labels: { app: b }, containers: [ { name: app, ports: [ { containerPort: 80 } ] } ] }
networkPolicies:
  - name: b
    namespace: shop
    podSelector: { matchLabels: { app: b } }
    ingress:
      - from: [ { podSelector: { matchLabels: { app: a } } } ]
`;
const AFTER = BEFORE.replace('matchLabels: { app: a } } } ]', 'matchLabels: { app: c } } } ]');
const FILES = { 'before.yaml': BEFORE, 'after.yaml': AFTER, 'deploy/x.yaml': BEFORE, 'deploy/more/y.yaml': AFTER };
const WORLD: World = { files: FILES };

describe('the two inputs', () => {
  test.each<[string, World, RegExp]>([
    ['diff', WORLD, /diff needs two inputs.*\n.*k8s-trace diff BEFORE AFTER/],
    ['diff before.yaml', WORLD, /diff needs two inputs/],
    ['diff before.yaml after.yaml third.yaml', WORLD, /third\.yaml: one input too many/],
    ['diff -f before.yaml after.yaml', WORLD, /diff names its two inputs without -f\n.*k8s-trace diff before\.yaml AFTER/],
    ['diff - -', WORLD, /- is there twice/],
    ['diff befor.yaml after.yaml', WORLD, /befor\.yaml: there is no such file\n.*did you mean before\.yaml/],
    ['diff before.yaml after.yaml --live', WORLD, /diff compares files/],
    ['diff before.yaml after.yaml --fail-on losst', WORLD, /--fail-on losst: expected gained, lost, changed\n.*did you mean lost/],
    ['diff before.yaml after.yaml -o html5', WORLD, /-o html5: there is no such format/],
    ['diff before.yaml after.yaml --to deploy/dbb', WORLD, /--to .*dbb/],
    ['diff before.yaml after.yaml --cni calicoo', WORLD, /calicoo/],
    ['diff before.yaml after.yaml --nodes 0', WORLD, /--nodes 0: expected a number from 1 to 200/],
    ['diff before.yaml after.yaml -n shp', WORLD, /-n shp: the input has no such namespace\n.*did you mean shop\?/],
    ['diff before.yaml after.yaml --expectations', WORLD, /neither input expects anything/],
    ['diff git:main before.yaml', WORLD, /git:main: the path is missing\n.*git:main:\./],
    ['diff git::x before.yaml', WORLD, /git::x: the revision is missing/],
    ['diff git:--upload-pack=x:y before.yaml', WORLD, /no revision begins with -/],
    ['diff git:main:x before.yaml', WORLD, /git:main:x: there is no git here/],
    ['diff before.yaml broken.yaml', { files: { ...FILES, 'broken.yaml': 'kind: Topology\nnods: []\n' } }, /broken\.yaml:\d+:\d+: error/],
  ])('%s', async (argv, world, says) => {
    const { status, stdout, stderr } = await run(argv, world);
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(says);
  });

  test('errors of both files are said', async () => {
    const world = { files: { 'a.yaml': 'kind: Topology\nnods: []\n', 'b.yaml': 'kind: Topology\npds: []\n' } };
    const { stderr } = await run('diff a.yaml b.yaml', world);
    expect(stderr).toMatch(/a\.yaml:\d+:\d+: error[\s\S]*b\.yaml:\d+:\d+: error/);
  });

  test.each([
    ['diff deploy before.yaml', 0],
    ['diff before.yaml - ', 1],
    ['diff before.yaml before.yaml', 0],
  ])('%s: status %i', async (argv, status) => {
    const ran = await run(argv, { ...WORLD, stdin: AFTER });
    expect(ran.stderr).toBe('');
    expect(ran.status).toBe(status);
  });

  test('without a namespace in common there is a warning', async () => {
    const other = BEFORE.replaceAll('namespace: shop', 'namespace: store');
    const { status, stderr } = await run('diff before.yaml other.yaml', { files: { ...FILES, 'other.yaml': other } });
    expect(stderr).toBe('k8s-trace: warning: the inputs have no namespace in common (shop; store): are they of one cluster?\n');
    expect(status).toBe(1);
  });
});

describe('what is supposed', () => {
  const patch =
    'apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: { name: shut, namespace: shop }\nspec: { podSelector: { matchLabels: { app: a } } }\n';
  const world = { files: { ...FILES, 'patch.yaml': patch } };

  test.each<[string, string, number]>([
    ['diff before.yaml --with patch.yaml', 'NetworkPolicy/shop/shut was added (patch.yaml:1:1)', 1],
    ['diff before.yaml --without networkpolicy/shop/b', 'NetworkPolicy/shop/b was removed (before.yaml:11:5)', 1],
    ['diff before.yaml --without node/node-2', 'Node/node-2 is down (--without)', 1],
    // Of both inputs alike: what is left is the difference of the files, or nothing.
    ['diff before.yaml after.yaml --with patch.yaml', 'NetworkPolicy/shop/b was changed (after.yaml:15:49, before before.yaml:15:49)', 1],
    ['diff before.yaml after.yaml --without networkpolicy/shop/b', 'same: no connection differs', 0],
    [
      'diff before.yaml after.yaml --without node/node-2',
      'NetworkPolicy/shop/b was changed (after.yaml:15:49, before before.yaml:15:49): touches no path',
      0,
    ],
  ])('%s', async (argv, says, status) => {
    const ran = await run(argv, world);
    expect(ran.stderr).toBe('');
    expect(ran.stdout.replace(/\s+/g, ' ')).toContain(says);
    expect(ran.status).toBe(status);
  });

  test.each([
    ['', '2 lost\nWhat if  NetworkPolicy/shop/shut is there too (patch.yaml:1)\n'],
    ['-o markdown', '\n\nWhat if NetworkPolicy/shop/shut is there too &#40;patch.yaml:1&#41;.\n'],
    ['-o html', '. What if NetworkPolicy/shop/shut is there too (patch.yaml:1)'],
    ['-o json', '"whatIf": ['],
  ])('an answer says it: diff FILE --with PATCH %s', async (flags, says) => {
    const one = await run(`diff before.yaml --with patch.yaml ${flags}`, world);
    expect(one.stdout).toContain(says);
    const none = await run(`diff before.yaml after.yaml ${flags}`, world);
    expect(none.stdout).not.toMatch(/What if|whatIf/);
  });

  // The first line of the Topology says nothing of what is added: each policy in it is a cause of its own.
  test('a policy of a Topology beside objects shows its own line, added or taken away', async () => {
    const objects = [
      ['web', 'node-1', '10.244.1.10'],
      ['db', 'node-2', '10.244.2.10'],
    ]
      .map(
        ([name, node, ip]) =>
          `{ apiVersion: v1, kind: Pod, metadata: { name: ${name}, namespace: shop, labels: { app: ${name} } }, spec: { nodeName: ${node}, containers: [ { name: c, image: i, ports: [ { containerPort: 5432 } ] } ] }, status: { phase: Running, podIP: ${ip} } }\n`,
      )
      .join('---\n');
    const topology = `apiVersion: k8s-trace/v1
kind: Topology
networkPolicies:
  - { name: other, namespace: shop, podSelector: { matchLabels: { app: none } } }
  - { name: deny, namespace: shop, podSelector: { matchLabels: { app: db } } }
`;
    const files = { 'objects.yaml': objects, 'deny.yaml': topology, 'both.yaml': `${objects}---\n${topology}` };
    const flags = '--network-policy calico --from shop/web --to shop/db';
    const added = await run(`diff objects.yaml --with deny.yaml ${flags}`, { files });
    expect(added.stdout).toContain(`
Lost
  NetworkPolicy/shop/deny was added (deny.yaml:5:5)
    + - { name: deny, namespace: shop, podSelector: { matchLabels: { app: db } } }
`);
    expect(added.stdout).toContain('\nNetworkPolicy/shop/other was added (deny.yaml:4:5): touches no path that was asked\n');
    const removed = await run(`diff both.yaml objects.yaml ${flags}`, { files });
    expect(removed.stdout).toContain(`
Gained
  NetworkPolicy/shop/deny was removed (both.yaml:9:5)
    - - { name: deny, namespace: shop, podSelector: { matchLabels: { app: db } } }
`);
  });

  test('of both inputs, too, and where nothing differs', async () => {
    const { stdout } = await run('diff before.yaml before.yaml --without node/node-2', world);
    expect(stdout).toBe('same: no connection differs\nWhat if  Node/node-2 is down\n');
  });

  test('what is not there is named, with the nearest', async () => {
    const { status, stderr } = await run('diff before.yaml --without networkpolicy/shop/bb', world);
    expect(status).toBe(2);
    expect(stderr).toMatch(/did you mean/);
  });
});

describe('the exit status', () => {
  test.each([
    ['', 1],
    ['--fail-on lost', 1],
    ['--fail-on gained', 0],
    ['--fail-on gained,changed', 0],
    ['--fail-on gained --fail-on lost', 1],
    ['-q', 1],
    ['--from shop/b', 0],
  ])('of what is lost, with %s: %i', async (flags, status) => {
    const ran = await run(`diff before.yaml after.yaml ${flags}`, WORLD);
    expect(ran.stderr).toBe('');
    expect(ran.status).toBe(status);
    expect(ran.stdout === '').toBe(flags === '-q');
  });
});

describe('formats', () => {
  test('text', async () => {
    const { stdout } = await run('diff before.yaml after.yaml', WORLD);
    expect(stdout).toBe(`1 lost

Lost
  NetworkPolicy/shop/b was changed (after.yaml:15:49, before before.yaml:15:49)
    - - from: [ { podSelector: { matchLabels: { app: a } } } ]
    + - from: [ { podSelector: { matchLabels: { app: c } } } ]
    FROM        TO          PORTS   WHAT
    Pod/shop/a  Pod/shop/b  80/tcp  now dropped (POLICY_DEFAULT_DENY); before delivered
`);
  });

  test('text of what touches no path', async () => {
    const world = { files: { ...FILES, 'label.yaml': BEFORE.replace('{ app: a }, c', '{ app: a, x: z }, c') } };
    const { status, stdout } = await run('diff before.yaml label.yaml', world);
    expect(stdout).toBe('same: no connection differs\n\nPod/shop/a was changed (label.yaml:8:65): touches no path that was asked\n');
    expect(status).toBe(0);
  });

  test('json', async () => {
    const { stdout } = await run('diff before.yaml after.yaml -o json', WORLD);
    const document: DiffDocument = JSON.parse(stdout);
    expect(document).toEqual({
      schemaVersion: 1,
      same: false,
      groups: { added: [], removed: [] },
      changes: [
        {
          kind: 'lost',
          from: 'Pod/shop/a',
          to: 'Pod/shop/b',
          family: 'IPv4',
          protocol: 'tcp',
          ports: ['80'],
          before: { outcome: 'delivered', code: null, share: 1 },
          after: { outcome: 'dropped', code: 'POLICY_DEFAULT_DENY', share: 1 },
          what: 'now dropped (POLICY_DEFAULT_DENY); before delivered',
          causes: [
            {
              object: 'NetworkPolicy/shop/b',
              change: 'changed',
              before: { file: 'before.yaml', line: 15, column: 49, text: '      - from: [ { podSelector: { matchLabels: { app: a } } } ]' },
              after: { file: 'after.yaml', line: 15, column: 49, text: '      - from: [ { podSelector: { matchLabels: { app: c } } } ]' },
            },
          ],
        },
      ],
      withoutEffect: [],
      notCompared: 0,
    });
  });

  test('github: an annotation at the line of the later file', async () => {
    const { stdout } = await run('diff before.yaml after.yaml -o github', WORLD);
    expect(stdout).toBe(
      '::error file=after.yaml,line=15,col=49,title=1 connection lost::NetworkPolicy/shop/b was changed (after.yaml:15:49, before before.yaml:15:49)' +
        '%0APod/shop/a -> Pod/shop/b 80/tcp: now dropped (POLICY_DEFAULT_DENY); before delivered\n1 lost\n',
    );
  });

  test('markdown: a comment that can be found again, and the lines in a fence that they cannot end', async () => {
    const sly = AFTER.replace('{ app: c } } } ]', '{ app: c } } } ] # ```');
    const { stdout } = await run('diff before.yaml after.yaml -o markdown', { files: { ...FILES, 'after.yaml': sly } });
    expect(stdout).toMatch(/^<!-- k8s-trace diff -->\n## k8s-trace diff: 1 lost\n/);
    expect(stdout).toContain('| Pod/shop/a | Pod/shop/b | 80/tcp | now dropped &#40;POLICY&#95;DEFAULT&#95;DENY&#41;; before delivered |');
    expect(stdout).toContain(`+       - from: [ { podSelector: { matchLabels: { app: c } } } ] # '''`);
  });

  test('reports of a diff that cannot be made say so', async () => {
    const { status, written } = await run('diff before.yaml nowhere.yaml -o markdown=out.md', WORLD);
    expect(status).toBe(2);
    expect(written['out.md'] ?? '').toMatch(/^<!-- k8s-trace diff -->\n## k8s-trace diff: no answer\n/);
  });

  test('a report takes the place of no input', async () => {
    const { status, stderr } = await run('diff before.yaml after.yaml -o json=after.yaml', WORLD);
    expect(status).toBe(2);
    expect(stderr).toContain('after.yaml: this file is read, and a report would take its place');
  });
});
