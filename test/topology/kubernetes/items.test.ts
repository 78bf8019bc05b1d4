import { describe, expect, test } from 'vitest';
import { file, inParts, readAll, shown } from './read.ts';

const pod = (name: string) => `{"kind":"Pod","apiVersion":"v1","metadata":{"name":"${name}"}}`;
const bare = (name: string) => `{"metadata":{"name":"${name}"}}`;

const SHAPES: readonly (readonly [shape: string, name: string, text: string, readings: readonly string[]])[] = [
  ['one object', 'x.json', pod('a'), ['v1 Pod a']],
  [
    'a list whose kind comes last',
    'x.json',
    `{"apiVersion":"v1","items":[${pod('a')},${pod('b')}],"kind":"List"}`,
    ['v1 Pod a', 'v1 Pod b'],
  ],
  [
    'a typed list of items without a kind',
    'x.json',
    `{"kind":"PodList","apiVersion":"v1","items":[${bare('a')},${bare('b')}]}`,
    ['v1 Pod a', 'v1 Pod b', 'list v1 Pod 2'],
  ],
  [
    'the same with its kind last',
    'x.json',
    `{"apiVersion":"v1","items":[${bare('a')},${bare('b')}],"kind":"PodList"}`,
    ['v1 Pod a', 'v1 Pod b', 'list v1 Pod 2'],
  ],
  [
    'the same as YAML',
    'x.yaml',
    'apiVersion: v1\nitems:\n- metadata:\n    name: a\n- metadata:\n    name: b\nkind: PodList\n',
    ['v1 Pod a', 'v1 Pod b', 'list v1 Pod 2'],
  ],
  [
    'an empty typed list',
    'x.json',
    '{"kind":"IngressList","apiVersion":"networking.k8s.io/v1","items":[]}',
    ['list networking.k8s.io/v1 Ingress 0'],
  ],
  ['one whose items are null', 'x.json', '{"kind":"PodList","apiVersion":"v1","items":null}', ['list v1 Pod 0']],
  ['an empty typed list as YAML', 'x.yaml', 'apiVersion: v1\nitems: []\nkind: PodList\n', ['list v1 Pod 0']],
  [
    'a list in a list',
    'x.json',
    `{"kind":"List","items":[{"kind":"PodList","apiVersion":"v1","items":[${bare('a')}]}]}`,
    ['v1 Pod a', 'list v1 Pod 1'],
  ],
  ['a bare array', 'x.json', `[${pod('a')},${pod('b')}]`, ['v1 Pod a', 'v1 Pod b']],
  ['a bare array, kind by the file', 'Pods.json', `[${bare('a')}]`, ['v1 Pod* a', 'list v1 Pod 1']],
  ['the same, of an API group', 'apps_v1_daemonsets.json', `[${bare('a')}]`, ['apps/v1 DaemonSet* a', 'list apps/v1 DaemonSet 1']],
  ['the same, of the core group', 'core_v1_pods.json', '[]', ['list v1 Pod 0']],
  ['JSON Lines, kind by the file', 'pods.jsonl', `${bare('a')}\n${bare('b')}\n`, ['v1 Pod* a', 'v1 Pod* b']],
  ['an object, kind by its folder', 'config/pod/kube-system/x.json', bare('a'), ['v1 Pod* a']],
  ['objects without line feeds between', 'x.json', `${pod('a')}${pod('b')}`, ['v1 Pod a', 'v1 Pod b']],
  ['a byte order mark', 'x.json', `\ufeff${pod('a')}`, ['v1 Pod a']],
  ['a byte order mark before YAML', 'x.yaml', '\ufeffkind: Pod\napiVersion: v1\nmetadata: { name: a }\n', ['v1 Pod a']],
  [
    'several documents',
    'x.yaml',
    'kind: Pod\nmetadata:\n  name: a\n---\n# x\n---\nkind: Pod\nmetadata: {name: b}\n...\n',
    ['Pod a', 'Pod b'],
  ],
  ['a document with a directive', 'x.yaml', '%YAML 1.1\n---\nkind: Pod\nmetadata: {name: b}\n', ['Pod b']],
  ['carriage returns', 'x.yaml', 'kind: List\r\nitems:\r\n- kind: Pod\r\n  metadata:\r\n    name: a\r\n', ['Pod a']],
  [
    'a list deeper than its key',
    'x.yaml',
    'kind: List\nitems:\n  - kind: Pod\n    metadata:\n      name: a\n  # x\n  - kind: Node\n',
    ['Pod a', 'Node -'],
  ],
  ['a bare list as YAML', 'x.yaml', '- kind: Pod\n  metadata:\n    name: a\n- kind: Node\n', ['Pod a', 'Node -']],
  [
    'an alias of another item',
    'x.yaml',
    'kind: List\nitems:\n- kind: Pod\n  metadata: &m\n    name: a\n- kind: Node\n  metadata: *m\n',
    ['Pod a', 'Node a'],
  ],
  ['an item in a flow mapping', 'x.yaml', 'kind: List\nitems: [{kind: Pod, metadata: {name: a}}]\n', ['Pod a']],
  ['YAML that begins like JSON', 'x.yaml', '{kind: Pod, metadata: {name: a}}\n', ['Pod a']],
  ['a warning before JSON', 'x.json', `Warning: v1 ComponentStatus is deprecated\n{\n "kind":"Pod","metadata":{"name":"a"}}`, ['Pod a']],
  ['a prompt before JSON', 'x.json', `[me@host ~]$ kubectl get pods -o json\n{\n "kind":"Pod","metadata":{"name":"a"}}`, ['Pod a']],
  [
    'the kind by the link',
    'x.json',
    '{"metadata":{"name":"a","selfLink":"/apis/config.openshift.io/v1/networks/a"}}',
    ['config.openshift.io/v1 Network* a'],
  ],
  ['a pod by its shape', 'x.json', '{"metadata":{"name":"a"},"spec":{"containers":[]},"status":{"phase":"Running"}}', ['v1 Pod* a']],
  ['a node by its shape', 'x.json', '{"metadata":{"name":"a"},"status":{"nodeInfo":{}}}', ['v1 Node* a']],
  ['a service by its shape', 'x.json', '{"metadata":{"name":"a"},"spec":{"clusterIP":"10.0.0.1"}}', ['v1 Service* a']],
  ['endpoints by their shape', 'x.json', '{"metadata":{"name":"a"},"subsets":[]}', ['v1 Endpoints* a']],
  ['a document that says nothing', 'x.yaml', 'a: 1\n', ['-']],
  ['an object that has braces and quotes in its texts', 'x.json', '{"kind":"Pod","a":"{\\"[\\\\","metadata":{"name":"a"}}', ['Pod a']],
];

describe('what is read of a file', () => {
  test.each(SHAPES)('%s', (_shape, name, text, readings) => {
    expect(readAll(file(name, text)).map(shown)).toEqual(readings);
  });

  test.each(SHAPES)('%s, read a few bytes at a time', (_shape, name, text, readings) => {
    for (const most of [1, 2, 7]) expect(readAll(inParts(name, text, most)).map(shown)).toEqual(readings);
  });
});

describe('kinds that nobody wants', () => {
  test('are asked for once each, and not parsed', () => {
    const asked: string[] = [];
    const wants = (apiVersion: string, kind: string) => asked.push(`${apiVersion} ${kind}`) > 0 && kind === 'Pod';
    const text = `{"items":[{"kind":"Event","apiVersion":"v1",broken},${pod('a')},{"kind":"Secret","apiVersion":"v1"}],"kind":"List"}`;
    expect(() => JSON.parse(text)).toThrow();
    const text2 = text.replace('broken', '"x":tru');
    expect(readAll(file('x.json', text2), { wants }).map(shown)).toEqual(['v1 Pod a']);
    expect(asked).toEqual(['v1 Event', 'v1 Pod', 'v1 Secret']);
  });

  test('lists of them say nothing', () => {
    expect(readAll(file('x.json', '{"kind":"SecretList","items":[]}'), { isKind: (k) => k === 'Pod' })).toEqual([]);
  });
});

const LOGS = [
  pod('a'),
  '==== START logs for container kube-proxy of pod kube-system/kube-proxy-x ====',
  'I1 server.go:1] "Using iptables Proxier"',
  '{ "level": "info", "kind": "Pod" }',
  'no end of line==== END logs for container kube-proxy of pod kube-system/kube-proxy-x ====',
  '==== START logs for container app of pod shop/web ====',
  'Using ipvs Proxier',
  '==== END logs for container app of pod shop/web ====',
  pod('b'),
];

test('logs between objects: lines of a container that match', () => {
  const logsOf = (container: string) => (container === 'kube-proxy' ? /Using \w+ Proxier|no end/ : null);
  expect(readAll(file('x.json', LOGS.join('\n')), { logsOf }).map(shown)).toEqual([
    'v1 Pod a',
    'log kube-system/kube-proxy-x kube-proxy 3 I1 server.go:1] "Using iptables Proxier"',
    'log kube-system/kube-proxy-x kube-proxy 5 no end of line',
    'v1 Pod b',
  ]);
  expect(readAll(file('logs.txt', LOGS.slice(1, 5).join('\n')), { logsOf }).map(shown)).toHaveLength(2);
});
