import { didYouMean, type Failure } from '../index.ts';
import type { GlobalFlags } from './flags.ts';
import { inputNames, type Named, patchNames } from './input.ts';
import type { Io } from './io.ts';
import { before, failureOf, replace, withdraw } from './older-reports.ts';
import { claimOutputs, type Output, orCannotWrite, readOutputs, SameFile } from './output.ts';

/** The formats of a command. */
interface Formats<F extends string> {
  readonly names: readonly F[];
  /** Without -o. */
  readonly usual: F;
  /** A format's own form of an error, where it has one. */
  readonly formOf?: (format: F, failure: Failure) => string | null;
}

export interface Run<F extends string> {
  /** The files of the input: no report will take the place of a file of it. */
  readonly named: Named;
  readonly outputs: readonly Output<F>[];
  /** Writes the results: files first, all of them or none, and standard output last. */
  emit(textOf: (output: Output<F>) => string | Iterable<string>): Promise<void>;
}

/**
 * Runs the work whose results go where the -o flags say. When it fails, no older report stays in the place of the new one, where it would
 * be taken for that: it is replaced by its format's own form of an error, or removed.
 */
export async function reported<F extends string>(
  flags: GlobalFlags & { readonly quiet?: boolean },
  { names, usual, formOf = () => null }: Formats<F>,
  io: Io,
  work: (run: Run<F>) => Promise<number>,
): Promise<number> {
  const all = await readOutputs(flags.output, names, usual, didYouMean, io).catch(async (error) => {
    if (error instanceof SameFile) throw error;
    const form = (name: string) => names.flatMap((n) => (n === name ? (formOf(n, failureOf(error)) ?? []) : []))[0] ?? null;
    await withdraw(flags.output ?? [], (await inputNames(flags, io)).names, form, error, io);
    throw error;
  });
  const outputs = flags.quiet === true ? all.filter((output) => output.file !== null) : all;
  const named = await inputNames(flags, io);
  let written = false;
  const emit: Run<F>['emit'] = async (textOf) => {
    const texts = outputs.map((output) => ({ output, text: textOf(output) }));
    const files: { path: string; text: string | Iterable<string> }[] = [];
    for (const { output, text } of texts)
      if (output.file !== null) files.push({ path: output.file, text: after(await before(output.file, io), text) });
    if (files.length > 0) await orCannotWrite(files.map((f) => f.path).join(', '), io.writeAll(files));
    written = true;
    for (const { output, text } of texts) {
      if (output.file !== null) continue;
      if (typeof text === 'string') io.stdout.write(text);
      else await io.pour(text);
    }
  };
  try {
    await claimOutputs(outputs, [...named.names, ...(await patchNames(flags, io)).names], io);
    return await work({ named, outputs, emit });
  } catch (error) {
    if (!written) for (const output of outputs) await replace(output, formOf(output.format, failureOf(error)), error, io);
    throw error;
  }
}

function after(before: string, text: string | Iterable<string>): string | Iterable<string> {
  if (before === '') return text;
  return typeof text === 'string' ? `${before}${text}` : joined(before, text);
}

function* joined(before: string, pieces: Iterable<string>): Iterable<string> {
  yield before;
  yield* pieces;
}
