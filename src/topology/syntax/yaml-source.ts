import type { LineCounter } from 'yaml';
import type { Position } from '../../source/origin.ts';

/** The parts of a YAML text that a diagnostic about it needs. */
export interface Source {
  readonly file: string;
  readonly lines: LineCounter;
  readonly line: (n: number) => string;
}

export function positionOf({ lines }: Source, offset: number): Position {
  const { line, col } = lines.linePos(offset);
  return { line: Math.max(line, 1), column: Math.max(col, 1) };
}
