import type { LineCounter } from 'yaml';
import type { Position } from '../../source/origin.ts';

/** What a diagnostic about a YAML text needs to know of it. */
export interface Source {
  readonly file: string;
  readonly lines: LineCounter;
  readonly line: (n: number) => string;
}

export function positionOf({ lines }: Source, offset: number): Position {
  const { line, col } = lines.linePos(offset);
  return { line: Math.max(line, 1), column: Math.max(col, 1) };
}
