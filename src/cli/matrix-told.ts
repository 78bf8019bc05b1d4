import type { MatrixResult } from '../index.ts';
import type { MATRIX_FORMATS } from './matrix-formats.ts';

type MatrixFormat = (typeof MATRIX_FORMATS)[number];

/** A page has the reasons, too, and people hear how much is undetermined: whatever was asked for, these take what does not arrive. */
export const isForPeople = (format: MatrixFormat): boolean => format === 'table' || format === 'markdown' || format === 'html';

/** What a format is told of a matrix that has what does not arrive: the others are told of it only where it is wanted. */
export const toldTo = (format: MatrixFormat, result: MatrixResult, blocked: boolean): MatrixResult =>
  isForPeople(format) || blocked || !result.asked.blocked
    ? result
    : { ...result, asked: { ...result.asked, blocked: false }, connections: reached(result.connections) };

function* reached(connections: MatrixResult['connections']): Iterable<MatrixConnection> {
  for (const connection of connections) if (connection.outcome === 'delivered' || connection.outcome === 'exits') yield connection;
}

type MatrixConnection = MatrixResult['connections'] extends Iterable<infer T> ? T : never;
