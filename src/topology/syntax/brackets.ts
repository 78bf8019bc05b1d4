/** The fault of the brackets and quotes of a YAML text: the parser says only where it noticed. */
export type Fault =
  | { readonly kind: 'open'; readonly bracket: string; readonly offset: number; readonly noticed: number }
  | { readonly kind: 'extra'; readonly bracket: string; readonly offset: number };

const CLOSES: Readonly<Record<string, string>> = { '}': '{', ']': '[' };
/** A value may begin here: in a plain scalar, brackets and quotes are letters like others. */
const BEFORE_VALUE = /(^|[\n,[{]|[:?-]\s)\s*$/;
const BLOCK_SCALAR = /(^|[:-] )[|>][-+\d]*$/;

/** The first fault before `end`, where the parser gave up; null when all that opened is closed. */
export function bracketFault(text: string, end: number): Fault | null {
  const open: { readonly bracket: string; readonly offset: number }[] = [];
  for (let i = 0; i < end; i++) {
    const c = text[i] ?? '';
    if (c === '#' && /\s|^$/.test(text[i - 1] ?? '')) i = lineEnd(text, i);
    else if (open.length === 0 && (c === '|' || c === '>') && BLOCK_SCALAR.test(lineUntil(text, i, lineEnd(text, i))))
      i = blockEnd(text, i);
    else if ((c === '"' || c === "'") && BEFORE_VALUE.test(lineUntil(text, i, i))) {
      const close = quoteEnd(text, i);
      if (close === -1 || close >= end) return { kind: 'open', bracket: c, offset: i, noticed: end };
      i = close;
    } else if ((c === '{' || c === '[') && (open.length > 0 || BEFORE_VALUE.test(lineUntil(text, i, i))))
      open.push({ bracket: c, offset: i });
    else if ((c === '}' || c === ']') && open.length > 0) {
      const last = open.pop();
      if (last?.bracket === CLOSES[c]) continue;
      if (last !== undefined && open.some((o) => o.bracket === CLOSES[c])) return { kind: 'open', ...last, noticed: i };
      return { kind: 'extra', bracket: c, offset: i };
    }
  }
  const last = open.at(-1);
  return last === undefined ? null : { kind: 'open', ...last, noticed: end };
}

function lineEnd(text: string, from: number): number {
  const end = text.indexOf('\n', from);
  return end === -1 ? text.length : end;
}

/** A line may be a megabyte of JSON, and what is before a value is short. */
const NEAR = 200;

/** The line of `at`, as far as `to`; with the space that a value there would follow. */
function lineUntil(text: string, at: number, to: number): string {
  const before = text.slice(Math.max(0, at - NEAR), at);
  const line = `${before.slice(before.lastIndexOf('\n') + 1)}${text.slice(at, to)}`.trimEnd();
  return to > at ? line : `${line} `;
}

function quoteEnd(text: string, from: number): number {
  const quote = text[from];
  for (let i = from + 1; i < text.length; i++) {
    if (quote === '"' && text[i] === '\\') i++;
    else if (text[i] === quote) {
      if (quote === '"' || text[i + 1] !== quote) return i;
      i++;
    }
  }
  return -1;
}

/** The last character of the lines that are indented deeper than the one where a block scalar begins. */
function blockEnd(text: string, from: number): number {
  const indent = (line: string) => line.length - line.trimStart().length;
  const least = indent(lineUntil(text, from, from + 1));
  let end = lineEnd(text, from);
  while (end < text.length) {
    const next = text.slice(end + 1, lineEnd(text, end + 1));
    if (next.trim() !== '' && indent(next) <= least) break;
    end = lineEnd(text, end + 1);
  }
  return end;
}
