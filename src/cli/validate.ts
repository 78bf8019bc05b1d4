import {
  type Diagnostic,
  didYouMean,
  type Failure,
  findingPage,
  formatDiagnostics,
  jsonText,
  linting,
  type Network,
  reporting,
  type Severity,
  safe,
  whatIfOf,
  whatIfText,
} from '../index.ts';
import type { ValidateFlags } from './flags.ts';
import { type Io, UsageError } from './io.ts';
import { gatherInput, loadFiles } from './load-input.ts';
import { FAIL_ON, oneOf } from './one-of.ts';
import { directoryOf } from './report-directory.ts';
import { type Run, reported } from './reported.ts';
import { textStyle } from './text-style.ts';

export const VALIDATE_FORMATS = ['text', 'json', 'sarif', 'github', 'junit', 'gitlab'] as const;
const SEVERITIES: readonly Severity[] = ['note', 'warning', 'error'];

/** Findings are the results, errors too. 0: nothing that fails; 1: a finding as bad as --fail-on says; 2: the files are wrong. */
export async function validateCommand(operands: readonly string[], flags: ValidateFlags, io: Io): Promise<number> {
  const named = [...(flags.filename ?? []), ...operands];
  const all = named.length > 0 ? { ...flags, filename: named } : flags;
  const { failureReporters } = await reporting();
  const options = { version: io.version, directory: directoryOf(io) };
  const formOf = (format: ValidateFormat, failure: Failure) => failureReporters[format]?.(failure, options) ?? null;
  return reported(all, { names: VALIDATE_FORMATS, usual: 'text', formOf }, io, (run) => validateTo(run, all, io));
}

type ValidateFormat = (typeof VALIDATE_FORMATS)[number];

async function validateTo({ named, emit }: Run<ValidateFormat>, flags: ValidateFlags, io: Io): Promise<number> {
  const failOn = oneOf('--fail-on', flags.failOn ?? 'error', FAIL_ON, didYouMean);
  const style = textStyle(flags, io, io.stdout);
  const { lint, misfit } = await linting();
  const choice = { select: readCodes('--select', flags.select, misfit), ignore: readCodes('--ignore', flags.ignore, misfit) };
  const { files, nodeState, namespace } = await gatherInput(named, flags, io);
  if (files === null && nodeState.length > 0)
    throw new UsageError(
      'validate is about objects, and there are none',
      'name them with -f; a trace says what is wrong with the files of --node-state, with -v each line',
    );
  if (files === null) throw new UsageError('there is nothing to validate', 'name a file with -f, or put a topology.yaml here');
  const loaded = await loadFiles(files, flags, io, namespace, undefined, nodeState);
  const { findings, ignored } = lint(loaded, files, choice);
  const left = ignored === 0 ? '' : `; ${ignored} ignored`;
  const names = safe(shortList(files.map((f) => f.name)));
  const what = loaded.ok ? whatIfText(whatIfOf(loaded.value.cluster).whatIf) : '';
  const supposed = what === '' ? '' : `, what if ${what}`;
  const summary = loaded.ok ? `${names}${supposed}: valid: ${contents(loaded.value)}${left}\n` : '';
  const fails = (d: Diagnostic) => d.severity === 'error' || (failOn !== 'never' && isAsBad(d, failOn));
  const line = summary === '' ? `${names}: not valid` : summary.trimEnd();
  const options = { version: io.version, directory: directoryOf(io), summary: line, fails };
  const { findingsReporters } = await reporting();
  await emit(({ format, file }) => {
    if (format === 'text') return textOf(findings, summary, { ...style, color: style.color && file === null });
    if (format !== 'json') return findingsReporters[format](findings, options);
    const diagnostics = findings.map((d) => ({ ...d, page: findingPage(d.code) }));
    return `${jsonText({ schemaVersion: 1, valid: loaded.ok, diagnostics, ignored, ...(loaded.ok ? whatIfOf(loaded.value.cluster) : {}) })}\n`;
  });
  if (!loaded.ok) return 2;
  return findings.some(fails) ? 1 : 0;
}

/** A directory has hundreds of files. */
const shortList = (names: readonly string[]) =>
  names.length <= 3 ? names.join(', ') : `${names.slice(0, 2).join(', ')} and ${names.length - 2} more files`;

const textOf = (findings: readonly Diagnostic[], summary: string, style: Parameters<typeof formatDiagnostics>[1]) =>
  `${findings.length === 0 ? '' : formatDiagnostics(findings, style)}${summary}`;

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

/** The kinds that most objects are of, and how many others there are. */
function others(passedOver: ReadonlyMap<string, number>): string {
  if (passedOver.size === 0) return '';
  const kinds = [...passedOver].sort(([, a], [, b]) => b - a);
  const named = kinds.slice(0, 5).map(([kind, n]) => `${n} ${kind}`);
  return `; passed over: ${named.join(', ')}${kinds.length > 5 ? ` and objects of ${kinds.length - 5} other kinds` : ''}`;
}

function contents({ cluster: { nodes, pods, services, passedOver } }: Network): string {
  const count = (n: number, what: string) => `${n} ${what}${n === 1 ? '' : 's'}`;
  return `${count(nodes.size, 'node')}, ${count(pods.size, 'pod')}, ${count(services.size, 'service')}${others(passedOver)}`;
}
