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

/** A table without lines, as kubectl prints them. Cells are wrapped by the caller. */
export function borderless(head: readonly string[], widths: readonly number[], rows: readonly (readonly string[])[]): string {
  const all = [head, ...rows];
  return (all.every((row) => row.every(isNarrow)) ? ofNarrow(all, widths) : measured(head, widths, rows))
    .map((line) => line.replace(TRAILING_SPACE, '$1'))
    .join('\n');
}

// biome-ignore-start lint/suspicious/noControlCharactersInRegex: the escape character begins a colour code
const COLOURS = /\u001b\[\d+m/g;
/** Space at the end of a line, before any codes that switch colours off. */
const TRAILING_SPACE = /\s+((?:\u001b\[\d+m)*)$/;
const NARROW = /^[\n\u001b\x20-\x7e…]*$/;
// biome-ignore-end lint/suspicious/noControlCharactersInRegex: the escape character begins a colour code

/** Every letter has one column, as nearly always in Kubernetes. */
const isNarrow = (cell: string) => NARROW.test(cell);
const widthOf = (line: string) => (line.includes('\u001b') ? line.replace(COLOURS, '').length : line.length);

/** cli-table3 measures each letter several times, and takes longer for a table than all else that a trace is made of. */
function ofNarrow(rows: readonly (readonly string[])[], widths: readonly number[]): readonly string[] {
  return rows.flatMap((row) => {
    const cells = row.map((cell) => cell.split('\n'));
    const height = Math.max(...cells.map((lines) => lines.length));
    return Array.from({ length: height }, (_, y) => cells.map((lines, x) => padded(lines[y] ?? '', (widths[x] ?? 0) + GAP)).join(''));
  });
}

const padded = (line: string, width: number) => line + ' '.repeat(Math.max(width - widthOf(line), 0));

/** Chinese, Japanese and emoji need two columns a letter; other signs need none. */
function measured(head: readonly string[], widths: readonly number[], rows: readonly (readonly string[])[]): readonly string[] {
  const table = new Table({
    head: [...head],
    chars: Object.fromEntries(BORDERS.map((b) => [b, ''])),
    style: { head: [], border: [], compact: true, 'padding-left': 0, 'padding-right': GAP },
    colWidths: widths.map((w) => w + GAP),
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
