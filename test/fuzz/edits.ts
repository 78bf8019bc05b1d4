import { anyValue, TEXTS } from './hostile.ts';
import type { Random } from './random.ts';

type Edit = (text: string, r: Random) => string;
/** A text with the part between two places replaced. */
export const cut = (text: string, from: number, to: number, between = '') => text.slice(0, from) + between + text.slice(to);

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
