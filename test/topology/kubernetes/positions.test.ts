import { describe, expect, test } from 'vitest';
import type { Path } from '../../../src/source/origin.ts';
import { dumpsOf, hasDumps, readDump } from './dumps.ts';
import { file, inParts, nameOf, readAll } from './read.ts';

const INDENTED =
  '{\n  "kind": "List",\n  "items": [\n    { "kind": "Node" },\n    {\n      "kind": "Pod",\n      "metadata": { "name": "a" }\n    }\n  ]\n}\n';
const YAML = 'kind: List\nitems:\n- kind: Node\n- kind: Pod\n  metadata:\n    name: a\n---\nkind: Pod\nmetadata: { name: b }\n';

const PLACES: readonly (readonly [name: string, text: string, item: number, path: Path, key: boolean, place: string, line: string])[] = [
  ['an item', INDENTED, 1, [], false, '5:5', '    {'],
  ['a value', INDENTED, 1, ['metadata', 'name'], false, '7:29', '      "metadata": { "name": "a" }'],
  ['a key', INDENTED, 1, ['metadata'], true, '7:7', '      "metadata": { "name": "a" }'],
  ['what is not there: what is nearest', INDENTED, 1, ['metadata', 'labels', 'a'], false, '7:19', '      "metadata": { "name": "a" }'],
  ['a value on the line where an item begins', INDENTED, 0, ['kind'], false, '4:15', '    { "kind": "Node" }'],
  ['a JSON line', '{"kind":"Node"}\n{"kind":"Pod","a":1}\n', 1, ['a'], false, '2:19', '{"kind":"Pod","a":1}'],
  [
    'all on one line',
    '[{"kind":"Node","a":"é"},{"kind":"Pod","a":1}]',
    1,
    ['a'],
    false,
    '1:44',
    '[{"kind":"Node","a":"é"},{"kind":"Pod","a":1}',
  ],
  [
    'an item of a list in a list',
    '{"kind":"List","items":[\n{"kind":"PodList","items":[{"a":1}]}]}',
    0,
    ['a'],
    false,
    '2:33',
    '{"kind":"PodList","items":[{"a":1}]}',
  ],
  ['an item of YAML', YAML, 1, [], false, '4:3', '  kind: Pod'],
  ['a value of YAML', YAML, 1, ['metadata', 'name'], false, '6:11', '    name: a'],
  ['a value of the second document', YAML, 2, ['metadata', 'name'], false, '9:19', 'metadata: { name: b }'],
  [
    'an alias of another item',
    'kind: List\nitems:\n- kind: Node\n  a: &a\n    b: 1\n- kind: Pod\n  a: *a\n',
    1,
    ['kind'],
    false,
    '6:9',
    '- kind: Pod',
  ],
];

describe('positions, by reading an item again', () => {
  test.each(PLACES)('%s', (_name, text, index, path, key, place, shownLine) => {
    for (const input of [file('x.yaml', text), inParts('x.yaml', text, 5)]) {
      const item = readAll(input).filter((r) => r.what === 'item')[index];
      if (item?.what !== 'item') throw new Error('there is no such item');
      const { line, column } = item.document.position(path, key);
      expect(`${line}:${column}`).toBe(place);
      expect(item.document.line(line)).toBe(shownLine);
    }
  });

  test('of a file that is another one meanwhile: the place where the item was', () => {
    let text = INDENTED;
    const input = {
      name: 'x.json',
      size: text.length,
      read: (into: Uint8Array, offset: number) => new TextEncoder().encodeInto(text.slice(offset), into).written,
    };
    const item = readAll(input).filter((r) => r.what === 'item')[1];
    text = '';
    expect(item?.what === 'item' && item.document.position(['metadata', 'name'])).toMatchObject({ line: 5 });
  });
});

test.skipIf(!hasDumps)(
  "the names in other people's dumps stand where they are said to stand (skipped where the dumps are not beside the project)",
  () => {
    let count = 0;
    for (const name of dumpsOf(/\.(json|jsonl|ya?ml)$/)) {
      const bytes = readDump(name);
      const lines = new TextDecoder().decode(bytes).split('\n');
      for (const reading of readAll({ name, bytes })) {
        if (reading.what !== 'item' || nameOf(reading) === '-') continue;
        const { line, column } = reading.document.position(['metadata', 'name']);
        const rest = (lines[line - 1] ?? '').slice(column - 1).replace(/^["']/, '');
        expect(`${name} ${line}:${column} ${rest.slice(0, nameOf(reading).length)}`).toBe(`${name} ${line}:${column} ${nameOf(reading)}`);
        count++;
      }
    }
    expect(count).toBeGreaterThan(2000);
  },
);
