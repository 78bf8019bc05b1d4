import { bytesAt, type InputFile, type MatrixDocument, type MatrixRequest, type Shard, sizeOf } from '../index.ts';
import { FACT_FLAGS } from './fact-flags.ts';
import type { MatrixFlags } from './flags.ts';
import { type Io, UsageError } from './io.ts';

/** `--shard 2/4` */
export function readShard(text: string): Shard {
  const [, index = '', of = ''] = /^(\d{1,6})\/(\d{1,6})$/.exec(text) ?? [];
  if (of === '') throw new UsageError(`--shard ${text}: expected I/N, as 1/4 for the first of four parts`);
  const shard = { index: Number(index), of: Number(of) };
  if (shard.of < 1 || shard.index < 1 || shard.index > shard.of) {
    const all =
      shard.of < 1 ? 'there is at least one part' : `of ${shard.of} parts the first is 1/${shard.of} and the last ${shard.of}/${shard.of}`;
    throw new UsageError(`--shard ${text}: there is no such part`, all);
  }
  return shard;
}

const PIECE = 16 * 1024 * 1024;

/** The matrix that a part is of: its input, its question, and what the input does not state. */
interface OfWhat {
  readonly sources: readonly InputFile[];
  readonly flags: MatrixFlags;
  readonly asked: MatrixRequest;
  readonly missing: readonly string[];
}

/**
 * What a part says of itself, so that parts of other inputs, questions and versions are not joined. Files count by what is in them and by their order:
 * the same ones may be called otherwise elsewhere.
 */
export async function partOf(
  { index, of }: Shard,
  { sources, flags, asked, missing }: OfWhat,
  io: Io,
): Promise<NonNullable<MatrixDocument['part']>> {
  const files: string[] = [];
  for (const file of sources) files.push(await io.sha256(piecesOf(file)));
  const set = new Map<string, unknown>(Object.entries(flags));
  const facts = [...Object.keys(FACT_FLAGS), 'without'].map((name) => [name, set.get(name) ?? null]);
  const digest = await io.sha256([new TextEncoder().encode(JSON.stringify([files, facts, asked]))]);
  return { shard: index, of, digest: `sha256:${digest}`, version: io.version, blocked: asked.blocked, missing: [...missing] };
}

function* piecesOf(file: InputFile): Iterable<Uint8Array> {
  for (let at = 0; at < sizeOf(file); at += PIECE) yield bytesAt(file, at, PIECE);
}
