import { didYouMean, type Failure } from '../index.ts';
import type { GlobalFlags } from './flags.ts';
import { inputNames, type Named } from './input.ts';
import { InputError, type Io, UsageError } from './io.ts';
import { claimOutputs, type Output, OverInput, orCannotWrite, readOutputs } from './output.ts';

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
  emit(textOf: (output: Output<F>) => string): Promise<void>;
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
  const all = await readOutputs(flags.output, names, usual, didYouMean, io);
  const outputs = flags.quiet === true ? all.filter((output) => output.file !== null) : all;
  const named = await inputNames(flags, io);
  let written = false;
  const emit: Run<F>['emit'] = async (textOf) => {
    const texts = outputs.map((output) => ({ output, text: textOf(output) }));
    const files: { path: string; text: string }[] = [];
    for (const { output, text } of texts)
      if (output.file !== null) files.push({ path: output.file, text: `${await before(output.file, io)}${text}` });
    if (files.length > 0) await orCannotWrite(files.map((f) => f.path).join(', '), io.writeAll(files));
    written = true;
    for (const { output, text } of texts) if (output.file === null) io.stdout.write(text);
  };
  try {
    await claimOutputs(outputs, named.names, io);
    return await work({ named, outputs, emit });
  } catch (error) {
    if (!written) for (const output of outputs) await replace(output, formOf(output.format, failureOf(error)), error, io);
    throw error;
  }
}

/** A job's summary on GitHub is a file to which each command adds; every other file is ours alone. */
async function before(file: string, io: Io): Promise<string> {
  if (!isSummary(file, io) || (await io.kindOf(file)) !== 'file') return '';
  const { bytesAt } = await import('../index.ts');
  const content = await io.read(file);
  const bytes = content instanceof Uint8Array ? content : bytesAt({ name: file, ...content }, 0, content.size);
  const text = new TextDecoder().decode(bytes);
  return text === '' || text.endsWith('\n') ? text : `${text}\n`;
}

const isSummary = (file: string, { env }: Io) => file === env['GITHUB_STEP_SUMMARY'];

/** There is a failure to tell already: that this does not work either is not told. */
async function replace({ format, file }: Output<string>, form: string | null, error: unknown, io: Io): Promise<void> {
  if (file === null) {
    // The lines of a text report are on standard error already.
    if (form !== null && format !== 'text') await quietly(async () => io.stdout.write(form));
    return;
  }
  if (error instanceof OverInput && error.files.includes(file)) return;
  const isWritten = form !== null && (await quietly(async () => io.writeAll([{ path: file, text: `${await before(file, io)}${form}` }])));
  if (!isWritten && !isSummary(file, io)) await quietly(() => io.remove(file));
}

async function quietly(act: () => Promise<void>): Promise<boolean> {
  try {
    await act();
    return true;
  } catch {
    return false;
  }
}

function failureOf(error: unknown): Failure {
  if (error instanceof InputError) return { message: 'the files are wrong', hint: null, diagnostics: error.diagnostics };
  if (error instanceof UsageError) return { message: error.message, hint: error.hint, diagnostics: [] };
  return { message: 'a fault in k8s-trace itself', hint: null, diagnostics: [] };
}
