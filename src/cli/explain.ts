import { CODES, didYouMean, FINDINGS, markdownText } from '../index.ts';
import type { GlobalFlags } from './flags.ts';
import { type Io, UsageError } from './io.ts';
import { reported } from './reported.ts';
import { textStyle } from './text-style.ts';
import { refuseOptions } from './without-input.ts';

export const EXPLAIN_FORMATS = ['text', 'markdown'] as const;

/** A reason code's page, or a finding's section. Reasons are upper case with underscores, findings lower case with dashes; people write them as they like. */
export async function explainCommand(code: string | undefined, flags: GlobalFlags, io: Io): Promise<number> {
  refuseOptions('explain', flags, ['filename', 'recursive', 'verbose']);
  return reported(flags, { names: EXPLAIN_FORMATS, usual: 'text' }, io, async ({ emit }) => {
    const style = textStyle(flags, io, io.stdout);
    const page = code === undefined ? allCodes() : await pageOf(code, io);
    await emit(({ format, file }) =>
      format === 'markdown' ? page : markdownText(page, { ...style, color: style.color && file === null }),
    );
    return 0;
  });
}

async function pageOf(text: string, io: Io): Promise<string> {
  const reason = text.toUpperCase().replaceAll('-', '_');
  const finding = text.toLowerCase().replaceAll('_', '-');
  const isReason = CODES.some((c) => c === reason);
  const isFinding = Object.hasOwn(FINDINGS, finding);
  const both = isReason && isFinding;
  // Some words are both: then the spelling says which.
  const wantsFinding = isFinding && !(both && text !== finding);
  const page = wantsFinding ? sectionOf(await io.findingsPage(), finding) : isReason ? await io.reasonPage(reason) : null;
  if (page === null) throw unknown(text, reason, finding);
  const other = both && wantsFinding ? `\nThe outcome of that name for a packet: \`k8s-trace explain ${reason}\`\n` : '';
  return `${page.trimEnd()}\n${other}`;
}

/** Reasons are what `reason:` of an expectation takes, findings what `validate --select` and `--ignore` take. */
const allCodes = (): string =>
  [
    '# Codes',
    '',
    '`k8s-trace explain CODE` says more of each.',
    '',
    '## Reasons',
    '',
    'Why a packet does not arrive; `reason:` of an expectation takes them.',
    '',
    '| code |',
    '| ---- |',
    ...CODES.map((code) => `| ${code} |`),
    '',
    '## Findings',
    '',
    'What is wrong with the files; `--select` and `--ignore` of `validate` take those that are no errors.',
    '',
    '| code | severity | title |',
    '| ---- | -------- | ----- |',
    ...Object.entries(FINDINGS).map(([code, { severity, title }]) => `| ${code} | ${severity} | ${title} |`),
    '',
  ].join('\n');

/** From its heading to the next one. */
function sectionOf(page: string | null, code: string): string | null {
  const start = page?.indexOf(`\n### ${code}\n`) ?? -1;
  if (page === null || start === -1) return null;
  const rest = page.slice(start + 1);
  const next = rest.slice(1).search(/\n##+ /);
  return rest.slice(2, next === -1 ? undefined : next + 1);
}

function unknown(text: string, reason: string, finding: string): UsageError {
  const meant = didYouMean(reason, CODES) ?? didYouMean(finding, Object.keys(FINDINGS));
  return new UsageError(`there is no code ${text}`, meant ?? 'k8s-trace explain lists them all');
}
