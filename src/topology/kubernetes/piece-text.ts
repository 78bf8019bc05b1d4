import type { SourceDocument } from '../../source/origin.ts';
import { lineReader } from '../../source/text.ts';
import { offsetFinder, positionFinder } from '../syntax/json-places.ts';
import { parseYaml } from '../syntax/yaml.ts';
import type { Piece } from './piece.ts';

const decoder = new TextDecoder('utf-8', { fatal: true });

/** The text of a piece. An item of a YAML list has a space for its dash, so that columns stay. Throws a TypeError when it is not UTF-8. */
export function pieceText(bytes: Uint8Array, dash: number | null): string {
  const text = decoder.decode(bytes);
  return dash === null ? text : `${text.slice(0, dash)} ${text.slice(dash + 1)}`;
}

/** Where the values of a piece are, in the lines and columns of its text. Null: it cannot be read any more. */
export function pieceSource(file: string, text: string, syntax: Piece['syntax']): SourceDocument | null {
  if (syntax === 'yaml') return parseYaml(file, text).documents[0]?.source ?? null;
  const positionOf = positionFinder(text);
  const offsetOf = offsetFinder(text);
  return { file, index: 0, line: lineReader(text), position: (path, key) => positionOf(offsetOf(path, key ?? false)) };
}
