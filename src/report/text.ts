import type { CheckDocument, CheckResult, SourceRef } from '../document/check-schema.ts';
import { type Paint, paint } from '../render/paint.ts';
import { hanging, safe } from '../render/text.ts';
import { whatIfLines } from '../render/what-if.ts';
import { type FailureReporter, lineOf, problemsOf } from './failure.ts';
import { levelOf } from './level.ts';
import type { Reporter } from './reporter.ts';
import { wayLines } from './way.ts';
import { isMore, summaryOf, titleOf } from './words.ts';

/** For people: the results that do not hold, with the way of the packet; then their number. */
export const text: Reporter = (document, { color, width, verbose }) => {
  const p = paint(color);
  const bad = document.results.filter((r) => levelOf(r, document) !== null);
  const held = document.results.filter((r) => verbose && r.status === 'holds');
  const lines = held.flatMap((r) => hanging('holds  ', `${titleOf(r)}: ${safe(r.got)}${at(r.source)}`, width)).map((line) => p.good(line));
  const good = lines.length === 0 ? [] : [...lines, ''];
  return [...bad.flatMap((r) => failed(r, document, p, width)), ...good, ...whatIfLines(document.whatIf, p, width), summary(document, p)]
    .join('\n')
    .concat('\n');
};

function failed(result: CheckResult, document: CheckDocument, p: Paint, width: number): readonly string[] {
  const level = levelOf(result, document);
  const word = result.status === 'undetermined' ? 'undetermined' : level === 'error' ? 'fails' : `fails (${level})`;
  const paintOf = level === 'error' ? p.bad : p.doubtful;
  const [first = '', ...rest] = hanging(`${word}  `, `${titleOf(result)}${at(result.source)}`, width);
  const lines = (lead: string, words: string) => hanging(`  ${lead.padEnd(10)}`, words, width);
  const { reason, decided, unasked } = result;
  const passed = reason === null && decided !== null && unasked === undefined ? lines('allowed', `by a rule${at(decided)}`) : [];
  const way = wayLines(result).map((line) => `  ${p.faint(line)}`);
  return [
    `${paintOf(word)}${p.strong(first.slice(word.length))}`,
    ...rest.map((line) => p.strong(line)),
    ...lines('expected', safe(result.expected)),
    ...lines('got', safe([result.got, ...result.mismatches.filter(isMore)].join('; '))),
    ...(reason === null ? [] : lines('why', `${safe(reason.message)}${at(decided)}`)),
    ...passed,
    ...(reason?.fix ?? []).flatMap((fix) => lines('fix', safe(fix))),
    ...(way.length === 0 ? [] : ['', ...way]),
    '',
  ];
}

const at = (source: SourceRef | null) => (source === null ? '' : ` (${safe(source.file)}:${source.line}:${source.column})`);

function summary(document: CheckDocument, p: Paint): string {
  const { fail, undetermined } = document.summary;
  const words = summaryOf(document);
  return fail > 0 ? p.bad(words) : undetermined > 0 ? p.doubtful(words) : p.good(words);
}

/** The message for a person about a check that could not be made. */
export const textFailure: FailureReporter = (failure, options) => `${problemsOf(failure, options).map(lineOf).join('\n')}\n`;
