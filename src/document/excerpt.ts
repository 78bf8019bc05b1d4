import { type Path, type SourceDocument, writtenAt } from '../source/origin.ts';
import type { PlaceDocument } from './diff-schema.ts';

/** Enough to see what it is. */
const MOST_LINES = 12;
/** JSON may be one line of megabytes. */
const MOST_COLUMNS = 240;

/** A field or an object of the input: where it begins, and its lines. */
export function excerpt(at: { readonly document: SourceDocument; readonly path: Path }): PlaceDocument {
  const { document, path } = writtenAt(at);
  const { line, column } = document.position(path, typeof path.at(-1) === 'string');
  const first = document.line(line);
  const lines = [cut(first, column)];
  const isWhole = path.length === 0 && !/^\s*- /.test(first);
  while (first.length <= MOST_COLUMNS && lines.length < MOST_LINES) {
    const next = document.line(line + lines.length);
    if (next.trim() === '' || /^(---|\.\.\.)/.test(next) || !(isWhole || isBelow(next, first))) break;
    lines.push(cut(next, 1));
  }
  return { file: document.file, line, column, text: lines.join('\n') };
}

/** Is a line part of the value that begins on another? Items of a list may stand as far left as its key. */
function isBelow(next: string, first: string): boolean {
  const [own, other] = [indentOf(first), indentOf(next)];
  if (other > own) return true;
  return other === own && next.trimStart().startsWith('- ') && /:\s*$/.test(first) && !first.trimStart().startsWith('- ');
}

const indentOf = (line: string): number => line.length - line.trimStart().length;

/** Of a very long line the part around the place. */
function cut(line: string, column: number): string {
  if (line.length <= MOST_COLUMNS) return line.trimEnd();
  const start = Math.max(0, Math.min(column - 1 - 20, line.length - MOST_COLUMNS));
  return `${start > 0 ? '…' : ''}${line.slice(start, start + MOST_COLUMNS)}${start + MOST_COLUMNS < line.length ? '…' : ''}`;
}
