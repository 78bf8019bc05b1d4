import { reason } from './input.ts';
import { type Io, UsageError } from './io.ts';

/** `-o FORMAT[=FILE]` */
export interface Output<F extends string> {
  readonly format: F;
  /** Null: standard output. */
  readonly file: string | null;
}

/** Reads the -o flags; without any, the default format on standard output. */
export function readOutputs<F extends string>(
  flags: readonly string[] | undefined,
  formats: readonly F[],
  defaultFormat: F,
  didYouMean: (name: string, names: readonly string[]) => string | null,
): readonly Output<F>[] {
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
  return outputs;
}

/** All of them, or none: a report that cannot be written is known before the first is begun. */
export async function emitAll(reports: readonly { readonly text: string; readonly file: string | null }[], io: Io): Promise<void> {
  for (const { text, file } of reports) await emit(text, file, io);
}

export async function emit(text: string, file: string | null, io: Io): Promise<void> {
  if (file === null) {
    io.stdout.write(text);
    return;
  }
  try {
    await io.write(file, text);
  } catch (error) {
    throw new UsageError(`${file}: cannot be written (${reason(error)})`);
  }
}
