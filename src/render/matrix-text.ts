import type { MatrixResult } from '../document/matrix-schema.ts';
import { type Grid, type GridCell, gridOf, HIDDEN } from './matrix-grid.ts';
import { headline, notesOf } from './matrix-head.ts';
import { type Section, sectionsOf } from './matrix-list.ts';
import { type MatrixView, viewOf } from './matrix-view.ts';
import { outcomePaint, type Paint, paint } from './paint.ts';
import { borderless, narrowed } from './plain-table.ts';
import { safe, wrap } from './text.ts';
import { whatIfLines } from './what-if.ts';

export interface MatrixOptions {
  readonly color: boolean;
  /** Columns. */
  readonly width: number;
  /** All names, and the list of what can reach each where a grid would do. */
  readonly verbose: boolean;
  /** What does not arrive, too; else what is undetermined is only counted, where the matrix has it. */
  readonly blocked: boolean;
  /** Flags that would tell what is undetermined; empty: none is known. */
  readonly missing: readonly string[];
}

/** For a terminal: the answer in a sentence, then a grid where it fits, else what can reach each destination. */
export function* matrixText(result: MatrixResult, options: MatrixOptions): Iterable<string> {
  const view = viewOf(result, options.blocked);
  const p = paint(options.color);
  for (const line of wrap(safe(headline(view)), options.width)) yield `${p.strong(line)}\n`;
  for (const line of whatIfLines(result.whatIf, p, options.width)) yield `${line}\n`;
  const grid = options.verbose ? null : gridText(view, p, options.width);
  if (grid !== null) yield `\n${grid}\n`;
  else for (const section of sectionsOf(view, options.verbose)) yield `\n${sectionText(section, p, options.width)}\n`;
  const notes = [...(grid === null ? [] : legend(view)), ...notesOf(view, options)];
  if (notes.length > 0) yield '\n';
  for (const note of notes) for (const line of wrap(safe(note), options.width)) yield `${p.faint(line)}\n`;
}

const GAP = 2;

/** Null: it would be too wide. */
function gridText(view: MatrixView, p: Paint, width: number): string | null {
  const grid = gridOf(view);
  if (grid === null) return null;
  const namespaces = new Set(grid.rows.map((r) => r.namespace).filter((n) => n !== null));
  const isOne = namespaces.size < 2;
  const labels = grid.rows.map((r) => `${isOne || r.namespace === null ? '' : '  '}${safe(r.name)}`);
  const heads = grid.columns.map(({ namespace, name }) => (isOne ? [safe(name)] : [safe(namespace), safe(name)]));
  const texts = grid.rows.map((r) => r.cells.map((c) => c.text.split('\n').flatMap((line) => pieces(line))));
  const widths = [
    Math.max(...labels.map((l) => l.length), ...(isOne ? [] : [...namespaces].map((n) => safe(n).length)), 'FROM \\ TO'.length),
    ...heads.map((head, i) => Math.max(...head.map((h) => h.length), ...texts.flatMap((row) => (row[i] ?? []).map((l) => l.length)))),
  ];
  if (widths.reduce((sum, w) => sum + w + GAP, -GAP) > width) return null;
  const head = ['FROM \\ TO', ...heads.map((h) => h.join('\n'))].map((h) =>
    h
      .split('\n')
      .map((line) => p.faint(line))
      .join('\n'),
  );
  return borderless(head, widths, gridRows(grid, labels, texts, isOne, p));
}

/** A cell's ports in lines of two or three. */
function pieces(line: string): readonly string[] {
  return wrap(line, 24);
}

function gridRows(grid: Grid, labels: readonly string[], texts: readonly (readonly (readonly string[])[])[], isOne: boolean, p: Paint) {
  let before: string | null = null;
  return grid.rows.flatMap((row, i) => {
    const cells = row.cells.map((cell, j) => (texts[i]?.[j] ?? []).map((line) => inkOf(cell, line, p)(line)).join('\n'));
    const title =
      !isOne && row.namespace !== null && row.namespace !== before ? [[p.strong(safe(row.namespace)), ...cells.map(() => '')]] : [];
    before = row.namespace;
    return [...title, [labels[i] ?? '', ...cells]];
  });
}

function inkOf({ kind }: GridCell, line: string, p: Paint): (text: string) => string {
  if (line === HIDDEN) return p.doubtful;
  if (kind === 'nothing') return p.faint;
  if (kind === 'mixed') return /[A-Z]{2}/.test(line) ? p.bad : p.good;
  return kind === 'blocked' ? p.bad : kind === 'exits' || kind === 'unknown' ? p.doubtful : p.good;
}

function legend(view: MatrixView): readonly string[] {
  const grid = gridOf(view);
  const cells = grid?.rows.flatMap((r) => r.cells) ?? [];
  const words = [
    ...(grid?.codes ?? []).map(([short, code]) => `${short}: ${code}`),
    ...(cells.some((c) => c.kind === 'nothing')
      ? [view.asked.blocked ? '-: nothing was asked' : '-: nothing that was asked gets an answer']
      : []),
    ...(view.areHidden && view.blocked.length > 0 ? [`${HIDDEN}: some of it is undetermined`] : []),
    ...(cells.some((c) => c.text.includes('exits')) ? ['exits: it leaves what the input describes, and is not known to fail'] : []),
  ];
  return words.length === 0 ? [] : [`${words.join('; ')}.`];
}

const HEAD = ['TO', 'PORTS', 'FROM', 'ENDS'];
/** What wrapping leaves of each. */
const LEAST = [14, 10, 14];

const inkOfLine = (outcome: string, p: Paint) => (outcome === 'nothing' ? p.faint : outcomePaint(p, outcome));

function sectionText({ title, columns }: Section, p: Paint, width: number): string {
  const rows = columns.flatMap(({ name, lines }) =>
    lines.length === 0
      ? [{ cells: [name, '-', 'nobody', ''], outcome: 'nothing' }]
      : lines.map((l, i) => ({ cells: [i === 0 ? name : '', l.ports, l.callers, l.end], outcome: l.outcome })),
  );
  // That all is delivered needs no column.
  const head = rows.every((r) => r.outcome === 'delivered' || r.outcome === 'nothing') ? HEAD.slice(0, -1) : HEAD;
  const cells = rows.map((r) => r.cells.slice(0, head.length).map(safe));
  const needed = head.map((h, i) => Math.max(h.length, ...cells.map((row) => row[i]?.length ?? 0)));
  const least = needed.map((n, i) => Math.min(n, LEAST[i] ?? n));
  const widths = narrowed(needed, least, width - GAP * needed.length);
  const drawn = cells.map((row, i) =>
    row.map((cell, j) => {
      const ink = j === 1 || j === 3 ? inkOfLine(rows[i]?.outcome ?? '', p) : (text: string) => text;
      return wrap(cell, widths[j] ?? 10)
        .map((line) => ink(line))
        .join('\n');
    }),
  );
  return `${p.strong(safe(title))}\n${borderless(
    head.map((h) => p.faint(h)),
    widths,
    drawn,
  )}`;
}
