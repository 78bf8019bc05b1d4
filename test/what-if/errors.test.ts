import { describe, expect, test } from 'vitest';
import { FlagError, formatDiagnostics } from '../../src/index.ts';
import { file } from '../topology/sources.ts';
import { listOf, load, OBJECTS, TOPOLOGY } from './inputs.ts';

/** What is said of changes that cannot be made. */

function said(base: string, patch: string | null, without: readonly string[] = []): string {
  try {
    const patches = patch === null ? [] : [file(patch, 'patch.yaml')];
    const loaded = load([file(base, 'base.yaml')], { patches, without, namespace: 'shop' }, base !== TOPOLOGY);
    const about = (loaded.ok ? loaded.warnings : loaded.diagnostics).filter((d) => d.file === 'patch.yaml');
    return `${loaded.ok ? '' : 'error\n'}${formatDiagnostics(about, { color: false, width: 400 })}`;
  } catch (error) {
    if (!(error instanceof FlagError)) throw error;
    return `${error.message}; ${error.hint}`;
  }
}

const inputs = [
  ['a Topology', TOPOLOGY],
  ['objects', listOf(OBJECTS)],
] as const;

describe.each(inputs)('--without, in %s', (name, base) => {
  test.each([
    ['pod/shop/e', '--without pod/shop/e: there is no Pod e in namespace shop; did you mean'],
    [
      'netpol/deny-bd',
      '--without networkpolicy/shop/deny-bd: there is no NetworkPolicy deny-bd in namespace shop; did you mean shop/deny-db?',
    ],
    ['netpol/prod/deny-db', 'there is no NetworkPolicy deny-db in namespace prod; did you mean networkpolicy/shop/deny-db?'],
    ['node/node-3', '--without node/node-3: there is no Node node-3; did you mean'],
    ['nod/node-2', '--without nod/node-2: nod is no kind of object that is read; did you mean node?'],
    ['secret/x', '--without secret/x: secret is no kind of object that is read; kinds: pod, svc'],
    ['node/shop/node-2', '--without node/shop/node-2: a Node is in no namespace; node/node-2'],
    ['c', '--without c: expected KIND/NAME or KIND/NAMESPACE/NAME; as networkpolicy/shop/deny-all'],
    ['pod/a/b/c', '--without pod/a/b/c: expected KIND/NAME'],
    ['ingress/x', 'there is no Ingress x in namespace shop; there is no Ingress at all in the input'],
  ])('%s', (text, expected) => {
    expect(said(base, null, [text])).toContain(expected);
  });

  test('the same twice is there once', () => {
    expect(said(base, null, ['pod/c,pod/c'])).toContain('there is no Pod c');
  });

  test(`${name}: an object of it that is not there, and one that is`, () => {
    expect(said(base, null, ['pod/c', 'pod/x'])).toContain('pod/shop/x');
  });
});

const meta = 'metadata: { name: NAME, namespace: shop }';
const of = (kind: string, name: string, rest: string, apiVersion = 'v1') =>
  `apiVersion: ${apiVersion}\nkind: ${kind}\n${meta.replace('NAME', name)}\n${rest}\n`;

describe.each(inputs)('--with, in %s', (_, base) => {
  test.each([
    [
      'fields of an object that is not there',
      of('NetworkPolicy', 'deny-bd', 'spec: { ingress: [ {} ] }', 'networking.k8s.io/v1'),
      'patch.yaml:1:1: error: there is no NetworkPolicy/shop/deny-bd that these fields could be merged into, and they are not all of one',
    ],
    ['its nearest name', of('NetworkPolicy', 'deny-bd', 'spec: { ingress: [ {} ] }', 'networking.k8s.io/v1'), 'did you mean shop/deny-db?'],
    ['its namespace', of('Service', 'web', 'spec: { type: NodePort }').replace('shop', 'prod'), 'did you mean shop/web?'],
    ['one that is to be deleted', of('Service', 'wep', '$patch: delete'), 'did you mean shop/web?'],
    ['another directive', of('Service', 'web', '$patch: remove'), 'patch.yaml:4:9: error: expected merge, replace, delete'],
    [
      'an object without a name',
      'apiVersion: v1\nkind: Service\nmetadata: { namespace: shop }\n',
      'this patch does not say of which object it is',
    ],
    [
      'a kind that nobody reads',
      of('Secret', 'x', 'data: {}'),
      'warning: objects of kind Secret are not read, so that this one changes nothing',
    ],
    [
      'a patch that changes nothing',
      of('Service', 'web', 'spec: { selector: { app: web } }'),
      'warning: this patch of Service/shop/web changes nothing',
    ],
    ['YAML that is none', 'apiVersion: [', 'patch.yaml:'],
    [
      'a value that does not fit, in the patch',
      of('NetworkPolicy', 'deny-db', 'spec: { policyTypes: [ Inward ] }', 'networking.k8s.io/v1'),
      'patch.yaml:4:24',
    ],
  ])('%s', (_what, patch, expected) => {
    expect(said(base, patch)).toContain(expected);
  });
});

test.each([
  [
    'an item that is not there, and is not all of one',
    'pods: [ { name: e, namespace: shop, labels: { a: b } } ]',
    'patch.yaml:3:9: error: there is no Pod/shop/e that these fields',
  ],
  ['a field that nobody knows', 'nodes: [ { name: node-1, rotues: {} } ]', 'patch.yaml:3:26: error: unknown field'],
  ['a value that does not fit', 'nodes: [ { name: node-1, ip: 300.1.1.1 } ]', 'patch.yaml:3:30: error'],
  ['a Topology that changes nothing', 'nodes: [ { name: node-1, ip: 192.168.1.11 } ]', 'this patch of Topology changes nothing'],
  [
    'a reference that is broken by it',
    'pods: [ { name: c, namespace: shop, node: node-9 } ]',
    'patch.yaml:3:43: error: there is no node node-9',
  ],
])('a Topology for a Topology: %s', (_, lists, expected) => {
  expect(said(TOPOLOGY, `apiVersion: k8s-trace/v1\nkind: Topology\n${lists}\n`)).toContain(expected);
});

test('a Pod object for a pod that a Topology states: it is to be written as a Topology', () => {
  const patch = of('Pod', 'c', 'metadata: { name: c, namespace: shop, labels: { app: db } }').replace(`${meta.replace('NAME', 'c')}\n`, '');
  expect(said(TOPOLOGY, patch)).toContain('error: Pod/shop/c is stated in a Topology, which a Pod object cannot be merged into');
  expect(said(TOPOLOGY, patch)).toContain('pods: [ { name: c, … } ]');
});

test('a workload of a cluster that runs: its pods stay', () => {
  const patch = of('Deployment', 'web', 'spec: { replicas: 5 }', 'apps/v1');
  expect(said(listOf(OBJECTS), patch)).toContain('warning: the pods of Deployment/shop/web stay as the input has them');
});
