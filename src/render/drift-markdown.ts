import type { DriftDocument } from '../document/drift-schema.ts';
import { byCause, type DriftGroup, fixLines, groupTitle, placesOf, rowsOf, tailLines, verdictOf } from './drift-words.ts';
import { safe } from './text.ts';
import { whatIfText } from './what-if.ts';

/** For a comment, an issue or a page of docs on GitHub. */
export function driftMarkdown(document: DriftDocument): string {
  const what = whatIfText(document.whatIf);
  const supposed = what === '' ? [] : [`What if ${escaped(what)}.`];
  return `${[`**${escaped(verdictOf(document))}**`, ...supposed, ...byCause(document).flatMap(parts), ...tailLines(document, false).map(escaped)].join('\n\n')}\n`;
}

function parts(group: DriftGroup): readonly string[] {
  const cells = rowsOf(group.flows).map((r) => [r.from, r.to, r.port, r.should, r.has]);
  return [
    `### ${escaped(groupTitle(group))}`,
    ...placesOf(group).map(escaped),
    ...fixLines(group).map(escaped),
    table(['From', 'To', 'Port', 'Should', 'Has'], cells),
  ];
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map((row) => line(row.map(escaped)))].join('\n');
}

/** Text of the input is no markup. */
const escaped = (text: string): string => safe(text).replace(/[\\`*_[\]<>|~#]/g, (c) => `\\${c}`);
