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

/** A table without lines, as kubectl prints them. Cells are wrapped by the caller: cli-table3 would cut them. */
export function borderless(head: readonly string[], widths: readonly number[], rows: readonly (readonly string[])[]): string {
  const table = new Table({
    head: [...head],
    chars: Object.fromEntries(BORDERS.map((b) => [b, ''])),
    style: { head: [], border: [], compact: true, 'padding-left': 0, 'padding-right': GAP },
    colWidths: widths.map((w) => w + GAP),
  });
  for (const row of rows) table.push([...row]);
  return table
    .toString()
    .split('\n')
    .map((line) => line.replace(TRAILING_SPACE, '$1'))
    .join('\n');
}

/** Space at the end of a line, before any codes that switch colours off. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: the escape character begins a colour code
const TRAILING_SPACE = /\s+((?:\u001b\[\d+m)*)$/;

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
