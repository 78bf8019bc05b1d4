import { describe, expect, test, vi } from 'vitest';
import { linting, loadNetwork } from '../../src/index.ts';
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
    ['UTF-16', bytes(0xff, 0xfe, 0x61, 0x00, 0x3a, 0x00), 'wrong-form', /UTF-16/],
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

describe('nested 500 levels deep, and not one more', () => {
  /** Each takes the levels that are below the document's own mapping. */
  const nested: Readonly<Record<string, (levels: number) => string>> = {
    'flow lists': (n) => `x: ${'['.repeat(n)}${']'.repeat(n)}`,
    'flow mappings': (n) => `x: ${'{a: '.repeat(n)}${'}'.repeat(n)}`,
    'flow mappings that are not closed': (n) => `x: ${'{a: '.repeat(n)}`,
    'block lists': (n) => `x:\n  ${'- '.repeat(n)}y`,
    'block mappings': (n) => `x:\n${Array.from({ length: n }, (_, i) => `${' '.repeat(i + 1)}a:`).join('\n')}`,
    'keys of keys': (n) => `x:\n  ${'? '.repeat(n)}y`,
    aliases: (n) => `${Array.from({ length: n }, (_, i) => `x${i}: &x${i} [${i === 0 ? '' : `*x${i - 1}`}]`).join('\n')}`,
    merges: (n) => `${Array.from({ length: n }, (_, i) => `x${i}: &x${i} { ${i === 0 ? '' : `<<: *x${i - 1}`} }`).join('\n')}`,
  };

  test.each(Object.entries(nested))('%s', (_name, text) => {
    const codes = (levels: number) => new Set(told(file(text(levels))).map((d) => d.code));
    expect(codes(499)).not.toContain('too-deep');
    expect(codes(500)).toContain('too-deep');
  });

  test.each(Object.entries(nested).filter(([name]) => /^flow|^block lists|^keys/.test(name)))('%s, 50,000 levels of it', (_name, text) => {
    expect(told(file(text(50_000))).map((d) => d.code)).toContain('too-deep');
  });

  test('in JSON', () => {
    const json = (levels: number) => `{"x":${'['.repeat(levels)}${']'.repeat(levels)}}`;
    expect(told(file(json(499), 'x.json')).map((d) => d.code)).toEqual(['no-kind']);
    expect(told(file(json(500), 'x.json'))).toMatchObject([{ code: 'too-deep', place: { line: 1, column: 505 } }]);
    expect(told(file(json(500_000), 'x.json')).map((d) => d.code)).toEqual(['too-deep']);
    expect(told(file('['.repeat(500_000), 'x.json')).map((d) => d.code)).toEqual(['json-syntax']);
  });

  test('the message names the limit, and the place where it is passed', () => {
    const text = printed([file(`${SMALLEST}x: ${'['.repeat(2_000)}\n`)]);
    expect(text).toMatch(/^x\.yaml:6:503: error: nested more than 500 levels deep, which is the limit \[too-deep\]\n/);
  });
});

describe('large', () => {
  test('a file longer than any text is said to be that', async () => {
    const large = file(new Uint8Array(2 ** 29));
    const loaded = loadNetwork([large]);
    if (loaded.ok) throw new Error('loaded');
    expect(loaded.diagnostics).toMatchObject([{ code: 'file-too-large', message: expect.stringContaining('536,870,888 bytes') }]);
    const { lint } = await linting();
    expect(lint(loaded, [large], { select: [], ignore: [] }).findings).toEqual(loaded.diagnostics);
  });

  test.each([
    ['of letters', 'x'.repeat(10_000_000)],
    ['of escapes', '\\n'.repeat(10_000_000)],
  ])('a JSON string %s, more than a regular expression can read', (_name, content) => {
    const valid = `{"a":"${content}","b":1,"b":2}`;
    expect(told(file(valid, 'x.json'))).toMatchObject([{ code: 'duplicate-key', place: { column: content.length + 15 } }]);
    expect(told(file(`{"a":"${content}",}`, 'x.json'))).toMatchObject([{ code: 'json-syntax', place: { column: content.length + 9 } }]);
  });

  test('merge keys that copy a mapping over and over', () => {
    const keys = Array.from({ length: 1000 }, (_, i) => `k${i}: v`).join(', ');
    const text = `${SMALLEST}x: &x { ${keys} }\nz:\n${'  - { <<: *x }\n'.repeat(2000)}`;
    expect(told(file(text)).map((d) => d.code)).toEqual(['too-many-nodes']);
  });
});

describe('JSON that is not quite', () => {
  test.each([
    ['a control character in a text', '{"a": "x\u0001y"}', 9],
    ['DEL in a text is no fault, but the comma is', '{"a": "x\u007fy",}', 13],
    ['a bad escape', '{"a": "x\\qy"}', 9],
    ['a text that does not end', '{"a": "xy', 7],
    ['a number with a zero before it', '{"a": 01}', 8],
  ])('%s', (_name, text, column) => {
    expect(told(file(text, 'x.json'))).toMatchObject([{ code: 'json-syntax', place: { line: 1, column } }]);
  });

  test('a key that is there twice, once with an escape', () => {
    expect(told(file('{"ab": 1, "a\\u0062": 2}', 'x.json'))).toMatchObject([{ code: 'duplicate-key', place: { column: 11, field: 'ab' } }]);
  });
});

describe('a carriage return ends a line', () => {
  test.each([
    ['alone', '\r'],
    ['before a line feed', '\r\n'],
  ])('%s, in YAML and in JSON', (_name, end) => {
    const yaml = `${SMALLEST}nodes: 7\n`.replaceAll('\n', end);
    expect(told(file(yaml))).toMatchObject([{ code: 'duplicate-key', place: { line: 6, column: 1, text: 'nodes: 7' } }]);
    const json = `{\n"kind": "Topology",\n  "kind": 1\n}`.replaceAll('\n', end);
    expect(told(file(json, 'x.json'))).toMatchObject([{ code: 'duplicate-key', place: { line: 3, column: 3, text: '  "kind": 1' } }]);
  });

  test('also for the comments that ask to ignore a finding', async () => {
    const text = `${SMALLEST}# k8s-trace: ignore hairpin-off\n`.replaceAll('\n', '\r');
    const { lint } = await linting();
    const { findings } = lint(loadNetwork([file(text)]), [file(text)], { select: ['unused-ignore'], ignore: [] });
    expect(findings).toMatchObject([{ place: { line: 6, column: 1, text: '# k8s-trace: ignore hairpin-off' } }]);
  });
});

describe('keys', () => {
  test('nothing of the input reaches the process as a warning', () => {
    const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    for (const text of [
      '{ [a, b]: c }: d\n',
      '? { a: b }\n: c\n',
      'x: &x [a]\n*x : y\n',
      '!!set { a }\n',
      '%YAML 1.1\n---\na: !!binary x\n',
    ])
      expect(told(file(text))).not.toEqual([]);
    expect(warn).not.toHaveBeenCalled();
    warn.mockRestore();
  });

  test.each([
    ['constructor', `${SMALLEST}constructor: 1\n`, 'x.yaml'],
    ['toString', '{"apiVersion":"k8s-trace/v1","kind":"Topology","toString":{"nodes":[]},"cluster":{"podCIDR":"10.0.0.0/8"}}', 'x.json'],
  ])('%s is an unknown field like any other', (field, text, name) => {
    expect(told(file(text, name)).find((d) => d.code === 'unknown-field')?.place?.field).toBe(field);
  });

  test.each([
    ['a field', '__proto__: { nodes: [] }', '__proto__'],
    ['a label', 'pods: [{ name: a, node: node-1, labels: { __proto__: v } }]', 'pods[0].labels.__proto__'],
    [
      'a selector',
      'services: [{ name: a, clusterIP: None, selector: { __proto__: v }, ports: [{ port: 80 }] }]',
      'services[0].selector.__proto__',
    ],
    ['an anchor', 'x: &x __proto__\nz: { *x : v }', 'z.__proto__'],
  ])('__proto__ is no key, also where any other name is one: %s', (_name, text, field) => {
    expect(told(file(`${SMALLEST}${text}\n`))).toMatchObject([{ code: 'bad-key', place: { field } }]);
  });

  test('__proto__ is no key in JSON, however it is written', () => {
    for (const key of ['"__proto__"', '"__pr\\u006fto__"'])
      expect(told(file(`{"kind":"Topology","a":[{${key}:1}]}`, 'x.json'))).toMatchObject([
        { code: 'bad-key', place: { column: 26, field: 'a[0].__proto__' } },
      ]);
  });

  test.each(['constructor', 'toString', 'valueOf', 'hasOwnProperty'])('a sysctl called %s is one that nobody knows', (name) => {
    expect(told(file(`${SMALLEST}pods: [{ name: a, node: node-1, sysctls: { ${name}: 1 } }]\n`)).map((d) => d.place?.field)).toEqual([
      `pods[0].sysctls.${name}`,
    ]);
  });

  test('a key that is a list is an error, not a text like "[ app ]"', () => {
    const diagnostics = told(file(`${SMALLEST}pods: [{ name: pod-a, node: node-1, labels: { [app]: web } }]\n`));
    expect(diagnostics.map((d) => [d.severity, d.place?.line, d.place?.column])).toEqual([['error', 6, 47]]);
  });
});
