import type { CheckDocument, CheckResult } from '../document/check-schema.ts';
import { safe } from '../render/text.ts';
import { whatIfText } from '../render/what-if.ts';
import { type Failure, type FailureReporter, lineOf, problemsOf } from './failure.ts';
import { levelOf } from './level.ts';
import { mermaidOf } from './mermaid.ts';
import type { Directory, Reporter } from './reporter.ts';
import { wayLines } from './way.ts';
import { briefly, type Finding, fileOf, findings, inFull, placeOf, summaryOf, titleOf } from './words.ts';

/** A comment that is to be updated is found by this. */
const MARKER = '<!-- k8s-trace check -->';
/** A comment on GitHub has 65,536 characters at most. */
export const MOST_CHARACTERS = 60_000;

/** For a comment or a job summary: a table of the results that do not hold, each with its way folded below. */
export const markdown: Reporter = (document, { directory }) => {
  const all = findings(document);
  const what = whatIfText(document.whatIf);
  const supposed = what === '' ? '' : `What if ${escaped(what)}.\n\n`;
  const head = `${MARKER}\n## k8s-trace check: ${all.length === 0 ? 'all is as expected' : 'not as expected'}\n\n${supposed}${summaryOf(document)}\n`;
  if (all.length === 0) return head;
  const lead = '\n| | expectation | expected | got | where |\n| --- | --- | --- | --- | --- |\n';
  const rows = all.map((f) => `${row(f, document, directory)}\n`);
  const details = all.map(({ result }) => `\n${detail(result)}\n`);
  const tail = (left: number, what: string) => (left === 0 ? '' : `\n… and ${left} more ${what}.\n`);
  const kept = fitting([rows, details], MOST_CHARACTERS - head.length - lead.length);
  const [someRows = [], someDetails = []] = kept;
  return [
    head,
    lead,
    ...someRows,
    tail(rows.length - someRows.length, 'that do not hold'),
    ...someDetails,
    tail(someRows.length - someDetails.length, 'of these without their way'),
  ].join('');
};

/** As many of each list, the first list first, as there is room for. */
export function fitting(lists: readonly (readonly string[])[], room: number): readonly (readonly string[])[] {
  let left = room;
  return lists.map((texts) => {
    const over = texts.findIndex((text) => {
      left -= text.length;
      return left < 0;
    });
    return over === -1 ? texts : texts.slice(0, over);
  });
}

function row({ result, level }: Finding, document: CheckDocument, directory: Directory): string {
  const place = placeOf(result);
  const where = `${fileOf(place, directory) ?? place.file}:${place.line}`;
  const word = result.status === 'undetermined' ? 'undetermined' : (levelOf(result, document) ?? level);
  return `| ${word} | ${escaped(titleOf(result))} | ${escaped(result.expected)} | ${escaped(result.got)} | ${escaped(where)} |`;
}

function detail(result: CheckResult): string {
  const [, ...more] = inFull(result);
  const chart = mermaidOf(result);
  return [
    `<details><summary>${escaped(titleOf(result))}: ${escaped(briefly(result))}</summary>`,
    '',
    ...more.map((line) => `- ${escaped(line)}`),
    ...(chart.length === 0 ? [] : ['', '```mermaid', ...chart, '```']),
    '',
    '```text',
    ...wayLines(result).map((line) => line.replaceAll('`', "'")),
    '```',
    '',
    '</details>',
  ].join('\n');
}

/**
 * Text as text: neither markup, nor HTML, nor a table's cell, nor a user's name or an issue's number, which a character without width
 * keeps apart from its sign.
 */
export function escaped(text: string): string {
  return safe(text)
    .replace(/[&<>"'`|*_~[\]()!\\{}$^=+]/g, (c) => `&#${c.charCodeAt(0)};`)
    .replace(/(?<!&)[@#]/g, (c) => `&#${c.charCodeAt(0)};\u200b`)
    .replace(/:\/\/|\bwww\./gi, (c) => `${c.slice(0, -1)}&#${c.charCodeAt(c.length - 1)};`)
    .replace(/:(?=[\w+-]+:)/g, '&#58;');
}

export const markdownFailure: FailureReporter = (failure, options) => noAnswer(MARKER, 'k8s-trace check', failure, options);

/** A comment of an older run is replaced by one that says why there is no result. */
export function noAnswer(marker: string, command: string, failure: Failure, options: Parameters<FailureReporter>[1]): string {
  const items = problemsOf(failure, options).map((problem) => `- ${escaped(lineOf(problem))}\n`);
  const head = `${marker}\n## ${command}: no answer\n\n`;
  const [kept = []] = fitting([items], MOST_CHARACTERS - head.length);
  const left = items.length - kept.length;
  return `${head}${kept.join('')}${left === 0 ? '' : `\n… and ${left} more.\n`}`;
}
