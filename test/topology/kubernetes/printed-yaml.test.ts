import { describe, expect, test } from 'vitest';
import { readPrintedYaml } from '../../../src/topology/syntax/printed-yaml.ts';
import { randomFrom } from '../../fuzz/random.ts';
import { readByLibrary } from './by-library.ts';
import { dumpsOf, hasDumps, readDump } from './dumps.ts';
import { mutated } from './mutated.ts';

/** What kubectl prints, with the value that YAML 1.2.2 gives it. */
const READ: readonly (readonly [name: string, text: string, data: unknown])[] = [
  ['a mapping', 'a: b\nc: 1\nd: true\ne: null\nf: -3\ng: 1.5\n', { a: 'b', c: 1, d: true, e: null, f: -3, g: 1.5 }],
  ['nothing behind a key', 'a:\nb: 1\n', { a: null, b: 1 }],
  ['a list below its key', 'a:\n- 1\n- x\nb: 2\n', { a: [1, 'x'], b: 2 }],
  ['a list deeper than its key', 'a:\n  - 1\n  - x\n', { a: [1, 'x'] }],
  ['mappings in a list', '- a: 1\n  b: 2\n- a: 3\n', [{ a: 1, b: 2 }, { a: 3 }]],
  ['a list in a list', '- - 1\n  - 2\n- - 3\n', [[1, 2], [3]]],
  ['a mapping below its dash', '-\n  a: 1\n', [{ a: 1 }]],
  ['empty collections', 'a: {}\nb: []\n', { a: {}, b: [] }],
  ['keys of fields that are managed', 'f:spec:\n  .: {}\n  k:x: {}\n', { 'f:spec': { '.': {}, 'k:x': {} } }],
  ['a key in quotes', `'k:{"port":80}': {}\n"yes": 1\n`, { 'k:{"port":80}': {}, yes: 1 }],
  ['an argument', 'a:\n- --v=2\n- $(POD_IP):80\n- :9153\n', { a: ['--v=2', '$(POD_IP):80', ':9153'] }],
  ['addresses', 'a: 10.0.0.1\nb: fd00::1\nc: 10.0.0.0/8\n', { a: '10.0.0.1', b: 'fd00::1', c: '10.0.0.0/8' }],
  ['double quotes', 'a: "true \\"x\\" \\n\\t\\\\ \\u00e9 \\x41 é"\n', { a: 'true "x" \n\t\\ é A é' }],
  ['single quotes', "a: 'it''s # this: one'\n", { a: "it's # this: one" }],
  ['a literal', 'a: |\n  one\n   two\n\n  three\nb: 1\n', { a: 'one\n two\n\nthree\n', b: 1 }],
  ['a literal without its last line feed', 'a: |-\n  one\n', { a: 'one' }],
  ['a literal with all line feeds', 'a: |+\n  one\n\nb: 1\n', { a: 'one\n\n', b: 1 }],
  ['a literal that begins with a space', 'a: |2\n   one\n  two\n', { a: ' one\ntwo\n' }],
  ['a literal in a list', '- |\n  one: 1\n- x\n', ['one: 1\n', 'x']],
  ['a literal with what looks like another item', 'a:\n- |\n  - x\n  #\n- z\n', { a: ['- x\n#\n', 'z'] }],
  ['a folded text', 'a: one\n  two\n\n  three\nb: 1\n', { a: 'one two\nthree', b: 1 }],
  ['a folded text in double quotes', 'a: "one\n  two\\\n  \\ three\\n\n  four"\n', { a: 'one two three\n four' }],
  ['a folded text in single quotes', "a: 'one\n  two\n\n\n  three'\n", { a: 'one two\n\nthree' }],
  ['an item of a list', '  a: 1\n  b:\n  - 2\n', { a: 1, b: [2] }],
];

describe('what is read', () => {
  test.each(READ)('%s', (_name, text, data) => {
    expect(readPrintedYaml(text)).toEqual({ data });
    expect(readByLibrary(text)).toEqual([data]);
  });
});

describe('what is left to the other readers', () => {
  test.each([
    ['an anchor', 'a: &x 1\n'],
    ['an alias', 'a: *x\n'],
    ['a tag', 'a: !!str 1\n'],
    ['a folded block', 'a: >\n  one\n'],
    ['a comment', '# x\na: 1\n'],
    ['a comment behind a value', 'a: 1 # x\n'],
    ['a mapping in braces', 'a: { b: 1 }\n'],
    ['a merge key', '<<: { a: 1 }\n'],
    ['a long key', '? a\n: 1\n'],
    ['a word of YAML 1.1', 'a: yes\n'],
    ['a key that is such a word', 'on: 1\n'],
    ['a number of YAML 1.1', 'a: 010\n'],
    ['a time of YAML 1.1', 'a: 1:30\n'],
    ['a number with an exponent', 'a: 1e3\n'],
    ['a key that is a number', '80: a\n'],
    ['a key that is there twice', 'a: 1\na: 2\n'],
    ['the name of the prototype', '__proto__: 1\n'],
    ['two documents', 'a: 1\n---\nb: 1\n'],
    ['a directive', '%YAML 1.1\n'],
    ['a tab before a key', '\ta: 1\n'],
    ['a carriage return', 'a: 1\r\n'],
    ['a text alone', 'text\n'],
    ['two keys on a line', 'a: b: 1\n'],
    ['a deeper line below a value', 'a: {}\n  b: 1\n'],
    ['a line that is not deep enough', 'a:\n    b: 1\n  c: 2\n'],
    ['quotes that do not end', 'a: "x\n'],
    ['quotes whose next line is not deeper', 'a: "x\ny"\n'],
    ['a text behind quotes', 'a: "x" y\n'],
    ['an escape that does not exist', 'a: "\\q"\n'],
    ['a literal of nothing', 'a: |\n\nb: 1\n'],
    ['a line of a literal that is not deep enough', 'a: |\n    one\n  two\n'],
    ['no end of the last line', 'a: 1'],
    ['nothing', '\n'],
  ])('%s', (_name, text) => {
    expect(readPrintedYaml(text)).toBeNull();
  });
});

/** Texts that both read, and those among them that differ. */
function compared(texts: Iterable<string>) {
  const found = { read: 0, different: [] as string[] };
  for (const text of texts) {
    const own = readPrintedYaml(text);
    if (own === null) continue;
    found.read++;
    const [data, ...more] = readByLibrary(text) ?? [undefined, undefined];
    if (more.length > 0 || JSON.stringify(data) !== JSON.stringify(own.data)) found.different.push(text);
  }
  return found;
}

test('mutations of what is read', () => {
  const r = randomFrom(7);
  const texts = Array.from({ length: 3000 }, () => mutated(READ[r.below(READ.length)]?.[1] ?? '', r));
  const { read, different } = compared(texts);
  expect(different).toEqual([]);
  expect(read).toBeGreaterThan(500);
});

test.skipIf(!hasDumps)(
  "other people's dumps, document by document, and mutations of them (skipped where they are not beside the project)",
  () => {
    const documents = dumpsOf(/\.ya?ml$/).flatMap((name) => new TextDecoder().decode(readDump(name)).split(/^---.*\n/m));
    const whole = compared(documents);
    expect(whole.different).toEqual([]);
    expect(whole.read).toBeGreaterThan(documents.length / 2);
    const r = randomFrom(8);
    const small = documents.filter((text) => text.length < 3000);
    expect(compared(Array.from({ length: 3000 }, () => mutated(small[r.below(small.length)] ?? '', r))).different).toEqual([]);
  },
);
