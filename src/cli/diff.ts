import {
  DIFF_FORMATS,
  type Diagnostic,
  type DiffDocument,
  type DiffFormat,
  didYouMean,
  differ,
  type Failure,
  FlagError,
  type InputFile,
  type LoadOptions,
  type Refused,
  reporting,
  safe,
} from '../index.ts';
import type { DiffFlags, GlobalFlags } from './flags.ts';
import { gitPlace, readGit } from './git.ts';
import { inputNames, isOurs, readInputs } from './input.ts';
import { type Io, UsageError } from './io.ts';
import { nodesFlag, readSupposed, tellWarnings, wrongInput } from './load-input.ts';
import { requestOf } from './matrix.ts';
import { codeMeanings } from './meanings.ts';
import { readNodeState, tellNodeState } from './node-state.ts';
import { oneOf } from './one-of.ts';
import { directoryOf } from './report-directory.ts';
import { type Run, reported } from './reported.ts';
import { textStyle } from './text-style.ts';

export const CHANGE_KINDS = ['gained', 'lost', 'changed'] as const;

/** `k8s-trace diff A B`. 0: the same; 1: not; 2: the inputs do not allow an answer. */
export async function diffCommand(operands: readonly string[], flags: DiffFlags, io: Io): Promise<number> {
  const [before, after] = twoOf(operands, flags);
  const { diffFailureReporters } = await reporting();
  const options = { version: io.version, directory: directoryOf(io) };
  const formOf = (format: DiffFormat, failure: Failure) => diffFailureReporters[format]?.(failure, options) ?? null;
  const files = operands.filter((text) => !text.startsWith('git:'));
  return reported({ ...flags, filename: files }, { names: DIFF_FORMATS, usual: 'text', formOf }, io, (run) =>
    diffTo(run, before, after, flags, io),
  );
}

/** Without AFTER: that is BEFORE with what is supposed. */
function twoOf(operands: readonly string[], flags: DiffFlags): readonly [before: string, after: string | null] {
  const [before, after, extra] = operands;
  if (flags.filename !== undefined)
    throw new UsageError(
      'diff names its two inputs without -f',
      `k8s-trace diff ${flags.filename.join(' ')}${flags.filename.length === 1 ? ' AFTER' : ''}`,
    );
  if (flags.live === true)
    throw new UsageError('diff compares files: --live asks a cluster', 'k8s-trace snapshot -o now.json writes its objects into one');
  const isSupposed = flags.with !== undefined || flags.without !== undefined;
  if (before !== undefined && after === undefined && isSupposed) return [before, null];
  if (before === undefined || after === undefined)
    throw new UsageError(
      'diff needs two inputs: what was before, and what is after',
      'k8s-trace diff BEFORE AFTER, as git:main:deploy deploy',
    );
  if (extra !== undefined) throw new UsageError(`${extra}: one input too many`, 'an input of several files is a directory');
  if (before === '-' && after === '-') throw new UsageError('- is there twice, but standard input can be read only once');
  return [before, after];
}

async function diffTo({ outputs, emit }: Run<DiffFormat>, before: string, after: string | null, flags: DiffFlags, io: Io): Promise<number> {
  const failOn = flags.failOn?.flatMap((text) => text.split(',')).map((kind) => oneOf('--fail-on', kind.trim(), CHANGE_KINDS, didYouMean));
  const { diffReporters } = await reporting();
  const style = textStyle(flags, io, io.stdout);
  const document = await documentOf(before, after, flags, io);
  const meanings = outputs.some(({ format }) => format === 'html') ? await codeMeanings(io) : {};
  const options = { width: style.width, directory: directoryOf(io), verbose: flags.verbose === true, meanings };
  await emit(({ format, file }) => diffReporters[format](document, { ...options, color: style.color && file === null }));
  const counts = failOn === undefined ? !document.same : document.changes.some((c) => failOn.includes(c.kind));
  return counts ? 1 : 0;
}

async function documentOf(before: string, after: string | null, flags: DiffFlags, io: Io): Promise<DiffDocument> {
  const nodes = nodesFlag(flags);
  const whatIf = await readSupposed(flags, flags.namespace ?? 'default', io);
  const nodeState = await readNodeState(flags, null, io);
  const options: LoadOptions = { flags, nodeState, ...(nodes === undefined ? {} : { nodes }), ...(whatIf === null ? {} : { whatIf }) };
  const [old, young] = [await filesOf(before, flags, io), after === null ? null : await filesOf(after, flags, io)];
  const compared = await flagged(async () => (await differ()).compareInputs(old, young, options));
  if (!compared.ok) throw await wrongInput(each(compared.diagnostics), flags, io);
  const { doubt, matrices, expectations } = compared.value;
  await tellWarnings(await tellNodeState(each(compared.warnings), flags, io), flags, io);
  if (doubt !== null) io.stderr.write(`k8s-trace: warning: ${safe(doubt)}\n`);
  const namespace = flags.namespace ?? 'default';
  const answer = flags.expectations === true ? expectations(namespace) : matrices({ ...requestOf(flags, namespace), blocked: true });
  if (!answer.ok) throw refused(answer);
  return answer.value;
}

async function flagged<T>(act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    throw error instanceof FlagError ? new UsageError(error.message, error.hint) : error;
  }
}

const refused = ({ message, hint }: Refused): UsageError => new UsageError(message, hint);

/** What is wrong with both inputs is said once. */
const each = (warnings: readonly Diagnostic[]): readonly Diagnostic[] => [
  ...new Map(warnings.map((w) => [JSON.stringify([w.code, w.message, w.place?.text]), w])).values(),
];

async function filesOf(text: string, flags: GlobalFlags, io: Io): Promise<readonly InputFile[]> {
  const place = gitPlace(text);
  if (place === null) return (await readInputs(await inputNames({ filename: [text], recursive: flags.recursive === true }, io), io)) ?? [];
  const { files, notes } = await readGit(place, flags.recursive === true, isOurs, io);
  for (const note of notes) io.stderr.write(`k8s-trace: ${safe(note)}\n`);
  return files;
}
