/** A value, where it starts, and what is in it. */
export interface SimpleNode {
  readonly offset: number;
  readonly data: unknown;
  readonly children: ReadonlyMap<string, Entry> | readonly SimpleNode[] | null;
}

export interface Entry {
  readonly key: number;
  readonly value: SimpleNode;
}

/** A text, read from its beginning. */
export interface Reader {
  readonly text: string;
  /** At the first character that is not read yet. */
  at: number;
  /** The column of the next line that has a value, from 0; -1 at the end of a document. */
  indent: number;
  levels: number;
}

export const NOT_SIMPLE = new Error('not simple YAML');
/** Leaves the text to the package. */
export function notSimple(): never {
  throw NOT_SIMPLE;
}

/** The match of a pattern at the place that is reached, which then is behind it; null when there is none. */
export function take(r: Reader, pattern: RegExp): RegExpExecArray | null {
  pattern.lastIndex = r.at;
  const match = pattern.exec(r.text);
  if (match !== null) r.at = pattern.lastIndex;
  return match;
}

/** Passes as many of these as there are, and counts them. */
export function pass(r: Reader, character: string): number {
  const from = r.at;
  while (r.text[r.at] === character) r.at++;
  return r.at - from;
}

/** Passes all that is left of a line. */
export function passLine(r: Reader): void {
  const end = r.text.indexOf('\n', r.at);
  r.at = end === -1 ? r.text.length : end + 1;
}

const MOST_LEVELS = 50;

/** A collection in another one. */
export function nested(r: Reader, read: () => SimpleNode): SimpleNode {
  if (++r.levels > MOST_LEVELS) notSimple();
  const node = read();
  r.levels--;
  return node;
}

/** A mapping that is being read. */
export interface Mapping {
  readonly data: Record<string, unknown>;
  readonly children: Map<string, Entry>;
}

/** Nothing yet. */
export const newMapping = (): Mapping => ({ data: {}, children: new Map() });

/** One more pair. */
export function add({ data, children }: Mapping, key: number, name: string, value: SimpleNode): void {
  if (children.has(name) || name === '__proto__') notSimple();
  children.set(name, { key, value });
  data[name] = value.data;
}

/** A key with its colon. */
export const KEY = /(?:([A-Za-z_][\w./-]{0,250})|"([^"\\\n]{0,250})"|'([^'\n]{0,250})'):(?= |\n|$)/y;

/** Reads a key with its colon. */
export function keyName(r: Reader): string {
  const [, plain, double, single] = take(r, KEY) ?? notSimple();
  return plain === undefined ? (double ?? single ?? '') : String(WORDS.test(plain) ? notSimple() : plain);
}

const QUOTED = /"([^"\\\n]*)"|'([^'\n]*)'(?!')/y;

/** Reads a scalar in quotes, if this is one. */
export function quoted(r: Reader): SimpleNode | null {
  const offset = r.at;
  const match = take(r, QUOTED);
  return match === null ? null : { offset, data: match[1] ?? match[2] ?? '', children: null };
}

/** JavaScript's trimEnd takes more for white space than YAML does. */
export function withoutSpace(text: string): string {
  let end = text.length;
  while (text[end - 1] === ' ') end--;
  return text.slice(0, end);
}

const LONGEST_WORD = 5;
const WORDS = /^(?:null|true|false|y|yes|n|no|on|off)$/i;
const WHOLE = /^(?:0|-?[1-9]\d{0,14})$/;
/** All that YAML 1.1 or 1.2 may take for a number. */
const NUMBER = /^(?:[-+]?(?:\d[\d_]*(?::[0-5]?\d)*|0o[0-7]+|0x[\da-f]+|0b[01_]+|(?:\d+(?:\.\d*)?|\.\d+)(?:e[-+]?\d+)?|\.inf)|\.nan)$/i;

/** The value of a plain scalar. */
export function scalar(text: string): unknown {
  if (text < ':') return number(text);
  if (text === 'true' || text === 'false') return text === 'true';
  return text.length <= LONGEST_WORD && WORDS.test(text) ? notSimple() : text;
}

/** Digits, signs and dots come before all letters. */
function number(text: string): unknown {
  if (WHOLE.test(text)) return Number(text);
  return NUMBER.test(text) ? notSimple() : text;
}
