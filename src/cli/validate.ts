import {
  type Diagnostic,
  didYouMean,
  findingPage,
  formatDiagnostics,
  jsonText,
  linting,
  loadNetwork,
  type Severity,
  safe,
  show,
} from '../index.ts';
import type { ValidateFlags } from './flags.ts';
import { readInputs } from './input.ts';
import { type Io, UsageError } from './io.ts';
import { FAIL_ON, oneOf } from './one-of.ts';
import { type Run, reported } from './reported.ts';
import { textStyle } from './text-style.ts';

export const VALIDATE_FORMATS = ['text', 'json'] as const;
const SEVERITIES: readonly Severity[] = ['note', 'warning', 'error'];

/**
 * Findings go to stderr like everywhere; stdout says in one line what is there, or has everything as JSON. 0: nothing that fails; 1: a
 * finding as bad as --fail-on says; 2: the files are wrong.
 */
export async function validateCommand(operands: readonly string[], flags: ValidateFlags, io: Io): Promise<number> {
  const named = [...(flags.filename ?? []), ...operands];
  const all = named.length > 0 ? { ...flags, filename: named } : flags;
  return reported(all, { names: VALIDATE_FORMATS, usual: 'text' }, io, (run) => validateTo(run, all, io));
}

type ValidateFormat = (typeof VALIDATE_FORMATS)[number];

async function validateTo({ named, outputs, emit }: Run<ValidateFormat>, flags: ValidateFlags, io: Io): Promise<number> {
  const failOn = oneOf('--fail-on', flags.failOn ?? 'error', FAIL_ON, didYouMean);
  const style = textStyle(flags, io, io.stderr);
  const { lint, misfit } = await linting();
  const choice = { select: readCodes('--select', flags.select, misfit), ignore: readCodes('--ignore', flags.ignore, misfit) };
  const files = await readInputs(named, io);
  if (files === null) throw new UsageError('there is nothing to validate', 'name a file with -f, or put a topology.yaml here');
  const loaded = loadNetwork(files);
  const { findings, ignored } = lint(loaded, files, choice);
  const left = ignored === 0 ? '' : `; ${ignored} ignored`;
  const summary = loaded.ok ? `${safe(files.map((f) => f.name).join(', '))}: valid: ${contents(loaded.value)}${left}\n` : '';
  if (findings.length > 0 && outputs.some((o) => o.format === 'text' && o.file === null))
    io.stderr.write(formatDiagnostics(findings, style));
  await emit(({ format, file }) => {
    if (format === 'text') return file === null ? summary : formatDiagnostics(findings, { ...style, color: false });
    const diagnostics = findings.map((d) => ({ ...d, page: findingPage(d.code) }));
    return `${jsonText({ schemaVersion: 1, valid: loaded.ok, diagnostics, ignored })}\n`;
  });
  if (!loaded.ok) return 2;
  return failOn !== 'never' && findings.some((d) => isAsBad(d, failOn)) ? 1 : 0;
}

const isAsBad = ({ severity }: Diagnostic, least: Severity) => SEVERITIES.indexOf(severity) >= SEVERITIES.indexOf(least);

type Misfit = (code: string) => { readonly message: string; readonly hint: string | null } | null;

/** `--ignore hairpin-off,firewall`, as often as wanted. */
function readCodes(flag: string, values: readonly string[] | undefined, misfit: Misfit): readonly string[] {
  const codes = (values ?? []).flatMap((v) => v.split(',')).map((c) => c.trim());
  for (const code of codes) {
    const wrong = misfit(code);
    if (wrong !== null) throw new UsageError(`${flag} ${code}: ${wrong.message}`, wrong.hint ?? 'docs/findings.md has all of them');
  }
  return codes;
}

function contents(network: Parameters<typeof show>[0]): string {
  const view = show(network, null);
  if (view?.kind !== 'Cluster') return 'nothing';
  const count = (n: number, what: string) => `${n} ${what}${n === 1 ? '' : 's'}`;
  return `${count(view.nodes.length, 'node')}, ${count(view.pods.length, 'pod')}, ${count(view.services.length, 'service')}`;
}
