import { type Markup, markup } from './markup.ts';
import { wrap } from './text.ts';

/** Letters of a size: SVG does not wrap, so widths are reckoned, for letters of equal width, which differ little from font to font. */
export interface Type {
  readonly className: string;
  readonly line: number;
  readonly letter: number;
}

export const SMALL: Type = { className: 'small', line: 15, letter: 6.75 };
export const NORMAL: Type = { className: 'normal', line: 19, letter: 7.6 };

/** Letters that no font has in the common width. */
const WIDE = /[^ -\u024f\u2192\u21d2\u2713\u2715\u2026]/u;

const lettersIn = (width: number, { letter }: Type): number => Math.max(Math.floor(width / letter), 8);

/** A text in lines; `y` is that of the first line's top. `lead`: so many letters at its beginning look otherwise. */
export function textLines(
  lines: readonly string[],
  x: number,
  y: number,
  type: Type,
  ink: string,
  lead: { readonly letters: number; readonly ink: string } = { letters: 0, ink: '' },
): Markup {
  return markup`${lines.map((line, i) => {
    const at = markup`x="${x}" y="${round(y + i * type.line + type.line * 0.74)}"`;
    const squeezed = WIDE.test(line) ? markup` textLength="${round(line.length * type.letter)}" lengthAdjust="spacingAndGlyphs"` : null;
    const cut = i === 0 ? lead.letters : 0;
    const first = cut === 0 ? null : markup`<tspan class="${lead.ink}">${line.slice(0, cut)}</tspan>`;
    return markup`<text ${at} class="${type.className} ${ink}"${squeezed} xml:space="preserve">${first}${line.slice(cut)}</text>\n`;
  })}`;
}

export const wrapped = (text: string, width: number, type: Type): readonly string[] => wrap(text, lettersIn(width, type));

export const round = (value: number): number => Math.round(value * 10) / 10;
