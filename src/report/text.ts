import type { CheckDocument, CheckResult, SourceRef } from '../check-document.ts';
import { minimal } from '../render/minimal.ts';
import { type Paint, paint } from '../render/paint.ts';
import { hanging, safe } from '../render/text.ts';
import { levelOf } from './level.ts';
import type { Reporter, ReportOptions } from './reporter.ts';

/** For people: what does not hold, with its trace; then how many there were. */
export const text: Reporter = (document, options) => {
  const p = paint(options.color);
  const bad = document.results.filter((r) => r.status !== 'holds' && levelOf(r, document) !== null);
  return [...bad.flatMap((r) => failed(r, document, p, options)), ...summary(document, p)].join('\n').concat('\n');
};

function failed(result: CheckResult, document: CheckDocument, p: Paint, { width, color }: ReportOptions): readonly string[] {
  const level = levelOf(result, document);
  const word = result.status === 'undetermined' ? 'undetermined' : level === 'error' ? 'fails' : `fails (${level})`;
  const paintOf = level === 'error' ? p.bad : p.doubtful;
  const named = result.name === `${result.from} -> ${result.to}` ? '' : `: ${safe(result.from)} -> ${safe(result.to)}`;
  const lines = (lead: string, words: string) => hanging(lead, words, width);
  const why = result.reason === null ? [] : lines('  why       ', `${safe(result.reason.message)}${at(result.decided)}`);
  const fixes = (result.reason?.fix ?? []).flatMap((fix) => lines('  fix       ', safe(fix)));
  const trace =
    result.trace === null
      ? []
      : [
          '',
          ...minimal(result.trace, { color, width, ...SHORT })
            .trimEnd()
            .split('\n')
            .map((l) => `  ${p.faint(l)}`),
        ];
  return [
    `${paintOf(word)} ${p.strong(safe(result.name))}${named}${at(result.source)}`,
    ...lines('  expected  ', safe(result.expected)),
    ...lines('  got       ', safe([result.got, ...result.mismatches.filter(isMore)].join('; '))),
    ...why,
    ...fixes,
    ...trace,
    '',
  ];
}

const SHORT = { allPaths: false, reply: false, verbose: false } as const;
/** What `got` says already is not said again. */
const isMore = (mismatch: string) => !/, got /.test(mismatch);

const at = (source: SourceRef | null) => (source === null ? '' : ` (${safe(source.file)}:${source.line}:${source.column})`);

function summary({ summary: { checks, hold, fail, undetermined } }: CheckDocument, p: Paint): readonly string[] {
  const parts = [
    `${hold} of ${checks} ${checks === 1 ? 'expectation holds' : 'expectations hold'}`,
    ...(fail === 0 ? [] : [`${fail} ${fail === 1 ? 'fails' : 'fail'}`]),
    ...(undetermined === 0 ? [] : [`${undetermined} undetermined`]),
  ];
  const words = `${parts.join(', ')}.`;
  return [fail > 0 ? p.bad(words) : undetermined > 0 ? p.doubtful(words) : p.good(words)];
}
