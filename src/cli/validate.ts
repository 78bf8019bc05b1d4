import { didYouMean, formatDiagnostics, loadNetwork, show } from '../index.ts';
import type { GlobalFlags } from './flags.ts';
import { inputFiles } from './input.ts';
import { type Io, UsageError } from './io.ts';
import { look } from './look.ts';
import { emitAll, type Report, readOutputs } from './output.ts';

export const VALIDATE_FORMATS = ['text', 'json'] as const;

/** Errors and warnings go to stderr like everywhere; stdout says in one line what is there, or has everything as JSON. */
export async function validateCommand(operands: readonly string[], flags: GlobalFlags, io: Io): Promise<number> {
  const outputs = await readOutputs(flags.output, VALIDATE_FORMATS, 'text', didYouMean, io);
  const style = look(flags, io, io.stderr);
  const named = [...(flags.filename ?? []), ...operands];
  const files = await inputFiles(named.length > 0 ? { ...flags, filename: named } : flags, io);
  if (files === null) throw new UsageError('there is nothing to validate', 'name a file with -f, or put a topology.yaml here');
  const loaded = loadNetwork(files);
  const diagnostics = loaded.ok ? loaded.warnings : loaded.diagnostics;
  const reports: Report[] = [];
  for (const { format, file } of outputs) {
    if (format === 'json') {
      reports.push({ file, text: `${JSON.stringify({ schemaVersion: 1, valid: loaded.ok, diagnostics }, null, 2)}\n` });
      continue;
    }
    if (diagnostics.length > 0 && file === null) io.stderr.write(formatDiagnostics(diagnostics, style));
    else if (file !== null) reports.push({ file, text: formatDiagnostics(diagnostics, { ...style, color: false }) });
    if (loaded.ok && file === null)
      reports.push({ file, text: `${files.map((f) => f.name).join(', ')}: valid: ${contents(loaded.value)}\n` });
  }
  await emitAll(reports, io);
  return loaded.ok ? 0 : 2;
}

function contents(network: Parameters<typeof show>[0]): string {
  const view = show(network, null);
  if (view?.kind !== 'Cluster') return 'nothing';
  const count = (n: number, what: string) => `${n} ${what}${n === 1 ? '' : 's'}`;
  return `${count(view.nodes.length, 'node')}, ${count(view.pods.length, 'pod')}, ${count(view.services.length, 'service')}`;
}
