import { type GridData, MARKS, type Mark, sectionOf, spread } from './data.ts';
import { type Filter, fits, lookedAt, type Shown } from './filter.ts';

/** A row or a column that is drawn: one group, or a namespace, whose groups are folded together or follow. */
export interface Item {
  readonly section: string;
  /** Of a namespace: null. */
  readonly group: number | null;
  readonly folded: boolean;
  /** Places of its groups in `data.rows` or `data.columns`: those that are looked at. */
  readonly places: readonly number[];
}

export type Axis = 'rows' | 'columns';

/** The grid as it is looked at: what the filter leaves of it, folded as the reader wants it. */
export interface View {
  readonly data: GridData;
  readonly rows: readonly Item[];
  readonly columns: readonly Item[];
  readonly pairs: number;
  /** By the places of a row and a column; null: nothing is looked at there. */
  at(row: number, column: number): Shown | null;
}

/** The answers of all cells. */
export function table(data: GridData): readonly Int32Array[] {
  return data.cells.map((row) => {
    const line = new Int32Array(data.columns.length);
    spread(row, line);
    return line;
  });
}

/** More rows or columns than this are folded by namespace, until the reader unfolds one. */
const MOST_UNFOLDED = 60;
/** Not worth to fold. */
const FEW = 3;

/** What the reader folded or unfolded, by axis and namespace. */
export type Folds = Readonly<Record<Axis, ReadonlyMap<string, boolean>>>;

export function viewOf(data: GridData, answers: readonly Int32Array[], filter: Filter, folds: Folds): View {
  const shown = lookedAt(data, filter);
  const at = (row: number, column: number): Shown | null => shown[answers[row]?.[column] ?? -1] ?? null;
  const rows = wanted(data, data.rows, filter.from);
  const columns = wanted(data, data.columns, filter.to);
  const [rowUsed, columnUsed] = [new Set<number>(), new Set<number>()];
  let pairs = 0;
  for (const row of rows) {
    for (const column of columns) {
      if (at(row, column) === null) continue;
      pairs++;
      rowUsed.add(row);
      columnUsed.add(column);
    }
  }
  return {
    data,
    pairs,
    rows: items(
      data,
      data.rows,
      rows.filter((row) => rowUsed.has(row)),
      folds.rows,
      true,
    ),
    columns: items(
      data,
      data.columns,
      columns.filter((column) => columnUsed.has(column)),
      folds.columns,
      false,
    ),
    at,
  };
}

function wanted(data: GridData, numbers: readonly number[], text: string): readonly number[] {
  return numbers.flatMap((number, place) => {
    const group = data.groups[number];
    return group !== undefined && fits(group, text) ? [place] : [];
  });
}

/** `headed`: a namespace that is not folded has an item of its own, before its groups. */
function items(
  data: GridData,
  numbers: readonly number[],
  places: readonly number[],
  folds: ReadonlyMap<string, boolean>,
  headed: boolean,
): readonly Item[] {
  const sections = new Map<string, number[]>();
  for (const place of places) {
    const section = sectionAt(data, numbers, place);
    sections.set(section, [...(sections.get(section) ?? []), place]);
  }
  const usual = places.length > MOST_UNFOLDED;
  return [...sections].flatMap(([section, its]): readonly Item[] => {
    const folded = its.length > 1 && (folds.get(section) ?? (usual && its.length > FEW));
    const head: Item = { section, group: null, folded, places: its };
    if (folded) return [head];
    const each = its.map((place): Item => ({ section, group: numbers[place] ?? 0, folded, places: [place] }));
    return headed ? [head, ...each] : each;
  });
}

function sectionAt(data: GridData, numbers: readonly number[], place: number): string {
  const group = data.groups[numbers[place] ?? -1];
  return group === undefined ? '' : sectionOf(group);
}

/** What a cell sums up; marks in the order of the legend. */
export interface Sum {
  readonly pairs: number;
  readonly counts: ReadonlyMap<Mark, number>;
  readonly assumed: boolean;
}

export function sumOf(view: View, row: Item, column: Item): Sum {
  const counts = new Map<Mark, number>();
  let [pairs, assumed] = [0, false];
  for (const r of row.places) {
    for (const c of column.places) {
      const shown = view.at(r, c);
      if (shown === null) continue;
      pairs++;
      counts.set(shown.mark, (counts.get(shown.mark) ?? 0) + 1);
      assumed ||= shown.facts.some((fact) => fact.assumed);
    }
  }
  const order = Object.keys(MARKS);
  return { pairs, assumed, counts: new Map([...counts].sort(([a], [b]) => order.indexOf(a) - order.indexOf(b))) };
}
