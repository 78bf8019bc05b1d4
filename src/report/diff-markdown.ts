import type { CauseDocument, DiffDocument } from '../document/diff-schema.ts';
import {
  byCause,
  causeText,
  changesOf,
  effectlessLines,
  endsText,
  groupLines,
  KINDS,
  type Kind,
  NO_CAUSE,
  notComparedLines,
  onLines,
  rowsOf,
  verdictOf,
} from '../render/diff-words.ts';
import { safeLines } from '../render/text.ts';
import { whatIfText } from '../render/what-if.ts';
import type { FailureReporter } from './failure.ts';
import { escaped, fitting, MOST_CHARACTERS, noAnswer } from './markdown.ts';

/** The comment that is to be updated is found by this. */
const MARKER = '<!-- k8s-trace diff -->';
const MOST_WITHOUT_EFFECT = 10;

/** For a comment on a pull request: what differs by kind and cause, with the lines of it folded below. */
export function diffMarkdown(document: DiffDocument): string {
  const head = `${MARKER}\n## k8s-trace diff: ${escaped(verdictOf(document))}\n${supposed(document)}`;
  const sections = [
    ...groupLines(document).map((line) => `\n${escaped(line)}\n`),
    ...KINDS.flatMap((kind) => kindSections(document, kind)),
    ...[...effectlessLines(document, MOST_WITHOUT_EFFECT), ...notComparedLines(document)].map((line) => `\n${escaped(line)}\n`),
  ];
  const [kept = []] = fitting([sections], MOST_CHARACTERS - head.length);
  const left = sections.length - kept.length;
  return `${head}${kept.join('')}${left === 0 ? '' : `\n… and ${left} more sections, for which there is no room here.\n`}`;
}

function supposed({ whatIf }: DiffDocument): string {
  const text = whatIfText(whatIf);
  return text === '' ? '' : `\nWhat if ${escaped(text)}.\n`;
}

/** Of one cause. */
const MOST_ROWS = 50;

function kindSections(document: DiffDocument, kind: Kind): readonly string[] {
  return byCause(changesOf(document, kind)).map(({ causes, changes }, i) => {
    const title = i === 0 ? `\n### ${kind[0]?.toUpperCase()}${kind.slice(1)}\n` : '';
    const because =
      causes.length === 0
        ? `\n${NO_CAUSE}\n`
        : onLines(causes)
            .map((cause) => `\n**${escaped(causeText(cause))}**\n`)
            .join('');
    const all = rowsOf(changes, document);
    const rows = all
      .slice(0, MOST_ROWS)
      .map((r) => `| ${[endsText(r.from), endsText(r.to), r.ports, r.what].map(escaped).join(' | ')} |\n`);
    const more = all.length > rows.length ? `\n… and ${all.length - rows.length} more.\n` : '';
    return `${title}${because}\n| from | to | ports | what |\n| --- | --- | --- | --- |\n${rows.join('')}${more}${linesOf(causes)}`;
  });
}

/** A fence that nothing in it can end. */
function linesOf(causes: readonly CauseDocument[]): string {
  const lines = onLines(causes).flatMap(({ before, after }) => [...signed('-', before?.text), ...signed('+', after?.text)]);
  if (lines.length === 0) return '';
  return `\n<details><summary>the lines</summary>\n\n\`\`\`diff\n${lines.join('\n')}\n\`\`\`\n\n</details>\n`;
}

const signed = (sign: '-' | '+', text: string | undefined): readonly string[] =>
  text === undefined
    ? []
    : safeLines(text)
        .replaceAll('`', "'")
        .split('\n')
        .map((line) => `${sign} ${line}`);

export const diffMarkdownFailure: FailureReporter = (failure, options) => noAnswer(MARKER, 'k8s-trace diff', failure, options);
