import { type Line, linesOf } from './matrix-lines.ts';
import { shortName } from './matrix-names.ts';
import type { Column, MatrixView } from './matrix-view.ts';

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
    columns: together(columns.map((column) => ({ name: shortName(column.group), lines: linesOf(column, view, verbose) }))).map(
      ({ names, lines }) => ({ name: namesText(names, verbose), lines }),
    ),
  }));
}

interface Together {
  readonly names: readonly string[];
  readonly lines: readonly Line[];
}

/** Destinations that the same can reach in the same ways are said once. */
function together(columns: readonly { readonly name: string; readonly lines: readonly Line[] }[]): readonly Together[] {
  const found = new Map<string, { readonly names: string[]; readonly lines: readonly Line[] }>();
  for (const { name, lines } of columns) {
    const key = JSON.stringify(lines);
    const known = found.get(key);
    if (known === undefined) found.set(key, { names: [name], lines });
    else known.names.push(name);
  }
  return [...found.values()];
}

/** Of more names the first few. */
const MOST_NAMES = 4;

const namesText = (names: readonly string[], all: boolean): string =>
  all || names.length <= MOST_NAMES
    ? names.join(', ')
    : `${names.slice(0, MOST_NAMES - 1).join(', ')} and ${names.length - MOST_NAMES + 1} more`;
