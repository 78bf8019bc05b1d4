import { reason } from './input.ts';
import { type Io, UsageError } from './io.ts';

/** `-o FORMAT[=FILE]` */
export interface Output<F extends string> {
  readonly format: F;
  /** Null: standard output. */
  readonly file: string | null;
}

/** Reads the -o flags; without any, the default format on standard output. */
export async function readOutputs<F extends string>(
  flags: readonly string[] | undefined,
  formats: readonly F[],
  defaultFormat: F,
  didYouMean: (name: string, names: readonly string[]) => string | null,
  io: Io,
): Promise<readonly Output<F>[]> {
  const outputs = (flags ?? [defaultFormat]).map((flag): Output<F> => {
    const equals = flag.indexOf('=');
    const name = equals === -1 ? flag : flag.slice(0, equals);
    const file = equals === -1 ? null : flag.slice(equals + 1);
    const format = formats.find((f) => f === name);
    if (format === undefined)
      throw new UsageError(`-o ${name}: there is no such format here`, didYouMean(name, formats) ?? `formats: ${formats.join(', ')}`);
    if (file === '') throw new UsageError(`-o ${flag}: the file's name is missing`);
    return { format, file: file !== null && isStdout(file) ? null : file };
  });
  const onStdout = outputs.filter((o) => o.file === null);
  if (onStdout.length > 1)
    throw new UsageError(
      `${onStdout.map((o) => `-o ${o.format}`).join(' and ')}: only one format can go to standard output`,
      'give the others a file: -o json=trace.json',
    );
  await refuseTwice(outputs, io);
  return outputs;
}

/** Names that Unix has for standard output. */
export const isStdout = (file: string): boolean => /^\/dev\/(stdout|fd\/1)$|^\/proc\/(self|thread-self)\/fd\/1$/.test(file);

/** A file is named twice: whose it is cannot be said, so it stays as it is. */
export class SameFile extends UsageError {}

/** One file may have several names: `x`, `./x`, a link to it. */
async function refuseTwice(outputs: readonly Output<string>[], io: Io): Promise<void> {
  const names = new Map<string, string>();
  const stdout = outputs.some((o) => o.file === null) ? await io.identityOf(1) : null;
  for (const { file } of outputs) {
    if (file === null) continue;
    const identity = (await io.identityOf(file)) ?? file;
    const other = names.get(identity);
    if (other === file) throw new SameFile(`${file}: only one format can go to a file`, 'give the others another one');
    if (other !== undefined)
      throw new SameFile(`${other} and ${file} are one file, and only one format can go to a file`, 'give the others another one');
    if (identity === stdout) throw new SameFile(`${file}: standard output goes to this file already`, 'give the report another one');
    names.set(identity, file);
  }
}

/** A report would take the place of a file that is read. */
export class OverInput extends UsageError {
  /** The reports' files. */
  readonly files: readonly string[];
  constructor(file: string, files: readonly string[]) {
    super(`${file}: this file is read, and a report would take its place`, 'give the report another file');
    this.files = files;
  }
}

/** Refuses reports over `inputs` (`-`: standard input), and tries each file, so that no work is done in vain. */
export async function claimOutputs(outputs: readonly Output<string>[], inputs: readonly string[], io: Io): Promise<void> {
  const files = outputs.flatMap((o) => o.file ?? []);
  if (files.length === 0) return;
  const read = new Set<string>();
  for (const input of inputs) read.add((await io.identityOf(input === '-' ? 0 : input)) ?? '');
  const over: string[] = [];
  for (const file of files) if (read.has((await io.identityOf(file)) ?? '(none)')) over.push(file);
  const [first] = over;
  if (first !== undefined) throw new OverInput(first, over);
  for (const file of files) await orCannotWrite(file, io.tryWrite(file));
}

const HINTS: Readonly<Record<string, string>> = {
  ENOENT: 'its folder is not there',
  EISDIR: 'it is a folder',
  EACCES: 'nobody may write there, or not you',
  EROFS: 'its file system is read-only',
  ENOSPC: 'no space is left on the disk',
  EDQUOT: 'your share of the disk is used up',
};

/** The obstacle to writing, in words for people. */
export function cannotWrite(what: string, error: unknown): UsageError {
  const why = reason(error);
  return new UsageError(`${what}: cannot be written (${why})`, HINTS[why] ?? null);
}

/** Waits for a file to be written. */
export async function orCannotWrite(file: string, done: Promise<void>): Promise<void> {
  try {
    await done;
  } catch (error) {
    throw cannotWrite(file, error);
  }
}
