import type { Failure } from '../index.ts';
import { inputNames } from './input.ts';
import { InputError, type Io, UsageError } from './io.ts';
import { isStdout, type Output, OverInput } from './output.ts';

/** A job's summary on GitHub is a file to which each command adds; every other file is ours alone. */
export async function before(file: string, io: Io): Promise<string> {
  if (!isSummary(file, io) || (await io.kindOf(file)) !== 'file') return '';
  const { bytesAt } = await import('../index.ts');
  const content = await io.read(file);
  const bytes = content instanceof Uint8Array ? content : bytesAt({ name: file, ...content }, 0, content.size);
  const text = new TextDecoder().decode(bytes);
  return text === '' || text.endsWith('\n') ? text : `${text}\n`;
}

const isSummary = (file: string, { env }: Io) => file === env['GITHUB_STEP_SUMMARY'];

/** There is a failure to tell already: that this does not work either is not told. */
export async function replace({ format, file }: Output<string>, form: string | null, error: unknown, io: Io): Promise<void> {
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

export function failureOf(error: unknown): Failure {
  if (error instanceof InputError) return { message: 'the files are wrong', hint: null, diagnostics: error.diagnostics };
  if (error instanceof UsageError) return { message: error.message, hint: error.hint, diagnostics: [] };
  return { message: 'a fault in k8s-trace itself', hint: null, diagnostics: [] };
}

/**
 * What is in the places of reports, when the flags that name them cannot all be understood: each is replaced or removed as after any other
 * failure, but no file that may be meant as input.
 */
export async function withdraw(
  flags: readonly string[],
  inputs: readonly string[],
  formOf: (format: string) => string | null,
  error: unknown,
  io: Io,
): Promise<void> {
  const kept = new Set<string>();
  for (const input of inputs) kept.add((await io.identityOf(input === '-' ? 0 : input)) ?? '');
  for (const flag of flags) {
    const [, format = '', file = ''] = flag.match(/^([^=]*)=(.+)$/s) ?? [];
    if (file === '' || isStdout(file) || kept.has((await io.identityOf(file)) ?? '')) continue;
    await replace({ format, file }, formOf(format), error, io);
  }
}

/** The same for a command line that is not understood at all. Any of its other words may be an input. */
export async function withdrawNamed(
  argv: readonly string[],
  formOf: (format: string) => string | null,
  error: unknown,
  io: Io,
): Promise<void> {
  const flags: string[] = [];
  const others: string[] = [];
  for (let i = 0; i < argv.length; i++) {
    const word = argv[i] ?? '';
    if (/^(-\w*o|--output)$/.test(word)) flags.push(argv[++i] ?? '');
    else if (/^(-o|--output=)/.test(word)) flags.push(word.replace(/^(-o|--output=)/, ''));
    else others.push(word.replace(/^(-f|--filename=)(?=.)/, ''));
  }
  if (!flags.some((flag) => flag.includes('='))) return;
  const given = await inputNames({ filename: others, recursive: true }, io);
  const usual = await inputNames({}, io);
  await withdraw(flags, [...given.names, ...usual.names], formOf, error, io);
}
