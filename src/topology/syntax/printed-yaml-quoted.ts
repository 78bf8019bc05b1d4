import { BACKSLASH, DOUBLE, endLine, endValue, LINE_FEED, type Lines, SPACE, TAB } from './printed-yaml-lines.ts';
import { notSimple } from './simple-yaml-reader.ts';

/** A text in quotes, on one line or folded over several that are indented deeper than its key or dash. */
export function quotedScalar(r: Lines, indent: number): string {
  const { text } = r;
  const quote = text.charCodeAt(r.at);
  let start = r.at + 1;
  let value = '';
  for (let i = start; ; ) {
    const c = text.charCodeAt(i);
    if (c === quote && (quote === DOUBLE || text.charCodeAt(i + 1) !== quote)) {
      r.at = i + 1;
      endLine(r);
      return endValue(r, indent, value + text.slice(start, i));
    }
    if (c === quote) {
      value += text.slice(start, i + 1);
      start = i += 2;
    } else if (c === LINE_FEED) {
      if (isSpace(text.charCodeAt(i - 1))) notSimple();
      const { at, blank } = foldedLine(text, i + 1, indent);
      value += text.slice(start, i) + (blank === 0 ? ' ' : '\n'.repeat(blank));
      start = i = at;
    } else if (c === BACKSLASH && quote === DOUBLE) {
      const { at, meaning } = escaped(text, i + 1, indent);
      value += text.slice(start, i) + meaning;
      start = i = at;
    } else if (i >= text.length) notSimple();
    else i++;
  }
}

const isSpace = (c: number) => c === SPACE || c === TAB;

/** Where a text goes on, from the beginning of a line, and how many empty lines are between. */
function foldedLine(text: string, from: number, indent: number): { readonly at: number; readonly blank: number } {
  let blank = 0;
  for (let start = from; ; blank++) {
    let at = start;
    while (text.charCodeAt(at) === SPACE) at++;
    const next = text.charCodeAt(at);
    if (next !== LINE_FEED) return at - start > indent && at < text.length && next !== TAB ? { at, blank } : notSimple();
    start = at + 1;
  }
}

interface Escape {
  readonly at: number;
  readonly meaning: string;
}

/** Behind a backslash. */
function escaped(text: string, at: number, indent: number): Escape {
  const letter = text[at] ?? '';
  if (letter === '\n') {
    const next = foldedLine(text, at + 1, indent);
    return next.blank === 0 ? { at: next.at, meaning: '' } : notSimple();
  }
  const meaning = ESCAPES[letter];
  if (meaning !== undefined) return { at: at + 1, meaning };
  const digits = { x: 2, u: 4, U: 8 }[letter] ?? notSimple();
  const code = text.slice(at + 1, at + 1 + digits);
  if (!HEXADECIMAL.test(code) || code.length < digits || Number.parseInt(code, 16) > LAST_CODE_POINT) notSimple();
  return { at: at + 1 + digits, meaning: String.fromCodePoint(Number.parseInt(code, 16)) };
}

const HEXADECIMAL = /^[\da-fA-F]+$/;
const LAST_CODE_POINT = 0x10_ffff;

/** YAML 1.2.2, 5.7. */
const ESCAPES: Readonly<Record<string, string>> = {
  '0': '\0',
  a: '\x07',
  b: '\b',
  t: '\t',
  n: '\n',
  v: '\v',
  f: '\f',
  r: '\r',
  e: '\x1b',
  ' ': ' ',
  '"': '"',
  '/': '/',
  '\\': '\\',
  N: '\x85',
  _: '\xa0',
  L: '\u2028',
  P: '\u2029',
};
