import { expect, test } from 'vitest';
import { bytesAt, type InputFile } from '../../../src/topology/syntax/document.ts';
import { type Random, randomFrom } from '../../fuzz/random.ts';
import { readByLibrary } from './by-library.ts';
import { dumpsOf, readDump } from './dumps.ts';
import { mutated } from './mutated.ts';
import { file, inParts, readAll } from './read.ts';
import { SHAPES } from './shapes.ts';

/**
 * Dumps with faults: nothing is thrown, and what is read is what the yaml package, or the engine's JSON parser, reads of the whole text.
 * As many as K8S_TRACE_MUTATIONS says.
 */
const COUNT = Number(process.env['K8S_TRACE_MUTATIONS'] ?? '2000');
/** Milliseconds for one, some ten times what it takes. */
const MOST_TIME = 60;

const KUBECTL = `apiVersion: v1
items:
- apiVersion: v1
  kind: Pod
  metadata:
    annotations:
      note: "folded at a space in double quotes, as kubectl folds what is\\n
        long"
    name: web-1
  spec:
    containers:
    - args:
      - --listen=:8080
      - 'a: b'
      command: ["sh", -c]
      name: app
      ports: []
  status: {}
- apiVersion: v1
  data:
    Corefile: |
      .:53 {
          kubernetes cluster.local
      }

    empty: ""
  kind: ConfigMap
  metadata:
    name: coredns
kind: List
metadata:
  resourceVersion: ""
`;

const TEXTS: readonly (readonly [name: string, text: string])[] = [
  ['x.yaml', KUBECTL],
  ['x.json', JSON.stringify(readByLibrary(KUBECTL)?.[0], null, 4)],
  ...SHAPES.map(([, name, text]) => [name, text] as const),
  ...dumpsOf(/\.(ya?ml|jsonl?)$/)
    .map((name) => [name, new TextDecoder().decode(readDump(name))] as const)
    .filter(([, text]) => text.length < 20_000),
];

const isObject = (data: unknown): data is Readonly<Record<string, unknown>> =>
  typeof data === 'object' && data !== null && !Array.isArray(data);

/** The objects of a document: itself, or a list's items, also where these are lists. */
function objectsOf(data: unknown, isDocument = true): readonly unknown[] {
  if (Array.isArray(data)) return isDocument ? data.flatMap((item) => objectsOf(item, false)) : [];
  if (!isObject(data)) return [];
  const { kind, items } = data;
  if (Array.isArray(items) && (isDocument || isList(kind))) return items.flatMap((item) => objectsOf(item, false));
  return isList(kind) ? [] : [data];
}

const isList = (kind: unknown) => typeof kind === 'string' && kind.endsWith('List');

/** All objects of a text that says of which kind they are; null when it cannot be read. */
function expected(name: string, text: string): readonly unknown[] | null {
  const isYaml = /\.ya?ml$/.test(name);
  const documents = isYaml ? readByLibrary(text) : byEngine(text);
  return documents === null ? null : documents.flatMap((data) => objectsOf(data));
}

/** A JSON text as a whole. */
function byEngine(text: string): readonly unknown[] | null {
  try {
    return [JSON.parse(text)];
  } catch {
    return null;
  }
}

/** What is wrong with how a file is read. */
function faultsOf(name: string, text: string, r: Random): readonly string[] {
  const input: InputFile = r.oneIn(4) ? inParts(name, text, 1 + r.below(9)) : file(name, text);
  const readings = readAll(input);
  const items = readings.flatMap((reading) => (reading.what === 'item' ? [reading] : []));
  for (const { document } of items) {
    const { line, column } = document.position(['metadata', 'name']);
    document.line(line);
    if (line < 1 || column < 1) return ['a position that is none'];
  }
  const isFault = readings.some((reading) => reading.what === 'fault');
  const right = expected(name, text);
  if (right === null) return isFault || !isOneJson(name, text) ? [] : ['no fault'];
  const hasKind = (data: unknown) => isObject(data) && typeof data['kind'] === 'string';
  // Items whose kind their list says come when the list has ended.
  const [own = [], others = []] = [items.map((i) => i.data), right].map((all) =>
    all
      .filter(hasKind)
      .map((data) => JSON.stringify(data))
      .sort(),
  );
  const different = isFault ? own.filter((data) => !others.includes(data)) : own.filter((data, i) => data !== others[i]);
  return different.length > 0 || (!isFault && own.length < others.length)
    ? [`${others.length} objects, and not ${own.length}`, ...different]
    : [];
}

/** Between several JSON texts there may be anything. */
const isOneJson = (name: string, text: string) =>
  name === 'x.json' && text.startsWith('{\n    "') && (text.match(/^\S/gm) ?? []).length === 2;

test(
  `${COUNT} mutated dumps`,
  () => {
    expect(bytesAt(file('x', 'abc'), 1, 5)).toHaveLength(2);
    for (let seed = 1; seed <= COUNT; seed++) {
      const r = randomFrom(seed);
      const [name, text] = TEXTS[r.below(TEXTS.length)] ?? ['', ''];
      const changed = mutated(text, r);
      expect({ seed, name, text: changed, faults: faultsOf(name, changed, r) }).toEqual({ seed, name, text: changed, faults: [] });
    }
  },
  COUNT * MOST_TIME,
);
