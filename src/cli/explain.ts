import { CODES, didYouMean, FINDINGS } from '../index.ts';
import type { GlobalFlags } from './flags.ts';
import { type Io, UsageError } from './io.ts';
import { refuseInputOptions } from './without-input.ts';

/** A reason code's page, or a finding's section. Reasons are upper case with underscores, findings lower case with dashes; people write them as they like. */
export async function explainCommand(text: string | undefined, flags: GlobalFlags, io: Io): Promise<number> {
  refuseInputOptions('explain', flags);
  if (text === undefined) {
    io.stdout.write(allCodes());
    return 0;
  }
  const reason = text.toUpperCase().replaceAll('-', '_');
  const finding = text.toLowerCase().replaceAll('_', '-');
  const isReason = CODES.some((c) => c === reason);
  const isFinding = Object.hasOwn(FINDINGS, finding);
  const both = isReason && isFinding;
  // Some words are both: then the spelling says which.
  const wantsFinding = isFinding && !(both && text !== finding);
  const page = wantsFinding ? sectionOf(await io.findingsPage(), finding) : isReason ? await io.reasonPage(reason) : null;
  if (page === null) throw unknown(text, reason, finding);
  io.stdout.write(page.endsWith('\n') ? page : `${page}\n`);
  if (both && wantsFinding) io.stdout.write(`\nThe outcome of that name for a packet: k8s-trace explain ${reason}\n`);
  return 0;
}

/** Reasons are what `reason:` of an expectation takes, findings what `validate --select` and `--ignore` take. */
const allCodes = (): string =>
  [
    'Reasons, why a packet does not arrive; `reason:` of an expectation takes them:',
    ...CODES.map((code) => `  ${code}`),
    '',
    'Findings, what is wrong with the files; `--select` and `--ignore` of validate take those that are no errors:',
    ...Object.entries(FINDINGS).map(([code, { severity, title }]) => `  ${code.padEnd(28)} ${severity.padEnd(8)} ${title}`),
    '',
  ].join('\n');

/** From its heading to the next one. */
function sectionOf(page: string | null, code: string): string | null {
  const start = page?.indexOf(`\n### ${code}\n`) ?? -1;
  if (page === null || start === -1) return null;
  const rest = page.slice(start + 1);
  const next = rest.slice(1).search(/\n##+ /);
  return `${rest.slice(2, next === -1 ? undefined : next + 1).trimEnd()}\n`;
}

function unknown(text: string, reason: string, finding: string): UsageError {
  const meant = didYouMean(reason, CODES) ?? didYouMean(finding, Object.keys(FINDINGS));
  return new UsageError(`there is no code ${text}`, meant ?? 'k8s-trace explain lists them all');
}
