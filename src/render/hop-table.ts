import type { HopDocument } from '../document/trace-schema.ts';
import type { Paint } from './paint.ts';
import { borderless, narrowed } from './plain-table.ts';
import type { RenderOptions } from './renderer.ts';
import { detailsOf, isRefusal, type Row } from './rows.ts';
import type { ShortNames } from './short-names.ts';
import { safe, wrap } from './text.ts';

/** What is left out of names, and how files are called. */
export interface Cited {
  readonly names: ShortNames;
  readonly files: ReadonlyMap<string, string>;
}

const COLUMN_GAP = 2;
const HEAD = ['#', 'NODE', 'WHERE', 'STEP', 'WHAT HAPPENS', 'LINE'] as const;

/** The hops of a walk, a row each. */
export function hopTable(rows: readonly Row[], { names, files }: Cited, p: Paint, { width, verbose }: RenderOptions): string {
  const cells = rows.map((row) => ({
    number: String(row.hop.index),
    node: names.shorten(safe(row.hop.node)),
    where: names.shorten(row.where),
    step: row.step,
    // What is asked of DNS is a name in full.
    text: `${row.about === null ? '' : `${row.about}: `}${row.hop.kind === 'dns' ? row.text : names.shorten(row.text)}`,
    line: citation(row.hop, files),
  }));
  const texts = cells.flatMap((c, i) => [c.text, rows[i]?.header ?? '']);
  const columns = [cells.map((c) => c.number), cells.map((c) => c.node), cells.map((c) => c.where), cells.map((c) => c.step), texts];
  const needed = [...columns, cells.map((c) => c.line)].map((values, i) => Math.max(HEAD[i]?.length ?? 0, ...values.map((v) => v.length)));
  const widths = columnWidths(needed, verbose, width - COLUMN_GAP * HEAD.length);
  const [, nodeWidth = 0, whereWidth = 0, , textWidth = 0, lineWidth = 0] = widths;
  const grid: string[][] = [];
  let node = '';
  for (const [i, row] of rows.entries()) {
    const cell = cells[i];
    if (cell === undefined) continue;
    const lines = (value: string, most: number) => wrap(value, most).join('\n');
    const shownNode = cell.node === node ? '' : cell.node;
    node = cell.node;
    const what = [
      ...wrap(cell.text, textWidth).map((l) => stepPaint(p, row.hop)(l)),
      ...headerLines(row, textWidth, p),
      ...detailsOf(row.hop, verbose)
        .flatMap((l) => wrap(l, textWidth))
        .map((l) => p.faint(l)),
    ];
    grid.push([
      p.faint(cell.number),
      p.strong(lines(shownNode, nodeWidth)),
      lines(cell.where, whereWidth),
      cell.step,
      what.join('\n'),
      p.faint(lines(cell.line, lineWidth)),
    ]);
  }
  return borderless(
    HEAD.map((h) => p.faint(h)),
    widths,
    grid,
  );
}

/** Names may be as long as they are while what happens has its share of the room, or all that it needs; with rules below it, it has the rest. */
function columnWidths(needed: readonly number[], verbose: boolean, room: number): readonly number[] {
  const [number = 0, node = 0, where = 0, step = 0, text = 0, line = 0] = needed;
  const free = room - number - step;
  const names = narrowed(
    [node, where, line],
    [node, where, line].map((w) => Math.min(w, LEAST)),
    free - Math.min(text, Math.ceil(free * SHARE)),
  );
  const [nodeWidth = 0, whereWidth = 0, lineWidth = 0] = names;
  const rest = Math.max(free - nodeWidth - whereWidth - lineWidth, 16);
  return [number, nodeWidth, whereWidth, step, verbose ? rest : Math.min(rest, text), lineWidth];
}

const SHARE = 0.45;

/** A name in fewer columns is not read any more. */
const LEAST = 8;

function stepPaint(p: Paint, hop: HopDocument): (text: string) => string {
  if (isRefusal(hop)) return p.bad;
  if (hop.kind === 'policy' && hop.verdict === 'unknown') return p.doubtful;
  return hop.kind === 'skip' || hop.kind === 'neighbour' ? p.faint : (text) => text;
}

function headerLines({ header }: Row, width: number, p: Paint): readonly string[] {
  return header === null ? [] : wrap(header, width).map((l) => p.change(l));
}

function citation({ source, evidence }: HopDocument, files: Cited['files']): string {
  if (source === null) return evidence === 'declared' ? '' : 'default';
  const at = files.size === 1 ? String(source.line) : `${safe(files.get(source.file) ?? source.file)}:${source.line}`;
  return evidence === 'declared' ? at : `(${at})`;
}
