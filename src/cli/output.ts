import { reason } from './input.ts';
import { type Io, UsageError } from './io.ts';

/** `-o FORMAT[=FILE]` */
export interface Output<F extends string> {
  readonly format: F;
  /** Null: standard output. */
  readonly file: string | null;
}

/** Reads the -o flags; without any, the default format on standard output. Each file is tried, so that no work is done in vain. */
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
    return { format, file };
  });
  const onStdout = outputs.filter((o) => o.file === null);
  if (onStdout.length > 1)
    throw new UsageError(
      `${onStdout.map((o) => `-o ${o.format}`).join(' and ')}: only one format can go to standard output`,
      'give the others a file: -o json=trace.json',
    );
  const files = outputs.flatMap((o) => (o.file === null ? [] : [o.file]));
  const twice = files.find((file, i) => files.indexOf(file) !== i);
  if (twice !== undefined) throw new UsageError(`${twice}: only one format can go to a file`, 'give the others another one');
  for (const file of files) await orCannotWrite(file, io.tryWrite(file));
  return outputs;
}

export interface Report {
  readonly text: string;
  /** Null: standard output. */
  readonly file: string | null;
}

/** All of them, or none; standard output last, since it is the one that cannot fail. */
export async function emitAll(reports: readonly Report[], io: Io): Promise<void> {
  const files: { path: string; text: string }[] = [];
  for (const { text, file } of reports) if (file !== null) files.push({ path: file, text: `${await before(file, io)}${text}` });
  if (files.length > 0) await orCannotWrite(files.map((f) => f.path).join(', '), io.writeAll(files));
  for (const { text, file } of reports) if (file === null) io.stdout.write(text);
}

/** A job's summary on GitHub is a file to which each command adds; every other file is ours alone. */
async function before(file: string, io: Io): Promise<string> {
  if (file !== io.env['GITHUB_STEP_SUMMARY'] || (await io.kindOf(file)) !== 'file') return '';
  const text = new TextDecoder().decode(await io.read(file));
  return text === '' || text.endsWith('\n') ? text : `${text}\n`;
}

const HINTS: Readonly<Record<string, string>> = {
  ENOENT: 'its folder is not there',
  EISDIR: 'it is a folder',
  EACCES: 'nobody may write there, or not you',
};

async function orCannotWrite(file: string, done: Promise<void>): Promise<void> {
  try {
    await done;
  } catch (error) {
    const why = reason(error);
    throw new UsageError(`${file}: cannot be written (${why})`, HINTS[why] ?? null);
  }
}
