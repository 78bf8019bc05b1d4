import { type Cell, cellOf, itemText } from './cell.ts';
import { element, place } from './element.ts';
import type { Axis, Item, View } from './view.ts';

/** Rows and columns by number; -1 is the headings. */
export interface Spot {
  readonly row: number;
  readonly column: number;
}

export interface Shape {
  readonly wide: boolean;
  readonly cellWidth: number;
  readonly cellHeight: number;
  readonly headWidth: number;
  readonly headHeight: number;
}

const BAND = 26;
/** A band that is narrower has no name in it. */
const NARROW = 60;

/** In a room so wide; few columns share it. */
export function shapeOf(wide: boolean, room: number, columns: number): Shape {
  const headWidth = Math.round(Math.min(230, Math.max(104, room * 0.3)));
  const share = Math.floor((room - headWidth - 2) / columns);
  return wide
    ? { wide, cellWidth: Math.min(180, Math.max(112, share)), cellHeight: 40, headWidth, headHeight: BAND + 44 }
    : { wide, cellWidth: 30, cellHeight: 28, headWidth, headHeight: BAND + 134 };
}

/** What is drawn, with a margin around what is seen; it changes by whole steps, so that not every movement draws anew. */
interface Window {
  readonly rows: readonly [first: number, end: number];
  readonly columns: readonly [first: number, end: number];
}

const STEP = 6;

function rangeOf(start: number, room: number, size: number, count: number): readonly [number, number] {
  const first = Math.max(0, Math.floor(start / size / STEP) * STEP - STEP);
  const end = Math.min(count, Math.ceil((start + room) / size / STEP) * STEP + STEP);
  return [first, Math.max(first, end)];
}

export function windowOf(view: View, shape: Shape, grid: HTMLElement, whole: boolean): Window {
  if (whole) return { rows: [0, view.rows.length], columns: [0, view.columns.length] };
  return {
    rows: rangeOf(grid.scrollTop, grid.clientHeight - shape.headHeight, shape.cellHeight, view.rows.length),
    columns: rangeOf(grid.scrollLeft, grid.clientWidth - shape.headWidth, shape.cellWidth, view.columns.length),
  };
}

export const sizeOf = (view: View, { cellWidth, cellHeight, headWidth, headHeight }: Shape) => ({
  width: headWidth + view.columns.length * cellWidth,
  height: headHeight + view.rows.length * cellHeight,
});

export const idOf = ({ row, column }: Spot): string => `at${row}_${column}`;

/** The part of the grid that is seen. Element ids are of places, not of names. */
export function draw(view: View, shape: Shape, window: Window, plane: HTMLElement): void {
  const { headHeight } = shape;
  const { width } = sizeOf(view, shape);
  const heads = place(element('div', { class: 'heads', role: 'rowgroup' }, columnHeads(view, shape, window)), {
    width,
    height: headHeight,
  });
  const rows = range(window.rows).flatMap((i) => rowOf(view, shape, window, i, width) ?? []);
  plane.replaceChildren(heads, element('div', { role: 'rowgroup' }, rows));
}

function columnHeads(view: View, shape: Shape, window: Window): readonly HTMLElement[] {
  const { cellWidth, headWidth, headHeight } = shape;
  const corner = place(
    element('div', { class: 'corner', role: 'columnheader' }, element('span', {}, 'to →'), element('span', {}, 'from ↓')),
    {
      width: headWidth,
      height: headHeight,
    },
  );
  const names = range(window.columns).flatMap((j) => {
    const item = view.columns[j];
    if (item === undefined) return [];
    const at = {
      left: headWidth + j * cellWidth,
      top: item.folded ? 0 : BAND,
      width: cellWidth,
      height: headHeight - (item.folded ? 0 : BAND),
    };
    return [place(heading(view, 'columns', item, { row: -1, column: j }), at)];
  });
  const bands = bandsOf(view.columns).flatMap(({ item, first, count }) => {
    if (item.folded || first >= window.columns[1] || first + count <= window.columns[0]) return [];
    const label = element('span', {}, count * cellWidth < NARROW ? '' : `▾ ${item.section}`);
    const band = element(
      'div',
      { class: 'band', 'data-fold': 'columns', 'data-column': first, title: `fold ${item.section}` },
      place(label, { left: headWidth }),
    );
    return [place(band, { left: headWidth + first * cellWidth, width: count * cellWidth, height: BAND, top: 0 })];
  });
  return [element('div', { role: 'row', 'aria-rowindex': 1 }, corner, bands, names)];
}

/** Columns of one namespace stand together. */
function bandsOf(columns: readonly Item[]): readonly { item: Item; first: number; count: number }[] {
  const bands: { item: Item; first: number; count: number }[] = [];
  for (const [j, item] of columns.entries()) {
    const last = bands.at(-1);
    if (last?.item.section === item.section) last.count++;
    else bands.push({ item, first: j, count: 1 });
  }
  return bands;
}

function heading(view: View, axis: Axis, item: Item, spot: Spot): HTMLElement {
  const role = axis === 'rows' ? 'rowheader' : 'columnheader';
  const spots = { id: idOf(spot), role, 'data-row': spot.row, 'data-column': spot.column };
  const index = axis === 'rows' ? { 'aria-colindex': 1 } : { 'aria-colindex': spot.column + 2 };
  const found = item.group === null ? undefined : view.data.groups[item.group];
  if (found === undefined) {
    const count = item.places.length;
    const turn = element('span', { class: 'turn', 'aria-hidden': 'true' }, item.folded ? '▸ ' : '▾ ');
    const title = `${item.section}: ${count} ${count === 1 ? 'row' : 'together'}, ${item.folded ? 'unfold' : 'fold'}`;
    return element(
      'div',
      { ...spots, ...index, class: 'head section', 'aria-expanded': String(!item.folded), title, 'data-fold': axis },
      element('span', { class: 'name' }, turn, item.section),
      element('span', { class: 'kind' }, String(count)),
    );
  }
  return element(
    'div',
    { ...spots, ...index, class: 'head', title: itemText(view, item), 'aria-label': itemText(view, item) },
    element('span', { class: 'name' }, found.name),
    element('span', { class: 'kind' }, found.kind),
  );
}

function rowOf(view: View, shape: Shape, window: Window, i: number, width: number): HTMLElement | null {
  const row = view.rows[i];
  if (row === undefined) return null;
  const { cellWidth, cellHeight, headWidth, headHeight } = shape;
  const head = place(heading(view, 'rows', row, { row: i, column: -1 }), { width: headWidth, height: cellHeight });
  const isHeading = row.group === null && !row.folded;
  const cells = isHeading
    ? []
    : range(window.columns).flatMap((j) =>
        view.columns[j] === undefined
          ? []
          : [
              place(cellElement(cellOf(view, row, view.columns[j], shape.wide), { row: i, column: j }), {
                left: headWidth + j * cellWidth,
                width: cellWidth,
                height: cellHeight,
              }),
            ],
      );
  const made = element('div', { role: 'row', 'aria-rowindex': i + 2, class: isHeading ? 'row heading' : 'row' }, head, cells);
  return place(made, { top: headHeight + i * cellHeight, width, height: cellHeight });
}

function cellElement(cell: Cell | null, spot: Spot): HTMLElement {
  const spots = { id: idOf(spot), role: 'gridcell', 'aria-colindex': spot.column + 2, 'data-row': spot.row, 'data-column': spot.column };
  if (cell === null) return element('div', { ...spots, class: 'cell', 'aria-label': 'nothing' });
  const classes = ['cell', `is-${cell.mark}`, cell.assumed ? 'assumed' : '', cell.level === null ? '' : `folded level-${cell.level}`];
  return element(
    'div',
    { ...spots, class: classes.join(' '), title: cell.label, 'aria-label': cell.label },
    element('span', {}, cell.text),
  );
}

const range = ([first, end]: readonly [number, number]): readonly number[] => Array.from({ length: end - first }, (_, i) => first + i);
