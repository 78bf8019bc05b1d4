import { type CheckDocument, checking, didYouMean, type Failure, REPORT_FORMATS, type ReportFormat, reporting } from '../index.ts';
import type { CheckFlags } from './flags.ts';
import { type Io, UsageError } from './io.ts';
import { loadInput } from './load-input.ts';
import { FAIL_ON, oneOf } from './one-of.ts';
import { directoryOf } from './report-directory.ts';
import { type Run, reported } from './reported.ts';
import { textStyle } from './text-style.ts';

export const UNDETERMINED = ['fail', 'warn', 'pass'] as const;

/** Runs what the files expect. 0: all holds; 1: some does not; 2: the input does not allow an answer; 3: undetermined. */
export async function checkCommand(files: readonly string[], flags: CheckFlags, io: Io): Promise<number> {
  const { failureReporters } = await reporting();
  const named = [...(flags.filename ?? []), ...files];
  const all = named.length > 0 ? { ...flags, filename: named } : flags;
  const options = { version: io.version, directory: directoryOf(io) };
  const formOf = (format: ReportFormat, failure: Failure) => failureReporters[format]?.(failure, options) ?? null;
  return reported(all, { names: REPORT_FORMATS, usual: 'text', formOf }, io, (run) => checkTo(run, all, io));
}

async function checkTo({ named, outputs, emit }: Run<ReportFormat>, flags: CheckFlags, io: Io): Promise<number> {
  const { reporters, checkStatus } = await reporting();
  const undetermined = oneOf('--undetermined', flags.undetermined ?? 'fail', UNDETERMINED, didYouMean);
  const failOn = oneOf('--fail-on', flags.failOn ?? 'error', FAIL_ON, didYouMean);
  const style = textStyle(flags, io, io.stdout);
  const input = await loadInput(flags, io, 'refused', named);
  if (input.network.cluster.expectations.length === 0)
    throw new UsageError(
      `${input.files.join(', ') || 'the input'}: nothing is expected, so there is nothing to check`,
      'add expect: [ { from: pod-a, to: pod-d } ] to the Topology, or a document of kind: Expectations',
    );
  const { checkNetwork } = await checking();
  const checked = checkNetwork(input.network, { namespace: input.namespace, undetermined, failOn });
  const pages = outputs.some((o) => o.format === 'sarif') ? await pagesOf(checked, io) : new Map<string, string>();
  const options = { width: style.width, version: io.version, directory: directoryOf(io), pages, verbose: flags.verbose === true };
  await emit(({ format, file }) => reporters[format](checked, { ...options, color: style.color && file === null }));
  return checkStatus(checked);
}

/** The pages of the codes that occur. */
async function pagesOf({ results }: CheckDocument, io: Io): Promise<ReadonlyMap<string, string>> {
  const pages = new Map<string, string>();
  for (const code of new Set(results.flatMap((r) => r.reason?.code ?? []))) {
    const page = await io.reasonPage(code);
    if (page !== null) pages.set(code, page);
  }
  return pages;
}
