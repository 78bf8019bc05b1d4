import { COLON, DASH, endLine, endValue, HASH, LINE_FEED, type Lines, nextLine, SPACE, TAB } from './printed-yaml-lines.ts';
import { notSimple, scalar } from './simple-yaml-reader.ts';

const FRACTION = /^-?(?:0|[1-9]\d{0,6})\.\d{1,8}$/;

/** The value of a plain text. */
export function plainScalar(text: string): unknown {
  if (text === 'null') return null;
  return text < ':' && FRACTION.test(text) ? Number(text) : scalar(text);
}

/** A plain text, on one line or folded over several that are indented deeper than its key or dash. */
export function foldedPlain(r: Lines, indent: number): unknown {
  if (!mayBegin(r.text.charCodeAt(r.at), r.text.charCodeAt(r.at + 1))) notSimple();
  const first = plainLine(r);
  endLine(r);
  if (r.indent <= indent) return plainScalar(first);
  let value = first;
  while (r.indent > indent) {
    const space = r.blank === 0 ? ' ' : '\n'.repeat(r.blank);
    value += space + plainLine(r);
    endLine(r);
  }
  return value;
}

const LATIN_1 = 0xa0;
/** Letters, digits, and what has no meaning in YAML. */
const BEGINS = new Set([...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_./+$(^;\\'].map((c) => c.charCodeAt(0)));

function mayBegin(c: number, next: number): boolean {
  if (c === DASH || c === COLON) return next !== SPACE && next !== LINE_FEED && next !== TAB;
  return BEGINS.has(c) || c > LATIN_1;
}

/** The rest of a line. */
function plainLine(r: Lines): string {
  const { text, at: from } = r;
  let before = 0;
  let at = from;
  for (let c = text.charCodeAt(at); c !== LINE_FEED; c = text.charCodeAt(++at)) {
    if (c === TAB || (c === HASH && before === SPACE) || (before === COLON && c === SPACE)) notSimple();
    before = c;
  }
  if (before === SPACE || before === COLON) notSimple();
  r.at = at;
  return text.slice(from, at);
}

const HEADER = /\|([1-9]?)([-+]?)\n/y;

/** A literal block: its lines as they are, without their indentation. */
export function literal(r: Lines, indent: number, ofKey: boolean): string {
  const { text } = r;
  HEADER.lastIndex = r.at;
  const [, digit, chomp] = HEADER.exec(text) ?? notSimple();
  if (digit !== '' && !ofKey) notSimple();
  let line = HEADER.lastIndex;
  const width = digit === '' ? widthOf(text, line) : indent + Number(digit);
  if (width <= indent) notSimple();
  let value = '';
  let breaks = 0;
  for (;;) {
    let at = line;
    while (at < line + width && text.charCodeAt(at) === SPACE) at++;
    const isEmpty = text.charCodeAt(at) === LINE_FEED;
    if (at < line + width && !isEmpty) break;
    const end = isEmpty ? at : text.indexOf('\n', at);
    if (!isEmpty) {
      value += '\n'.repeat(breaks) + text.slice(at, end);
      breaks = 0;
    }
    breaks++;
    line = end + 1;
  }
  if (value === '') notSimple();
  r.at = line;
  nextLine(r);
  return endValue(r, indent, value + (chomp === '-' ? '' : chomp === '+' ? '\n'.repeat(breaks) : '\n'));
}

/** The indentation of the first line that has something. Empty ones before it must not be indented: the rules for these are many. */
function widthOf(text: string, from: number): number {
  let line = from;
  while (text.charCodeAt(line) === LINE_FEED) line++;
  let at = line;
  while (text.charCodeAt(at) === SPACE) at++;
  return text.charCodeAt(at) === LINE_FEED || at === text.length ? notSimple() : at - line;
}
