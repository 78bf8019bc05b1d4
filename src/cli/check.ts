import { type CheckDocument, checking, didYouMean, formatDiagnostics, REPORT_FORMATS, reporting } from '../index.ts';
import type { CheckFlags } from './flags.ts';
import { loadInput } from './input.ts';
import { type Io, UsageError } from './io.ts';
import { FAIL_ON, oneOf } from './one-of.ts';
import { emitAll, readOutputs } from './output.ts';
import { textStyle } from './text-style.ts';

export const UNDETERMINED = ['fail', 'warn', 'pass'] as const;

/** Runs what the files expect. 0: all holds; 1: some does not; 2: the input does not allow an answer; 3: undetermined. */
export async function checkCommand(files: readonly string[], flags: CheckFlags, io: Io): Promise<number> {
  const { reporters, checkStatus } = await reporting();
  const outputs = await readOutputs(flags.output, REPORT_FORMATS, 'text', didYouMean, io);
  const undetermined = oneOf('--undetermined', flags.undetermined ?? 'fail', UNDETERMINED, didYouMean);
  const failOn = oneOf('--fail-on', flags.failOn ?? 'error', FAIL_ON, didYouMean);
  const style = textStyle(flags, io, io.stdout);
  const named = [...(flags.filename ?? []), ...files];
  const input = await loadInput(named.length > 0 ? { ...flags, filename: named } : flags, io, 'refused');
  if (input === null) return 2;
  if (input.network.cluster.expectations.length === 0)
    throw new UsageError(
      `${input.files.join(', ')}: nothing is expected, so there is nothing to check`,
      'add expect: [ { from: pod-a, to: pod-d } ] to the Topology, or a document of kind: Expectations',
    );
  const { checkNetwork } = await checking();
  const checked = checkNetwork(input.network, { namespace: flags.namespace ?? 'default', undetermined, failOn });
  if (!checked.ok) {
    io.stderr.write(formatDiagnostics(checked.diagnostics, textStyle(flags, io, io.stderr)));
    return 2;
  }
  const pages = outputs.some((o) => o.format === 'sarif') ? await pagesOf(checked.value, io) : new Map<string, string>();
  const options = { width: style.width, version: io.version, directory: { working: io.directory, root: rootOf(io) }, pages };
  await emitAll(
    outputs.map(({ format, file }) => ({
      file,
      text: reporters[format](checked.value, { ...options, color: style.color && file === null }),
    })),
    io,
  );
  return checkStatus(checked.value);
}

/** GitHub and GitLab know files by their names from the checkout's root, wherever in it a job runs. */
function rootOf({ env, directory }: Io): string {
  const below = (root: string | undefined) =>
    root !== undefined && root !== '' && `${directory}/`.startsWith(`${root.replace(/[\\/]$/, '')}/`);
  return [env['GITHUB_WORKSPACE'], env['CI_PROJECT_DIR']].find(below) ?? directory;
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
