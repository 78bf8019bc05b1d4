import { parseAllDocuments, stringify } from 'yaml';
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
export function mutatedText(text: string, r: Random): string {
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

/** A value of a document is replaced, swapped, doubled, renamed or taken away: what comes out is well-formed. */
function change(document: unknown, r: Random): void {
  const slots = slotsOf(document);
  const slot = r.some(slots);
  const other = r.some(slots);
  if (slot === undefined || other === undefined) return;
  const { holder, key } = slot;
  switch (r.below(6)) {
    case 0:
      holder[key] = anyValue(r);
      return;
    case 1:
      delete holder[key];
      return;
    case 2: {
      const [a, b] = [structuredClone(holder[key]), structuredClone(other.holder[other.key])];
      holder[key] = b;
      other.holder[other.key] = a;
      return;
    }
    case 3:
      holder[key] = structuredClone(other.holder[other.key]);
      return;
    case 4:
      if (Array.isArray(holder)) holder.push(structuredClone(holder[Number(key)]));
      else holder[r.pick(TEXTS)] = anyValue(r);
      return;
    default:
      if (Array.isArray(holder)) holder.splice(Number(key), 1);
      else holder[r.pick(TEXTS)] = holder[key];
  }
}

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

/** A text whose values were changed. Of one that is no YAML, the text itself. */
export function mutatedValues(text: string, r: Random): string {
  const values = valuesOf(text);
  if (values === null) return mutatedText(text, r);
  for (let left = 1 + r.below(4); left > 0; left--) change(values, r);
  if (values.length === 1 && r.oneIn(2)) return JSON.stringify(values[0]) ?? '';
  return values.map((value) => stringify(value, { logLevel: 'silent' })).join('---\n');
}

/** The text of a file: as it is, with edits, with other values, or one that was made to be hard to read. */
export function drawnText(texts: readonly string[], r: Random): string {
  const text = r.some(texts) ?? '';
  switch (r.below(10)) {
    case 0:
    case 1:
      return text;
    case 2:
      return hostileDocument(r);
    case 3:
    case 4:
    case 5:
      return mutatedText(text, r);
    default:
      return mutatedValues(text, r);
  }
}
