import { bytesAt, joining, matrixFormats, sizeOf } from '../index.ts';
import type { MatrixFlags } from './flags.ts';
import { type Named, readInputs } from './input.ts';
import { type Io, UsageError } from './io.ts';
import { MATRIX_FORMATS } from './matrix-formats.ts';
import { toldTo } from './matrix-told.ts';
import { codeMeanings } from './meanings.ts';
import { reported } from './reported.ts';
import { textStyle } from './text-style.ts';

const ABOUT_THE_INPUT = [
  'shard',
  'from',
  'to',
  'port',
  'protocol',
  'family',
  'pods',
  'anyPort',
  'blocked',
  'with',
  'without',
  'nodeState',
] as const;

/** `k8s-trace matrix --merge PART...`: what one run would have printed. */
export async function mergeCommand(operands: readonly string[], flags: MatrixFlags, io: Io): Promise<number> {
  const asked = ABOUT_THE_INPUT.find((name) => flags[name] !== undefined);
  if (asked !== undefined)
    throw new UsageError(
      `--merge and --${asked.replace('anyPort', 'any-port')}: parts say themselves what was asked`,
      'ask it where they are made',
    );
  if (flags.filename !== undefined)
    throw new UsageError(
      '--merge reads parts only, and takes no -f: parts have the answers, and no input is read',
      `k8s-trace matrix --merge ${operands.length === 0 ? 'part-*.json' : operands.join(' ')}`,
    );
  const files = operands;
  if (files.length === 0) throw new UsageError('--merge: of which parts?', 'k8s-trace matrix --merge part-*.json');
  return reported({ ...flags, filename: files }, { names: MATRIX_FORMATS, usual: 'table' }, io, async ({ named, outputs, emit }) => {
    const { joined, PartsFault } = await joining();
    try {
      const { whole, blocked, missing } = joined(await partsIn(named, io), io.version);
      const isPage = outputs.some(({ format }) => format === 'html');
      const result = outputs.length === 1 ? whole : { ...whole, connections: [...whole.connections] };
      const formats = await matrixFormats();
      const meanings = isPage ? await codeMeanings(io) : {};
      const style = {
        ...textStyle(flags, io, io.stdout),
        verbose: flags.verbose === true,
        meanings,
        blocked,
        missing,
      };
      await emit(({ format, file }) => formats[format](toldTo(format, result, blocked), { ...style, color: style.color && file === null }));
      return 0;
    } catch (error) {
      throw error instanceof PartsFault ? new UsageError(error.message, error.hint) : error;
    }
  });
}

async function partsIn(named: Named, io: Io) {
  const files = (await readInputs(named, io)) ?? [];
  return files.map((file) => ({ name: file.name, text: () => new TextDecoder().decode(bytesAt(file, 0, sizeOf(file))) }));
}
