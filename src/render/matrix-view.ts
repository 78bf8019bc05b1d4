import type { MatrixConnectionDocument, MatrixGroupDocument, MatrixResult } from '../document/matrix-schema.ts';
import { mayCall } from './matrix-names.ts';

/** A matrix by its columns, for people to read. */
export interface MatrixView {
  readonly rows: readonly MatrixGroupDocument[];
  readonly columns: readonly Column[];
  readonly asked: MatrixResult['asked'];
  readonly notAsked: readonly string[];
  /** Pairs of groups of which members may call each other, and those of them that do. */
  readonly pairs: { readonly all: number; readonly connected: number };
  /** Pairs of groups by the codes at which some of it ends, most first. */
  readonly blocked: readonly (readonly [code: string, pairs: number])[];
  /** Are those among `blocked` that are undetermined only counted, and in no cell? */
  readonly areHidden: boolean;
  /** How many connections there are that hang on something that is not stated, and how many in all. */
  readonly assumed: { readonly some: number; readonly all: number };
}

export interface Column {
  readonly group: MatrixGroupDocument;
  /** By the ids of their rows. */
  readonly cells: ReadonlyMap<string, readonly Cell[]>;
  /** What is undetermined and in no cell, by the ids of rows. */
  readonly hidden: ReadonlyMap<string, readonly Cell[]>;
}

/** Ports of a pair of groups that end in one way, in these families. */
export interface Cell extends Pick<MatrixConnectionDocument, 'protocol' | 'ports' | 'outcome' | 'code' | 'share' | 'assumed'> {
  /** Empty: in each that was asked. */
  readonly family: string;
}

/** `showsBlocked`: else what is known not to arrive is left out, and what is undetermined is only counted. */
export function viewOf({ asked: made, groups, connections, notAsked }: MatrixResult, showsBlocked: boolean): MatrixView {
  const asked = { ...made, blocked: made.blocked && showsBlocked };
  const byId = new Map(groups.map((g) => [g.id, g]));
  const named = (ids: readonly string[]) => ids.flatMap((id) => byId.get(id) ?? []);
  const found = new Map(asked.to.map((id) => [id, new Map<string, MatrixConnectionDocument[]>()]));
  const hidden = new Map(asked.to.map((id) => [id, new Map<string, MatrixConnectionDocument[]>()]));
  const assumed = { some: 0, all: 0 };
  for (const connection of connections) {
    const isHidden = !asked.blocked && isBlocked(connection);
    if (isHidden && connection.outcome !== 'undetermined') continue;
    const column = (isHidden ? hidden : found).get(connection.to);
    const before = column?.get(connection.from);
    if (before === undefined) column?.set(connection.from, [connection]);
    else before.push(connection);
    if (isHidden) continue;
    assumed.all++;
    if (connection.assumed) assumed.some++;
  }
  const rows = named(asked.from);
  const columns = named(asked.to)
    .filter(isAskedIn(notAsked))
    .map((group): Column => {
      const cells = (some: typeof found) =>
        new Map([...(some.get(group.id) ?? [])].map(([from, own]) => [from, cellsOf(own, asked.families.length)] as const));
      return { group, cells: cells(found), hidden: cells(hidden) };
    });
  return { rows, columns, asked, notAsked, assumed, areHidden: made.blocked && !asked.blocked, ...countsOf(rows, columns) };
}

/** Not all of its members are among those that nothing was asked of. */
function isAskedIn(notAsked: readonly string[]) {
  const left = new Set(notAsked);
  return ({ namespace, members }: MatrixGroupDocument): boolean =>
    members.length === 0 || !members.every((m) => left.has(namespace === null ? m : `${namespace}/${m}`));
}

/** What is the same in all families is said once. */
function cellsOf(connections: readonly MatrixConnectionDocument[], families: number): readonly Cell[] {
  const found = new Map<string, { readonly first: MatrixConnectionDocument; readonly families: string[] }>();
  for (const c of connections) {
    const key = [c.protocol, c.ports, c.outcome, c.code, c.share, c.assumed].join(' ');
    const known = found.get(key);
    if (known === undefined) found.set(key, { first: c, families: [c.family] });
    else known.families.push(c.family);
  }
  return [...found.values()].map(({ first, families: own }) => ({ ...first, family: own.length === families ? '' : own.join(' and ') }));
}

export const isBlocked = ({ outcome }: Pick<Cell, 'outcome'>): boolean => outcome !== 'delivered' && outcome !== 'exits';

function countsOf(rows: readonly MatrixGroupDocument[], columns: readonly Column[]): Pick<MatrixView, 'pairs' | 'blocked'> {
  let all = 0;
  let connected = 0;
  const codes = new Map<string, number>();
  for (const { group, cells, hidden } of columns)
    for (const row of rows) {
      if (!mayCall(row, group)) continue;
      all++;
      const own = cells.get(row.id) ?? [];
      if (own.some((c) => !isBlocked(c))) connected++;
      for (const code of new Set([...own, ...(hidden.get(row.id) ?? [])].filter(isBlocked).map(endOf)))
        codes.set(code, (codes.get(code) ?? 0) + 1);
    }
  return { pairs: { all, connected }, blocked: [...codes].sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1)) };
}

/** Not known is no code that stops anything. */
export const endOf = ({ outcome, code }: Pick<Cell, 'outcome' | 'code'>): string =>
  outcome === 'exits' || outcome === 'undetermined' ? outcome : (code ?? outcome);
