/**
 * What could move a terminal's cursor, end a line, or turn the direction in which a text is read: control characters (C0, DEL, C1), the line
 * and paragraph separators, and the marks, embeddings, overrides and isolates of Unicode's bidirectional algorithm (UAX 9, 2).
 */
const UNSAFE = /\p{Cc}|[\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu;

const numbered = (c: string) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`;

/** A piece of text in a line for people: text of input files, file names and options is data, and shows such characters by their number. */
export const safe = (text: string): string => text.replace(UNSAFE, numbered);

/** The same for a text of several lines, which may be indented by tabs. */
export const safeLines = (text: string): string =>
  text
    .split('\n')
    .map((line) => {
      const rest = line.replace(/^\t+/, '');
      return line.slice(0, line.length - rest.length) + safe(rest);
    })
    .join('\n');

/** JSON, which parses to the same value: what it lets stand in a string is escaped as it escapes C0. */
export const jsonText = (value: unknown, indent = 2): string =>
  JSON.stringify(value, null, indent).replace(UNSAFE, (c) => (c === '\n' ? c : numbered(c)));

/** Address and port as people join them: IPv6 in brackets. A port of null is none. */
export function withPort(address: string, port: number | string | null): string {
  if (port === null) return address;
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

/** After which characters a word that is too long is broken: any of the first ones, else of the next. */
type Breaks = readonly (readonly string[])[];
const ANY: Breaks = [['-', '.', '/', ':']];

/** Cuts a text into lines of at most `width` characters, at spaces where there are any; a longer word is broken after a `-`, `.`, `/` or `:` of it. */
export function wrap(text: string, width: number, breaks: Breaks = ANY): readonly string[] {
  const limit = Math.max(width, 8);
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    let rest = word;
    if (line !== '' && line.length + 1 + rest.length <= limit) {
      line += ` ${rest}`;
      continue;
    }
    if (line !== '') lines.push(line.trimEnd());
    while (rest.length > limit) {
      const end = breakOf(rest, limit, breaks);
      lines.push(rest.slice(0, end));
      rest = rest.slice(end);
    }
    line = rest;
  }
  lines.push(line);
  return lines;
}

/** A piece that is much shorter than a line reads worse than one that ends anywhere. */
function breakOf(word: string, limit: number, breaks: Breaks): number {
  const ends = breaks.map((marks) => 1 + Math.max(...marks.map((c) => word.lastIndexOf(c, limit - 1))));
  return ends.find((end) => end * 3 > limit) ?? limit;
}

/** A paragraph whose first line begins with `lead` and whose other lines are indented by as much. */
export function hanging(lead: string, text: string, width: number): readonly string[] {
  const indent = ' '.repeat(lead.length);
  return wrap(text, width - lead.length).map((line, i) => (i === 0 ? lead : indent) + line);
}
