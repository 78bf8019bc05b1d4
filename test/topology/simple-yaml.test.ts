import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { isMap, isScalar, isSeq, type Node, parseAllDocuments } from 'yaml';
import { offsetAt, readSimpleYaml } from '../../src/topology/syntax/simple-yaml.ts';

const FIXTURES = join(import.meta.dirname, '../../fixtures');
const texts = readdirSync(FIXTURES, { recursive: true, encoding: 'utf8' })
  .filter((name) => /\.ya?ml$/.test(name))
  .map((name) => readFileSync(join(FIXTURES, name), 'utf8'));

/** Where each value and each key starts, by its path. */
function offsetsOf(root: Node, at: (path: readonly (string | number)[], key: boolean) => number): readonly string[] {
  const found: string[] = [];
  const look = (node: unknown, path: readonly (string | number)[]) => {
    if (!isMap(node) && !isSeq(node) && !isScalar(node)) return;
    found.push(`${path.join('.')} ${node.range?.[0]} ${at(path, false)}`);
    if (isSeq(node)) for (const [i, item] of node.items.entries()) look(item, [...path, i]);
    if (isMap(node))
      for (const { key, value } of node.items) {
        const name = isScalar(key) ? String(key.value) : '?';
        found.push(`${[...path, name].join('.')} ${isScalar(key) ? key.range?.[0] : null} ${at([...path, name], true)}`);
        look(value, [...path, name]);
      }
  };
  look(root, []);
  return found;
}

/** Reads a text both ways. Answers what differs; null when the simple reader leaves it to the package. */
function differences(text: string): readonly string[] | null {
  const simple = readSimpleYaml(text);
  if (simple === null) return null;
  const parsed = parseAllDocuments(text, { merge: true, prettyErrors: false });
  const documents = Array.isArray(parsed) ? parsed : [];
  const wrong = documents.flatMap((d) => [...d.errors, ...d.warnings].map((e) => e.message));
  const roots = documents.flatMap((d) => (d.contents === null || (isScalar(d.contents) && d.contents.value === null) ? [] : [d]));
  if (wrong.length > 0 || roots.length !== simple.length) return [`${roots.length} documents, not ${simple.length}`, ...wrong];
  return roots.flatMap((document, i) => {
    const root = simple[i];
    if (root === undefined) return ['a document is missing'];
    const data = JSON.stringify(document.toJS()) === JSON.stringify(root.data) ? [] : [JSON.stringify(root.data)];
    const offsets = document.contents === null ? [] : offsetsOf(document.contents, (path, key) => offsetAt(root, path, key));
    return [...data, ...offsets.filter((line) => !/ (\d+) \1$/.test(line))];
  });
}

/** Numbers from 0, as mulberry32 has them. */
function random(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
}

const BITS = [
  '\n',
  ' ',
  '  ',
  ': ',
  ':',
  '- ',
  '-',
  '#',
  ' #',
  '{',
  '}',
  '[',
  ']',
  ',',
  '"',
  "'",
  'a',
  '0',
  '1',
  '.',
  '/',
  '---\n',
  '~',
  '&a ',
];
const ODD = [
  '*a',
  '!',
  '|',
  '>',
  '%',
  '@',
  '`',
  '<<: ',
  'y',
  'null',
  'true',
  '0x1',
  '1e3',
  '.5',
  '-1',
  '\\',
  '\t',
  'é',
  '? ',
  '...',
  '\n\n',
];
const RARE = ['\n  ', '\n    ', '+', '1:30', '1_0', '_', '$', '(', '\u2028', '\u00a0', '😀', '\r', '__proto__: 1'];
const PIECES = [...BITS, ...ODD, ...RARE];

/** A few lines of a fixture, with something put in, taken out or replaced here and there. */
function mutated(next: (below: number) => number): string {
  const lines = (texts[next(texts.length)] ?? '').split('\n');
  const from = next(lines.length);
  let text = `${lines.slice(from, from + 1 + next(12)).join('\n')}${next(3) === 0 ? '' : '\n'}`;
  for (let changes = next(4); changes > 0; changes--) {
    const at = next(text.length + 1);
    const piece = PIECES[next(PIECES.length)] ?? '';
    const [put, gone] = [['', 1 + next(3)] as const, [piece, 0] as const, [piece, 1] as const][next(3)] ?? ['', 0];
    text = text.slice(0, at) + put + text.slice(at + gone);
  }
  return text;
}

describe('what the simple reader reads, the yaml package reads alike: data, and where each key and value starts', () => {
  test('nearly all fixtures', () => {
    const results = texts.map(differences);
    expect(results.filter((r) => r !== null && r.length > 0)).toEqual([]);
    expect(results.filter((r) => r === null).length / results.length).toBeLessThan(0.1);
  });

  test('3,000 fixtures with faults', () => {
    const next = random(20_261_130);
    let read = 0;
    for (let i = 0; i < 3000; i++) {
      const text = mutated(next);
      const found = differences(text);
      if (found !== null) read++;
      expect({ text, found: found ?? [] }).toEqual({ text, found: [] });
    }
    expect(read).toBeGreaterThan(300);
  });
});

describe('what is left to the package', () => {
  test.each([
    ['an anchor', 'a: &x 1\nb: 2\n'],
    ['an alias', 'a: *x\n'],
    ['a tag', 'a: !!str 1\n'],
    ['a block scalar', 'a: |\n  text\n'],
    ['a merge key', '<<: { a: 1 }\n'],
    ['a value of several lines', 'a: one\n  two\n'],
    ['an escape', 'a: "\\n"\n'],
    ['a quote in quotes', "a: 'it''s'\n"],
    ['nothing', 'a:\nb: 1\n'],
    ['a word of YAML 1.1', 'a: yes\n'],
    ['an odd number', 'a: 010\n'],
    ['a number with a fraction', 'a: 1.5\n'],
    ['a key that is there twice', 'a: 1\na: 2\n'],
    ['a key that is a number', '80: a\n'],
    ['a tab', 'a:\t1\n'],
    ['a carriage return', 'a: 1\r\n'],
    ['a directive', '%YAML 1.1\n---\na: 1\n'],
    ['the end of a document', 'a: 1\n...\n'],
    ['a text alone', 'text\n'],
    ['a lower line in brackets', 'a:\n  b: [\n  1 ]\n'],
    ['a bracket that is open', 'a: [1\n'],
    ['deep brackets', `a: ${'['.repeat(60)}${']'.repeat(60)}\n`],
    ['the name of the prototype', '__proto__: 1\n'],
  ])('%s', (_name, text) => {
    expect(readSimpleYaml(text)).toBeNull();
  });
});

test('a text without a value has no document', () => {
  expect(readSimpleYaml('# nothing\n\n---\n# here\n---\n')).toEqual([]);
});
