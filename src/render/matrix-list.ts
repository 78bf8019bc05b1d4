import { type Column, type Line, linesOf, type MatrixView } from './matrix-lines.ts';
import { shortName } from './matrix-names.ts';

/** Columns of one namespace, or of none, with what is said of each. */
export interface Section {
  readonly title: string;
  readonly columns: readonly { readonly name: string; readonly lines: readonly Line[] }[];
}

/** By destination: what can reach it? In the order of columns. */
export function sectionsOf(view: MatrixView, verbose: boolean): readonly Section[] {
  const found = new Map<string, Column[]>();
  for (const column of view.columns) {
    const { kind, namespace } = column.group;
    const title = namespace ?? (kind === 'Network' ? 'Outside' : 'Nodes');
    const known = found.get(title);
    if (known === undefined) found.set(title, [column]);
    else known.push(column);
  }
  return [...found].map(([title, columns]) => ({
    title,
    columns: columns.map((column) => ({ name: shortName(column.group), lines: linesOf(column, view, verbose) })),
  }));
}
