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
const NARROW = /^[\x20-\x7e\u2026\u2192\n]*$/;

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
/** Columns as wide as they need to be; where that is too much, the widest ones are wrapped: between words, else within paths, else anywhere. */
export function plainTable(
  head: readonly string[],
  plainHead: readonly string[],
  rows: readonly (readonly string[])[],
  width: number,
): string {
  const cells = rows.map((row) => row.map(safe));
  const columns = plainHead.map((h, i) => [h, ...cells.map((row) => row[i] ?? '')]);
  const needed = columns.map((texts) => longest(texts));
  const room = width - GAP * needed.length;
  const narrowest = plainHead.map((h, i) => Math.min(needed[i] ?? 0, Math.max(NARROWEST, h.length)));
  const leasts = BREAKS.map((at) => columns.map((texts) => longest(texts.flatMap((text) => text.split(at)))));
  const least = leasts.find((each) => each.reduce((sum, w) => sum + w, 0) <= room) ?? narrowest;
  const widths = narrowed(needed, least, room);
  const wrapped = cells.map((row) => row.map((cell, i) => wrap(cell, widths[i] ?? NARROWEST, PATHS_FIRST).join('\n')));
  return borderless(head, widths, wrapped);
}

/** Where a cell may be cut, as long as there is room: a code or a name is read, searched for and copied as a whole. */
const BREAKS: readonly RegExp[] = [/ /, / |(?<=\/)/, / |(?<=[-./:])/];
const PATHS_FIRST: readonly (readonly string[])[] = [['/'], ['-', '.', ':']];

const longest = (texts: readonly string[]): number => Math.max(0, ...texts.map((text) => text.length));

const NARROWEST = 10;

/** The widest column gives first, down to the next one, and then both; none gives more than down to its `least`. */
export function narrowed(needed: readonly number[], least: readonly number[], room: number): readonly number[] {
  const widths = [...needed];
  for (;;) {
    const over = widths.reduce((sum, w) => sum + w, 0) - room;
    const giving = widths.map((w, i) => (w > (least[i] ?? 0) ? w : 0));
    const widest = Math.max(...giving);
    if (over <= 0 || widest === 0) return widths;
    const all = giving.flatMap((w, i) => (w === widest ? [i] : []));
    const next = Math.max(0, ...giving.filter((w) => w < widest));
    for (const i of all) widths[i] = Math.max(least[i] ?? 0, next, widest - Math.ceil(over / all.length));
  }
}
