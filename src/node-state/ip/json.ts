import { type Fields, isFields } from './entry.ts';

/** An object of the output, and the index of the line in which it begins. */
export interface Printed {
  readonly fields: Fields;
  readonly line: number;
  readonly text: string;
}

export interface Bad {
  readonly line: number;
  readonly text: string;
  readonly why: string;
}

export const isJson = (lines: readonly string[]): boolean => /^\s*[[{]/.test(lines.find((line) => line.trim() !== '') ?? '');

/**
 * The objects of `ip -j`, in one array or in several, as several commands print them; on one line or pretty-printed. Each is parsed by
 * itself, so that it has its line, and a broken one does not spoil the others. `isCut`: the end is missing.
 */
export function printedObjects(lines: readonly string[]): { objects: readonly Printed[]; bad: readonly Bad[]; isCut: boolean } {
  const objects: Printed[] = [];
  const bad: Bad[] = [];
  const text = lines.join('\n');
  const isCut = scan(text, (piece, line) => {
    if (!piece.startsWith('{')) bad.push({ line, text: firstOf(piece), why: 'no JSON object' });
    else
      try {
        const fields: unknown = JSON.parse(piece);
        if (isFields(fields)) objects.push({ fields, line, text: firstOf(piece) });
      } catch {
        bad.push({ line, text: firstOf(piece), why: 'not JSON' });
      }
  });
  return { objects, bad, isCut };
}

const LONGEST_SHOWN = 200;

const firstOf = (piece: string) => {
  const [line = ''] = piece.trim().split('\n', 1);
  return line.length > LONGEST_SHOWN ? `${line.slice(0, LONGEST_SHOWN)}…` : line;
};

/** Cuts the text into its outermost objects and the pieces between them. True: the end is missing. */
function scan(text: string, found: (piece: string, line: number) => void): boolean {
  let depth = 0;
  let arrays = 0;
  let line = 0;
  let [start, startLine] = [-1, 0];
  const end = (i: number) => {
    if (start !== -1) found(text.slice(start, i), startLine);
    start = -1;
  };
  for (let i = 0; i < text.length; i++) {
    const c = text[i];
    if (c === '\n') line++;
    if (c === '"' && depth > 0) {
      i = closing(text, i);
      continue;
    }
    if (depth === 0 && (c === '[' || c === ']' || c === ',' || c === '{' || c === '\n')) end(i);
    if (depth === 0 && c === '[') arrays++;
    else if (depth === 0 && c === ']') arrays--;
    else if (start === -1 && c !== ',' && c !== undefined && c.trim() !== '') [start, startLine] = [i, line];
    if (c === '{') depth++;
    else if (c === '}' && depth > 0 && --depth === 0) end(i + 1);
  }
  end(text.length);
  return depth > 0 || arrays !== 0;
}

/** The index of the quote that ends a string, or the length of the text. JSON strings hold no line end. */
function closing(text: string, open: number): number {
  for (let i = open + 1; i < text.length; i++) {
    if (text[i] === '\\') i++;
    else if (text[i] === '"') return i;
  }
  return text.length;
}
