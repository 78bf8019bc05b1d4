import { notSimple } from './simple-yaml-reader.ts';

/** A text, read from its beginning. */
export interface Lines {
  readonly text: string;
  /** At the first character that is not read yet. */
  at: number;
  /** The column of the next line that has something, from 0; -1 at the end. */
  indent: number;
  /** Empty lines before it. */
  blank: number;
  levels: number;
}

export const [LINE_FEED, SPACE, TAB] = [0x0a, 0x20, 0x09] as const;
export const [DOUBLE, HASH, SINGLE, DASH, COLON, BACKSLASH, PIPE] = [0x22, 0x23, 0x27, 0x2d, 0x3a, 0x5c, 0x7c] as const;
const [PERCENT, DOT] = [0x25, 0x2e] as const;

/** From the start of a line to the next one that has something. Comments are left to other readers. */
export function nextLine(r: Lines): void {
  const { text } = r;
  r.blank = 0;
  for (;;) {
    const start = r.at;
    let at = start;
    while (text.charCodeAt(at) === SPACE) at++;
    const next = text.charCodeAt(at);
    if (next === HASH) notSimple();
    r.at = next === LINE_FEED ? at + 1 : at;
    if (next === LINE_FEED) r.blank++;
    else {
      r.indent = at === text.length ? -1 : at - start;
      if (r.indent === 0 && isMark(text, at)) notSimple();
      return;
    }
  }
}

/** Of a document's beginning or end, or of a directive. */
function isMark(text: string, at: number): boolean {
  const first = text.charCodeAt(at);
  return first === PERCENT || ((first === DASH || first === DOT) && text.charCodeAt(at + 1) === first && text.charCodeAt(at + 2) === first);
}

/** Nothing may be left of the line; then goes on to the next. */
export function endLine(r: Lines): void {
  if (r.text.charCodeAt(r.at) !== LINE_FEED) notSimple();
  r.at++;
  nextLine(r);
}

/** What was read is the value of a key or dash at this column: no line below may be indented deeper. */
export function endValue<T>(r: Lines, indent: number, value: T): T {
  if (r.indent > indent) notSimple();
  return value;
}
