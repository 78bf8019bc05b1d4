import type { MatrixResult } from '../document/matrix-schema.ts';
import { gridOf, HIDDEN } from './matrix-grid.ts';
import { headline, notesOf } from './matrix-head.ts';
import { type Section, sectionsOf } from './matrix-list.ts';
import type { MatrixOptions } from './matrix-text.ts';
import { type MatrixView, viewOf } from './matrix-view.ts';
import { safe } from './text.ts';
import { whatIfText } from './what-if.ts';

/** A longer one would hide the talk around it. */
const MOST_LINES = 20;

/** For a comment, an issue or a page of docs on GitHub. */
export function* matrixMarkdown(result: MatrixResult, options: Pick<MatrixOptions, 'verbose' | 'blocked' | 'missing'>): Iterable<string> {
  const { verbose, blocked } = options;
  const view = viewOf(result, blocked);
  yield `**${escaped(headline(view))}**\n`;
  const what = whatIfText(result.whatIf);
  if (what !== '') yield `\nWhat if ${escaped(what)}.\n`;
  const grid = verbose ? null : gridTable(view);
  if (grid !== null) yield `\n${grid}\n`;
  else yield* sections(sectionsOf(view, verbose));
  for (const note of notesOf(view, options)) yield `\n${escaped(note)}\n`;
}

function* sections(all: readonly Section[]): Iterable<string> {
  const lines = all.reduce((sum, s) => sum + s.columns.reduce((n, c) => n + Math.max(1, c.lines.length), 0), 0);
  const isLong = lines > MOST_LINES;
  for (const { title, columns } of all) {
    const rows = columns.flatMap(({ name, lines: own }) =>
      own.length === 0 ? [[name, '', 'nobody', '']] : own.map((l, i) => [i === 0 ? name : '', l.ports, l.callers, l.end]),
    );
    const body = table(['To', 'Ports', 'From', 'Ends'], rows);
    yield isLong
      ? `\n<details><summary>${htmlEscaped(title)} (${columns.length})</summary>\n\n${body}\n\n</details>\n`
      : `\n### ${escaped(title)}\n\n${body}\n`;
  }
}

function gridTable(view: MatrixView): string | null {
  const grid = gridOf(view);
  if (grid === null || grid.columns.length > 8) return null;
  let namespace = '';
  const heads = grid.columns.map((c) => {
    namespace = c.namespace === '' ? namespace : c.namespace;
    return c.name;
  });
  const rows = grid.rows.map((r) => [
    `${r.namespace === null ? '' : `${r.namespace}/`}${r.name}`,
    ...r.cells.map((c) => c.text.replaceAll('\n', ', ')),
  ]);
  const hidden = view.areHidden && view.blocked.length > 0 ? [`${HIDDEN}: some of it is undetermined`] : [];
  const codes = [...grid.codes.map(([short, code]) => `${short}: ${code}`), ...hidden].join('; ');
  return `${table(['From \\ To', ...heads], rows)}${codes === '' ? '' : `\n\n${escaped(codes)}.`}`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head.map(escaped)), line(head.map(() => '---')), ...rows.map((row) => line(row.map(escaped)))].join('\n');
}

/** Text of the input is no markup. */
const escaped = (text: string): string => safe(text).replace(/[\\`*_[\]<>|~#]/g, (c) => `\\${c}`);

const htmlEscaped = (text: string): string => safe(text).replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);
