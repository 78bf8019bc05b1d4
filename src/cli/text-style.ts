import { type Io, type Stream, UsageError } from './io.ts';

/** How to print on a stream. */
export interface TextStyle {
  readonly color: boolean;
  readonly width: number;
}

export interface StyleFlags {
  /** false comes from --no-color. */
  readonly color?: string | false;
  readonly width?: string;
}

const PIPE_WIDTH = 100;
const NARROWEST = 40;

/** The flag first, then FORCE_COLOR, NO_COLOR, TERM=dumb, and last whether the stream is a terminal. */
export function textStyle(flags: StyleFlags, io: Io, stream: Stream): TextStyle {
  return { color: wantsColor(flags.color, io.env, stream), width: widthOf(flags.width, stream) };
}

function wantsColor(flag: string | false | undefined, env: Io['env'], stream: Stream): boolean {
  if (flag === false || flag === 'never') return false;
  if (flag === 'always') return true;
  const force = env['FORCE_COLOR'];
  if (force !== undefined && force !== '') return force !== '0' && force !== 'false';
  if ((env['NO_COLOR'] ?? '') !== '') return false;
  return env['TERM'] !== 'dumb' && stream.isTerminal;
}

function widthOf(flag: string | undefined, stream: Stream): number {
  if (flag === undefined) return Math.max(stream.columns ?? PIPE_WIDTH, NARROWEST);
  const width = Number(flag);
  if (!Number.isInteger(width) || width < NARROWEST || width > 1000)
    throw new UsageError(`--width ${flag}: expected a number of columns from ${NARROWEST} to 1000`);
  return width;
}
