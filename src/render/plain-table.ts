import Table from 'cli-table3';
import { safe, wrap } from './text.ts';

const GAP = 2;
const BORDERS = [
  'top',
  'top-mid',
  'top-left',
  'top-right',
  'bottom',
  'bottom-mid',
  'bottom-left',
  'bottom-right',
  'left',
  'left-mid',
  'mid',
  'mid-mid',
  'right',
  'right-mid',
  'middle',
];

// biome-ignore lint/suspicious/noControlCharactersInRegex: colour codes begin with an escape character
const COLOR = /\u001b\[[\d;]*m/g;
/** Each of these characters is one column wide. */
const NARROW = /^[\x20-\x7e…→\n]*$/;

/** A table without lines, as kubectl prints them. Cells are wrapped by the caller: cli-table3 would cut them. */
export function borderless(head: readonly string[], widths: readonly number[], rows: readonly (readonly string[])[]): string {
  const all = [head, ...rows].map((row) => row.map(cellOf));
  const narrow = all.every((row) => row.every((cell) => cell.lengths !== null));
  const lines = narrow ? all.flatMap((row) => rowLines(row, widths)) : drawn(head, rows);
  return lines.map((line) => line.replace(TRAILING_SPACE, '$1')).join('\n');
}

/** Space at the end of a line, before any codes that switch colours off. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: the escape character begins a colour code
const TRAILING_SPACE = /\s+((?:\u001b\[\d+m)*)$/;

interface Cell {
  readonly lines: readonly string[];
  /** How many columns each line takes; null when that is not the number of its characters. */
  readonly lengths: readonly number[] | null;
}

function cellOf(text: string): Cell {
  const plain = text.replace(COLOR, '');
  return { lines: text.split('\n'), lengths: NARROW.test(plain) ? plain.split('\n').map((line) => line.length) : null };
}

function rowLines(row: readonly Cell[], widths: readonly number[]): readonly string[] {
  const height = Math.max(...row.map((cell) => cell.lines.length));
  const pad = (cell: Cell, line: number, column: number) =>
    `${cell.lines[line] ?? ''}${' '.repeat(Math.max(0, (widths[column] ?? 0) + GAP - (cell.lengths?.[line] ?? 0)))}`;
  return Array.from({ length: height }, (_, line) => row.map((cell, column) => pad(cell, line, column)).join(''));
}

/** Characters of two columns and of none are cli-table3's business, which takes a hundred times as long. Without given widths it cuts nothing. */
function drawn(head: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  const table = new Table({
    head: [...head],
    chars: Object.fromEntries(BORDERS.map((b) => [b, ''])),
    style: { head: [], border: [], compact: true, 'padding-left': 0, 'padding-right': GAP },
  });
  for (const row of rows) table.push([...row]);
  return table.toString().split('\n');
}
/** Columns as wide as they need to be; where that is too much, the widest one is wrapped. */
export function plainTable(
  head: readonly string[],
  plainHead: readonly string[],
  rows: readonly (readonly string[])[],
  width: number,
): string {
  const cells = rows.map((row) => row.map(safe));
  const widths = plainHead.map((h, i) => Math.max(h.length, ...cells.map((row) => row[i]?.length ?? 0)));
  const total = widths.reduce((sum, w) => sum + w + GAP, 0);
  const widest = widths.indexOf(Math.max(...widths));
  if (total > width) widths[widest] = Math.max((widths[widest] ?? 0) - (total - width), 12);
  const wrapped = cells.map((row) => row.map((cell, i) => wrap(cell, widths[i] ?? 12).join('\n')));
  return borderless(head, widths, wrapped);
}
