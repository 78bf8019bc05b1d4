import { COLON, DASH, DOUBLE, endLine, endValue, LINE_FEED, type Lines, nextLine, PIPE, SINGLE, SPACE } from './printed-yaml-lines.ts';
import { quotedScalar } from './printed-yaml-quoted.ts';
import { foldedPlain, literal, plainScalar } from './printed-yaml-scalars.ts';
import { NOT_SIMPLE, notSimple } from './simple-yaml-reader.ts';

/**
 * YAML as kubectl prints it: block mappings and lists, literal blocks, plain and quoted texts, on one line or folded, `{}` and `[]`. Only
 * the data, in a twentieth of the time that the yaml package takes. Whatever is written otherwise is left to the other readers: what this
 * one reads, the yaml package reads alike. Texts are parts of the given one, and keep it alive.
 */

/** The value of a text that has whole lines; null when it is not written as kubectl writes. */
export function readPrintedYaml(text: string): { readonly data: unknown } | null {
  if (!text.endsWith('\n') || ODD.test(text)) return null;
  const r: Lines = { text, at: 0, indent: 0, blank: 0, levels: 0 };
  try {
    nextLine(r);
    if (r.indent === -1) return null;
    const data = block(r, r.indent);
    return r.indent === -1 ? { data } : null;
  } catch (error) {
    if (error === NOT_SIMPLE) return null;
    throw error;
  }
}

/** Carriage returns, a byte order mark, and what cannot be printed have rules of their own. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: it is these that are looked for
const ODD = /[\0-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff]/;

const MOST_LEVELS = 50;

function block(r: Lines, indent: number): unknown {
  if (++r.levels > MOST_LEVELS) notSimple();
  const data = isDash(r) ? list(r, indent) : mapping(r, indent);
  r.levels--;
  return data;
}

function isDash({ text, at }: Lines): boolean {
  if (text.charCodeAt(at) !== DASH) return false;
  const next = text.charCodeAt(at + 1);
  return next === SPACE || next === LINE_FEED;
}

function list(r: Lines, indent: number): unknown[] {
  const items: unknown[] = [];
  while (r.indent === indent && isDash(r)) {
    r.at++;
    items.push(item(r, indent));
  }
  return endValue(r, indent, items);
}

/** The value behind a dash. It may begin a mapping, or another list, on the same line. */
function item(r: Lines, indent: number): unknown {
  const from = r.at;
  passSpaces(r);
  if (r.text.charCodeAt(r.at) === LINE_FEED) return valueBelow(r, indent, false);
  if (endOfKey(r.text, r.at) === -1 && !isDash(r)) return inline(r, indent, false);
  r.indent = indent + 1 + r.at - from;
  return block(r, r.indent);
}

function passSpaces(r: Lines): void {
  while (r.text.charCodeAt(r.at) === SPACE) r.at++;
}

function mapping(r: Lines, indent: number): Record<string, unknown> {
  const data: Record<string, unknown> = {};
  while (r.indent === indent && !isDash(r)) {
    const end = endOfKey(r.text, r.at);
    const name = end === -1 ? notSimple() : keyName(r.text, r.at, end);
    if (data[name] !== undefined || name === '__proto__') notSimple();
    r.at = end + 1;
    passSpaces(r);
    data[name] = r.text.charCodeAt(r.at) === LINE_FEED ? valueBelow(r, indent, true) : inline(r, indent, true);
  }
  return endValue(r, indent, data);
}

/** A value that begins on a line of its own. A key's list may have its dashes below the key. */
function valueBelow(r: Lines, indent: number, ofKey: boolean): unknown {
  endLine(r);
  if (r.indent > indent) return block(r, r.indent);
  return ofKey && r.indent === indent && isDash(r) ? block(r, indent) : null;
}

const LONGEST_KEY = 500;

/** The place of the colon behind a key that begins here; -1 when this is no key, or none that is read here. */
function endOfKey(text: string, from: number): number {
  const first = text.charCodeAt(from);
  let at = from;
  if (first === DOUBLE || first === SINGLE) at = text.indexOf(first === DOUBLE ? '"' : "'", from + 1) + 1;
  else {
    while (isOfKey(text.charCodeAt(at))) at++;
    while (at > from && text.charCodeAt(at - 1) === COLON) at--;
  }
  const next = text.charCodeAt(at + 1);
  const isKey = at > from && at < from + LONGEST_KEY && text.charCodeAt(at) === COLON;
  return isKey && (next === SPACE || next === LINE_FEED) ? at : -1;
}

/** Letters, digits, and . / _ - : */
const isOfKey = (c: number) => (c >= 0x61 && c <= 0x7a) || (c >= 0x2d && c <= 0x3a) || (c >= 0x41 && c <= 0x5a) || c === 0x5f;

function keyName(text: string, from: number, end: number): string {
  const first = text.charCodeAt(from);
  if (first === DOUBLE || first === SINGLE) {
    const name = text.slice(from + 1, end - 1);
    return name.includes('\\') || name.includes('\n') ? notSimple() : name;
  }
  const length = end - from;
  const middle = text.charCodeAt(from + (length >> 1));
  const slot = (length * 4801 + first * 389 + middle * 41 + text.charCodeAt(end - 1) * 7) % NAMES;
  const known = names[slot];
  if (known !== undefined && known.length === length && text.startsWith(known, from)) return known;
  const name = text.slice(from, end);
  if (first === DASH || first === COLON || plainScalar(name) !== name) notSimple();
  // The engine's own copy, which is no part of this text.
  [names[slot]] = Object.keys({ [name]: null });
  return name;
}

/** Keys that were read before, each in a place of its own: a text that the engine knows is found faster in an object than a new one. */
const NAMES = 4093;
const names: (string | undefined)[] = Array.from({ length: NAMES });

/** A value on the line of its key or dash, and on the lines below that are indented deeper. */
function inline(r: Lines, indent: number, ofKey: boolean): unknown {
  const first = r.text.charCodeAt(r.at);
  if (first === DOUBLE || first === SINGLE) return quotedScalar(r, indent);
  if (first === PIPE) return literal(r, indent, ofKey);
  if (first === BRACE || first === BRACKET) return emptyCollection(r, indent);
  return foldedPlain(r, indent);
}

const [BRACKET, BRACE] = [0x5b, 0x7b] as const;

function emptyCollection(r: Lines, indent: number): unknown {
  const text = r.text.slice(r.at, r.at + 2);
  if (text !== '{}' && text !== '[]') notSimple();
  r.at += 2;
  endLine(r);
  return endValue(r, indent, text === '{}' ? {} : []);
}
