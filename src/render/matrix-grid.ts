import { portsText } from '../document/ports-text.ts';
import { shareText } from './matrix-callers.ts';
import { mayCall, shortName } from './matrix-names.ts';
import { type Cell, endOf, isBlocked, type MatrixView } from './matrix-view.ts';

/** Callers down, called across; texts of cells are in lines. */
export interface Grid {
  /** Each a namespace, or empty where it is the one before or none, and a name. */
  readonly columns: readonly { readonly namespace: string; readonly name: string }[];
  readonly rows: readonly { readonly namespace: string | null; readonly name: string; readonly cells: readonly GridCell[] }[];
  /** Abbreviations, and the codes that they stand for. */
  readonly codes: readonly (readonly [short: string, code: string])[];
}

export interface GridCell {
  readonly text: string;
  readonly kind: 'delivered' | 'exits' | 'blocked' | 'mixed' | 'unknown' | 'nothing' | 'itself';
}

/** More are not seen at once. */
const MOST = 12;

/** Null: it has too many rows or columns, or so few that a list says more. */
export function gridOf(view: MatrixView): Grid | null {
  const { rows, columns } = view;
  if (rows.length < 2 || columns.length < 2 || rows.length > MOST || columns.length > MOST) return null;
  const short = abbreviations(view.areHidden ? [] : view.blocked.map(([code]) => code));
  let before: string | null = null;
  const heads = columns.map(({ group }) => {
    const namespace = group.namespace === before ? '' : (group.namespace ?? '');
    before = group.namespace;
    return { namespace, name: shortName(group) };
  });
  return {
    columns: heads,
    rows: rows.map((row) => ({
      namespace: row.namespace,
      name: shortName(row),
      cells: columns.map(({ group, cells, hidden }) =>
        mayCall(row, group) ? withHidden(cellOf(cells.get(row.id) ?? [], short), hidden.has(row.id)) : { text: '', kind: 'itself' },
      ),
    })),
    codes: [...short].filter(([code, word]) => code !== word).map(([code, word]) => [word, code] as const),
  };
}

export const HIDDEN = '?';

function withHidden(cell: GridCell, isHidden: boolean): GridCell {
  if (!isHidden) return cell;
  return cell.kind === 'nothing' ? { text: HIDDEN, kind: 'unknown' } : { ...cell, text: `${cell.text}\n${HIDDEN}` };
}

function cellOf(cells: readonly Cell[], short: ReadonlyMap<string, string>): GridCell {
  if (cells.length === 0) return { text: '-', kind: 'nothing' };
  const groups = new Map<string, Cell[]>();
  for (const cell of cells) {
    const key = [cell.outcome, cell.code, cell.share, cell.family].join(' ');
    groups.set(key, [...(groups.get(key) ?? []), cell]);
  }
  const isOne = groups.size === 1 && cells.every(isBlocked);
  const lines = [...groups.values()].map((some) => {
    const [first] = some;
    const end = first === undefined || first.outcome === 'delivered' ? '' : (short.get(endOf(first)) ?? first.outcome);
    const word = first?.outcome === 'exits' ? 'exits' : end;
    const words = [isOne ? '' : portsText(some), word, first?.family ?? '', (first === undefined ? '' : shareText(first.share)).trim()];
    return words.filter((w) => w !== '').join(' ');
  });
  const stopped = cells.filter(isBlocked).length;
  const kind =
    stopped === cells.length ? 'blocked' : stopped > 0 ? 'mixed' : cells.some((c) => c.outcome === 'exits') ? 'exits' : 'delivered';
  return { text: lines.join('\n'), kind };
}

/** The first letters of a code's words; where two codes have the same, both stay whole. */
function abbreviations(codes: readonly string[]): ReadonlyMap<string, string> {
  const letters = (code: string) =>
    code
      .split('_')
      .map((word) => word[0])
      .join('');
  return new Map(
    codes.map((code) => {
      const isAlone = codes.filter((c) => letters(c) === letters(code)).length === 1;
      return [code, isAlone ? letters(code) : code];
    }),
  );
}
