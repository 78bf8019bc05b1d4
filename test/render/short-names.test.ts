import { describe, expect, test } from 'vitest';
import { loadNetwork, render, type TraceDocument, traceRequest } from '../../src/index.ts';
import { shortFiles, shortNames } from '../../src/render/short-names.ts';
import { wrap } from '../../src/render/text.ts';
import { file } from '../topology/sources.ts';

/** Two nodes and two pods of a namespace, with the names that they get. */
const topology = (nodes: readonly [string, string], namespaces: readonly [string, string]) => `apiVersion: k8s-trace/v1
kind: Topology
cluster: { podCIDR: 10.244.0.0/16, serviceCIDR: 10.96.0.0/12 }
nodes:
  - { name: ${nodes[0]}, ip: 192.168.1.11, podCIDR: 10.244.1.0/24 }
  - { name: ${nodes[1]}, ip: 192.168.1.12, podCIDR: 10.244.2.0/24 }
pods:
  - { name: frontend-7d9c6b8f5d-x2x9z, namespace: ${namespaces[0]}, node: ${nodes[0]}, labels: { app: a } }
  - { name: orders-5f97dc94d8-vkcjl, namespace: ${namespaces[1]}, node: ${nodes[1]}, labels: { app: b } }
services: [ { name: orders, namespace: ${namespaces[1]}, clusterIP: 10.96.0.10, selector: { app: b }, ports: [ { port: 80, targetPort: 8080 } ] } ]
`;
const EKS = ['ip-10-0-12-34.eu-central-1.compute.internal', 'ip-10-0-45-6.eu-central-1.compute.internal'] as const;

function traced(nodes: readonly [string, string], namespaces: readonly [string, string]): TraceDocument {
  const loaded = loadNetwork([file(topology(nodes, namespaces))]);
  if (!loaded.ok) throw new Error(loaded.diagnostics[0]?.message);
  const source = `${namespaces[0]}/frontend-7d9c6b8f5d-x2x9z`;
  const answer = traceRequest(loaded.value, { source, destination: `${namespaces[1]}/svc/orders:80`, namespace: 'default' });
  if (!answer.ok) throw new Error(answer.message);
  return answer.trace;
}

const shown = (trace: TraceDocument, width: number) =>
  render('table', trace, { color: false, width, allPaths: false, reply: false, verbose: false });

test('an address is no name with a domain', () => {
  const loaded = loadNetwork([file(`${topology(['n1', 'n2'], ['shop', 'shop'])}internet: { gateway: { ip: 192.168.1.1 } }\n`)]);
  if (!loaded.ok) throw new Error(loaded.diagnostics[0]?.message);
  const answer = traceRequest(loaded.value, { source: '198.51.100.7', destination: 'shop/orders-5f97dc94d8-vkcjl:8080' });
  if (!answer.ok) throw new Error(answer.message);
  expect(shortNames(answer.trace).domain).toBe('');
  expect(shown(answer.trace, 100)).toContain('a process on 198.51.100.7 sends');
});

describe('what names have in common', () => {
  test.each([
    ['the domain of two nodes', EKS, ['shop', 'shop'], '.eu-central-1.compute.internal', 'shop'],
    [
      'of regions that differ, what is the same',
      ['a.eu-west-1.compute.internal', 'b.us-east-1.compute.internal'],
      ['shop', 'shop'],
      '.compute.internal',
      'shop',
    ],
    ['nothing', ['node-1', 'node-2'], ['default', 'default'], '', 'default'],
    ['a short end stays', ['a.lan', 'b.lan'], ['shop', 'shop'], '', 'shop'],
    [
      'names that would be one stay as they are',
      ['a.eu.compute.internal', 'a.us.compute.internal'],
      ['shop', 'shop'],
      '.compute.internal',
      'shop',
    ],
    ['the namespace is that of the source', ['node-1', 'node-2'], ['web', 'shop'], '', 'web'],
    ['not where a pod of default has no namespace either', ['node-1', 'node-2'], ['shop', 'default'], '', 'default'],
  ] as const)('%s', (_what, nodes, namespaces, domain, namespace) => {
    expect(shortNames(traced(nodes, namespaces))).toMatchObject({ domain, namespace });
  });

  test.each([
    ['to eth0 of shop/orders-5f97dc94d8-vkcjl', 'to eth0 of orders-5f97dc94d8-vkcjl'],
    ['eth0 of ip-10-0-45-6.eu-central-1.compute.internal', 'eth0 of ip-10-0-45-6'],
    ['GET /shop/cart', 'GET /shop/cart'],
    ['eshop/orders and my-shop/orders', 'eshop/orders and my-shop/orders'],
    ['old.ip-10-0-45-6.eu-central-1.compute.internal', 'old.ip-10-0-45-6.eu-central-1.compute.internal'],
    ['ip-10-0-45-6.eu-central-1.compute.internal.example.org', 'ip-10-0-45-6.eu-central-1.compute.internal.example.org'],
  ])('%s', (text, short) => {
    expect(shortNames(traced(EKS, ['shop', 'shop'])).shorten(text)).toBe(short);
  });
});

describe.each([80, 120, 160])('a table of long names at %i columns', (width) => {
  const text = shown(traced(EKS, ['shop', 'shop']), width);
  const table = text.slice(text.indexOf('#   NODE'), text.indexOf('\nAnswer'));

  test('is as wide as that', () => {
    for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(width);
  });
  test('has the common parts of names below it, once', () => {
    expect(table).not.toContain('eu-central-1');
    expect(table).not.toContain('shop/');
    expect(text.replaceAll(/\s+/g, ' ')).toContain(
      'Pods are in namespace shop where none is named. Names of nodes are without .eu-central-1.compute.internal.',
    );
  });
  test('leaves what happens a third at least', () => {
    const head = table.split('\n')[0] ?? '';
    expect(head.indexOf('LINE') - head.indexOf('WHAT HAPPENS')).toBeGreaterThan(width / 3);
  });
});

test('a name that does not fit is broken after a dash, a dot or a slash of it', () => {
  expect(wrap('frontend-7d9c6b8f5d-x2x9z', 20)).toEqual(['frontend-7d9c6b8f5d-', 'x2x9z']);
  expect(wrap('eu-central-1.compute.internal', 14)).toEqual(['eu-central-1.', 'compute.', 'internal']);
  expect(wrap('abcdefghijklmnop', 10)).toEqual(['abcdefghij', 'klmnop']);
});

test.each([
  [
    ['dumps/pods.yaml', 'dumps/nodes.yaml'],
    ['pods.yaml', 'nodes.yaml'],
  ],
  [
    ['a/pods/shop.json', 'a/services/shop.json', 'a/nodes.json'],
    ['pods/shop.json', 'services/shop.json', 'nodes.json'],
  ],
  [
    ['shop.json', 'a/shop.json'],
    ['shop.json', 'a/shop.json'],
  ],
])('files %j are called %j', (files, names) => {
  expect([...shortFiles(files).values()]).toEqual(names);
});

test('lines of several files are cited by the ends of their paths, which are said below', () => {
  const trace = traced(['node-1', 'node-2'], ['default', 'default']);
  const files = ['/dumps/one/pods.yaml', '/dumps/one/nodes.yaml'];
  let n = 0;
  const text = JSON.stringify(trace).replaceAll(/"file":"[^"]*"/g, () => `"file":"${files[n++ % 2]}"`);
  const table = shown(JSON.parse(text), 120);
  expect(table).toMatch(/ \(?pods\.yaml:\d+\)?$/m);
  expect(table).toMatch(/ \(?nodes\.yaml:\d+\)?$/m);
  expect(table).toContain('Files are in /dumps/one/; ');
});
