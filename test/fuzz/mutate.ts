import { parseAllDocuments, stringify } from 'yaml';
import { type Cluster, loadNetwork } from '../../src/index.ts';
import { anyValue, hostileDocument, TEXTS } from './hostile.ts';
import type { Random } from './random.ts';

type Edit = (text: string, r: Random) => string;

const cut = (text: string, from: number, to: number, between = '') => text.slice(0, from) + between + text.slice(to);

function byLine(edit: (lines: string[], at: number, r: Random) => void): Edit {
  return (text, r) => {
    const lines = text.split('\n');
    edit(lines, r.below(lines.length), r);
    return lines.join('\n');
  };
}

/** A word of the text, between what separates words. */
function wordAt(text: string, r: Random): readonly [number, number] {
  const words = [...text.matchAll(/[^\s,:{}[\]]+/g)];
  const word = r.some(words);
  return word === undefined ? [0, 0] : [word.index, word.index + word[0].length];
}

const replaceWord = (word: (r: Random, text: string) => string): Edit => {
  return (text, r) => {
    const [from, to] = wordAt(text, r);
    return cut(text, from, to, word(r, text));
  };
};

const EDITS: readonly [Edit, ...Edit[]] = [
  // Bytes
  (text, r) => {
    const at = r.below(text.length);
    return cut(text, at, at + 1, String.fromCharCode((text.charCodeAt(at) || 0) ^ (1 << r.below(7))));
  },
  (text, r) => cut(text, r.below(text.length), r.below(text.length)),
  (text, r) => text.slice(0, r.below(text.length)),
  (text, r) => {
    const at = r.below(text.length);
    return cut(text, at, at, r.pick(TEXTS));
  },
  (text, r) => text.replaceAll('\n', r.pick(['\r', '\r\n', '\n\n', '\u2028'])),
  // Lines
  byLine((lines, at, r) => lines.splice(at, 1 + r.below(3))),
  byLine((lines, at) => lines.splice(at, 0, lines[at] ?? '')),
  byLine((lines, at, r) => {
    const other = r.below(lines.length);
    [lines[at], lines[other]] = [lines[other] ?? '', lines[at] ?? ''];
  }),
  byLine((lines, at, r) => {
    lines[at] = `${r.pick(['  ', '\t', '- ', '# ', '? ', '&a ', '*a ', '!!str '])}${lines[at]}`;
  }),
  byLine((lines, at) => {
    lines[at] = (lines[at] ?? '').replace(/^ {2}/, '');
  }),
  // Values
  replaceWord((r) => r.pick(TEXTS)),
  replaceWord((r) => JSON.stringify(anyValue(r)) ?? ''),
  replaceWord((r, text) => text.slice(...wordAt(text, r))),
  replaceWord((r, text) => text.slice(...wordAt(text, r))),
];

/** A text with a few edits, none of which knows what it edits. */
function mutatedText(text: string, r: Random): string {
  let edited = text;
  for (let left = 1 + r.below(3); left > 0 && edited !== ''; left--) edited = r.pick(EDITS)(edited, r);
  return edited;
}

interface Slot {
  readonly holder: Record<string | number, unknown>;
  readonly key: string | number;
}

function slotsOf(value: unknown): readonly Slot[] {
  if (typeof value !== 'object' || value === null) return [];
  const holder = value as Record<string | number, unknown>;
  return Object.keys(holder).flatMap((key) => [{ holder, key }, ...slotsOf(holder[key])]);
}

const valueAt = ({ holder, key }: Slot) => holder[key];
const put = ({ holder, key }: Slot, value: unknown) => {
  holder[key] = structuredClone(value);
};

type Change = (slots: readonly [Slot, ...Slot[]], r: Random) => void;

/** Values of another type, at other places: seldom does a schema take them. */
const WILD: readonly [Change, ...Change[]] = [
  (slots, r) => put(r.pick(slots), anyValue(r)),
  (slots, r) => put(r.pick(slots), valueAt(r.pick(slots))),
  (slots, r) => {
    const [a, b] = [r.pick(slots), r.pick(slots)];
    const [before, after] = [structuredClone(valueAt(a)), valueAt(b)];
    put(a, after);
    put(b, before);
  },
  (slots, r) => {
    const { holder, key } = r.pick(slots);
    if (!Array.isArray(holder)) holder[r.pick(TEXTS)] = r.oneIn(2) ? anyValue(r) : structuredClone(holder[key]);
  },
];

/** A value as near to what was there as one edit: an address next to it, a number one more, the opposite. */
function near(value: unknown, r: Random): unknown {
  if (typeof value === 'boolean') return !value;
  if (typeof value === 'number') return r.pick([value + 1, value - 1, value * 2, 0, 80, 1280, 65535]);
  if (typeof value !== 'string') return value;
  const number = r.some([...value.matchAll(/\d+/g)]);
  if (number === undefined) return value;
  const changed = r.pick([Number(number[0]) + 1, Number(number[0]) - 1, 0, 1, 16, 24, 32, 255]);
  return cut(value, number.index, number.index + number[0].length, String(changed));
}

/** What a schema often takes: a cluster that is a little otherwise than it was. */
const MILD: readonly [Change, ...Change[]] = [
  (slots, r) => {
    const slot = r.pick(slots);
    const alike = slots.filter((s) => s.key === slot.key && typeof valueAt(s) === typeof valueAt(slot));
    put(slot, valueAt(r.some(alike) ?? slot));
  },
  (slots, r) => {
    const slot = r.pick(slots);
    put(slot, near(valueAt(slot), r));
  },
  (slots, r) => {
    const slot = r.pick(slots);
    put(slot, near(valueAt(slot), r));
  },
  (slots, r) => {
    const { holder, key } = r.pick(slots);
    if (Array.isArray(holder)) holder.splice(Number(key), 1);
    else delete holder[key];
  },
  (slots, r) => {
    const items = slots.filter((s) => Array.isArray(s.holder));
    const slot = r.some(items);
    if (slot === undefined || !Array.isArray(slot.holder)) return;
    const copy: unknown = structuredClone(valueAt(slot));
    if (typeof copy === 'object' && copy !== null && 'name' in copy) copy.name = `${copy.name}-2`;
    slot.holder.push(copy);
  },
];

/** The documents of a text; null when it has faults already. */
function valuesOf(text: string): unknown[] | null {
  try {
    const documents = parseAllDocuments(text, { merge: true, logLevel: 'silent' });
    if (!Array.isArray(documents) || documents.some((d) => d.errors.length > 0)) return null;
    // Without aliases, of which one may stand inside of what it stands for.
    return JSON.parse(JSON.stringify(documents.map((d) => d.toJS())));
  } catch {
    return null;
  }
}

function writtenValues(values: readonly unknown[], r: Random): string {
  if (values.length === 1 && !r.oneIn(3)) return JSON.stringify(values[0], null, r.below(3)) ?? '';
  return values.map((value) => stringify(value, { logLevel: 'silent' })).join('---\n');
}

function changed(values: unknown[], changes: readonly [Change, ...Change[]], r: Random): void {
  const [first, ...more] = slotsOf(values);
  if (first !== undefined) r.pick(changes)([first, ...more], r);
}

/** A text whose values were changed: well-formed, whatever it says. */
function wildlyMutated(text: string, r: Random): string {
  const values = valuesOf(text);
  if (values === null) return mutatedText(text, r);
  for (let left = 1 + r.below(3); left > 0; left--) changed(values, WILD, r);
  return writtenValues(values, r);
}

/** Changes of which those are kept that leave what loads. */
function mildlyMutated(text: string, r: Random): Drawn {
  const original = valuesOf(text);
  if (original === null) return unread(mutatedText(text, r));
  let values: unknown[] = original;
  let cluster: Cluster | null = null;
  for (let tries = 1 + r.below(3); tries > 0; tries--) {
    const candidate: unknown[] = structuredClone(values);
    changed(candidate, MILD, r);
    const made = clusterOf(candidate.map((value) => JSON.stringify(value)));
    if (made === null) continue;
    values = candidate;
    cluster = made;
  }
  return { text: writtenValues(values, r), cluster };
}

function clusterOf(texts: readonly string[]): Cluster | null {
  const loaded = loadNetwork(texts.map((text, i) => ({ name: `${i}`, bytes: new TextEncoder().encode(text) })));
  return loaded.ok ? loaded.value.cluster : null;
}

const known = new Map<string, Cluster | null>();

function asItIs(text: string): Drawn {
  const cluster = known.get(text) ?? clusterOf([text]);
  known.set(text, cluster);
  return { text, cluster };
}

/** A text, and the cluster that it describes where that is known. */
interface Drawn {
  readonly text: string;
  readonly cluster: Cluster | null;
}

const unread = (text: string): Drawn => ({ text, cluster: null });

/** Texts that load, and texts that do not. */
export interface Corpus {
  readonly good: readonly string[];
  readonly bad: readonly string[];
}

/** The text of a file: as it is, with edits, with other values, or one that was made to be hard to read. */
export function drawnText({ good, bad }: Corpus, r: Random): Drawn {
  const text = r.some(r.oneIn(12) ? bad : good) ?? '';
  switch (r.below(12)) {
    case 0:
      return unread(hostileDocument(r));
    case 1:
      return unread(mutatedText(text, r));
    case 2:
      return unread(wildlyMutated(text, r));
    case 3:
    case 4:
    case 5:
      return asItIs(text);
    default:
      return mildlyMutated(text, r);
  }
}
