import { describe, expect, test } from 'vitest';
import { loadNetwork } from '../../src/index.ts';
import { file, printed, SMALLEST, told } from './sources.ts';

const bytes = (...values: readonly number[]) => new Uint8Array(values);
/** Nine levels of ten: 10^9 nodes from nine lines. */
const BOMB = `${SMALLEST}x0: &x0 [a, a, a, a, a, a, a, a, a, a]\n${Array.from(
  { length: 8 },
  (_, i) => `x${i + 1}: &x${i + 1} [${Array.from({ length: 10 }, () => `*x${i}`).join(', ')}]\n`,
).join('')}`;

describe('files that are no topology at all', () => {
  test.each([
    ['empty', '', 'empty-file', /empty/],
    ['white space only', ' \n\t\n  ', 'empty-file', /empty/],
    ['a NUL byte', `${SMALLEST}\u0000`, 'not-text', /not a text file/],
    ['an executable', bytes(0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0), 'not-text', /not a text file/],
    ['invalid UTF-8', bytes(0x61, 0x3a, 0x20, 0xff, 0xfe, 0x0a), 'not-text', /not a text file/],
    ['UTF-16', bytes(0xff, 0xfe, 0x61, 0x00, 0x3a, 0x00), 'not-text', /not a text file/],
    ['comments only', '# nothing\n', 'empty-file', /no document/],
    ['a word', 'hello\n', 'no-kind', /apiVersion and kind/],
    ['a list', '[1, 2]', 'no-kind', /apiVersion and kind/],
    ['an alias without an anchor', `${SMALLEST}pods: *nowhere\n`, 'yaml-syntax', /alias|anchor/i],
  ])('%s', (_name, content, code, message) => {
    const [first] = told(file(content));
    expect(first).toMatchObject({ severity: 'error', code, file: 'x.yaml' });
    expect(first?.message).toMatch(message);
  });
});

describe('a line of more than 1 MB', () => {
  const comment = (length: number) => `${SMALLEST}#${'x'.repeat(length - 1)}\n`;

  test('is refused by its number, before the parser sees it', () => {
    const text = printed([file(`${SMALLEST}pods: [${'{ name: '.repeat(2_000_000)}\n`)]);
    expect(text).toMatch(/x\.yaml.*line 6 .*1,000,000/);
    expect(text).toMatch(/\[line-too-long\]/);
  });

  test.each([
    [1_000_000, []],
    [1_000_001, ['line-too-long']],
  ])('of %i characters: %j', (length, codes) => {
    expect(told(file(comment(length))).map((d) => d.code)).toEqual(codes);
  });

  test('is no trouble in JSON, which is recognised by its first byte', () => {
    const json = `{"apiVersion":"k8s-trace/v1","kind":"Topology",${' '.repeat(1_200_000)}"cluster":{"podCIDR":"10.244.0.0/16"},
      "nodes":[{"name":"node-1","ip":"192.168.1.11","podCIDR":"10.244.1.0/24"}]}`;
    expect(told(file(json, 'x.json'))).toEqual([]);
    expect(told(file(json, 'x.yaml'))).toEqual([]);
  });
});

describe('aliases', () => {
  test('a bomb of nine levels of ten is refused, and the message names the limit', () => {
    const diagnostics = told(file(BOMB));
    expect(diagnostics.map((d) => [d.code, d.severity])).toEqual([['too-many-nodes', 'error']]);
    expect(diagnostics[0]?.message).toMatch(/1,000,000 nodes/);
  });

  test('a hundred honest uses of one anchor are fine', () => {
    const uses = Array.from({ length: 100 }, (_, i) => `  - { name: pod-${i}, node: node-1, labels: *app }\n`).join('');
    const loaded = loadNetwork([file(`${SMALLEST}pods:\n  - { name: first, node: node-1, labels: &app { app: web } }\n${uses}`)]);
    if (!loaded.ok) throw new Error('refused');
    const labels = [...loaded.value.cluster.pods.values()].map((p) => p.labels.get('app'));
    expect(labels).toEqual(Array.from({ length: 101 }, () => 'web'));
  });

  test('an anchor that holds itself ends, with an error at the alias', () => {
    const diagnostics = told(file(`${SMALLEST}pods: [{ name: pod-a, node: node-1, labels: &l { a: *l } }]\n`));
    expect(diagnostics.map((d) => d.place?.field)).toEqual(['pods[0].labels.a']);
  });

  test('an unknown field that came by a merge key is shown where it stands', () => {
    const text = `${SMALLEST}pods:\n  - &a { name: pod-a, node: node-1, lables: {} }\n  - { <<: *a, name: pod-b }\n`;
    expect(told(file(text)).map((d) => [d.code, d.place?.line, d.place?.column])).toEqual([
      ['unknown-field', 7, 37],
      ['unknown-field', 7, 37],
    ]);
  });
});

describe('keys', () => {
  test.each([
    ['__proto__', `${SMALLEST}__proto__: { nodes: [] }\n`, 'x.yaml'],
    ['constructor', `${SMALLEST}constructor: 1\n`, 'x.yaml'],
    ['__proto__', '{"apiVersion":"k8s-trace/v1","kind":"Topology","__proto__":{"nodes":[]},"cluster":{"podCIDR":"10.0.0.0/8"}}', 'x.json'],
  ])('%s is an unknown field like any other', (field, text, name) => {
    expect(told(file(text, name)).find((d) => d.code === 'unknown-field')?.place?.field).toBe(field);
  });

  test('a key that is a list is an error, not a text like "[ app ]"', () => {
    const diagnostics = told(file(`${SMALLEST}pods: [{ name: pod-a, node: node-1, labels: { [app]: web } }]\n`));
    expect(diagnostics.map((d) => [d.severity, d.place?.line, d.place?.column])).toEqual([['error', 6, 47]]);
  });
});
