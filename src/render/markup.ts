import { safe } from './text.ts';

/** A piece of HTML or SVG. Text becomes one by `markup` alone, which escapes it: what a file names is data, and never markup. */
export interface Markup {
  readonly markup: string;
}

type Part = Markup | string | number | null | readonly Part[];

/** What may stand in no XML: halves of letters, and two numbers that are no letter. */
const NO_LETTER = /\p{Cs}|[\ufffe\uffff]/gu;

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/** A text as it stands between tags or in a quoted attribute; control characters and those that turn the direction of reading by their number. */
export const escaped = (text: string): string =>
  safe(text)
    .replace(NO_LETTER, '\ufffd')
    .replace(/[&<>"']/g, (c) => ENTITIES[c] ?? c);

/** A template of markup: all that it is filled with is escaped, but for other markup. Attributes have to be quoted. */
export const markup = (pieces: TemplateStringsArray, ...parts: readonly Part[]): Markup => ({
  markup: pieces.map((piece, i) => piece + textOf(parts[i] ?? null)).join(''),
});

function textOf(part: Part): string {
  if (part === null) return '';
  if (typeof part === 'string') return escaped(part);
  if (typeof part === 'number') return String(part);
  return 'markup' in part ? part.markup : part.map(textOf).join('');
}
