import type { Network } from '../k8s/compiled-network.ts';
import type { Side } from '../matrix/question.ts';
import type { PortRange } from '../reach/ports.ts';
import { causesIn } from './cause.ts';
import type { ChangeKind, Ends, Told } from './change.ts';
import { byEnds, type Cell, cellsOf, compare, type Difference, keyOf, type Rows, toldOf } from './compare.ts';
import { append, causeKeys, type ExplainedChange } from './joined.ts';
import { filled, type MatrixSource } from './matrix-rows.ts';
import { byCalled, type MembersQuestion, membersApart } from './members.ts';
import type { Explained } from './refined.ts';

/** Calls of groups of which shares say nothing, or only what outweighs: which of their members are meant? */
export interface Suspect extends Cell {
  readonly kind: ChangeKind | null;
}

/** Only where something becomes of a part of the pairs, before and after, can some take the places of others. */
export function suspects(before: Rows, after: Rows, isTouched: (ends: Ends) => boolean): readonly Suspect[] {
  const isPart = (told: readonly Told[]) => told.some(({ share }) => share < 1);
  return [...after].flatMap(([key, young]): readonly Suspect[] => {
    const old = before.get(key) ?? [];
    const [row] = young;
    if (row === undefined || !isPart(old) || !isPart(young) || !isTouched(row)) return [];
    const { from, to, family, protocol } = row;
    return cellsOf({ from, to, family, protocol }, [...old, ...young], null).flatMap((cell) => {
      const [was, is] = [toldOf(cell, old), toldOf(cell, young)];
      return isPart(was) && isPart(is) ? [{ ...cell, kind: compare(was, is)?.kind ?? null }] : [];
    });
  });
}

/** What two inputs say of pairs of members. */
export interface Pairs {
  readonly before: Rows;
  readonly after: Rows;
  /** What of it is not alike, and no share tells. */
  readonly cells: readonly Cell[];
  readonly groupsOf: (ends: Ends) => Ends;
}

/** Members that only one input has, as pods of a workload with other names, are nobody's match. */
export function pairsOf(source: MatrixSource, before: Network, after: Network, all: readonly Suspect[]): Pairs | null {
  const [old, young] = [before, after].map((network) => source.questionOf(network));
  if (old == null || young == null) return null;
  const several = [severalIn([...old.from, ...young.from]), severalIn([...old.to, ...young.to])] as const;
  const found = all.filter(({ ends }) => several[0].has(ends.from) || several[1].has(ends.to));
  if (found.length === 0) return null;
  const [oldApart, youngApart] = [membersApart(old), membersApart(young)];
  const asked = byCalled(found);
  const [oldRows, youngRows] = [rowsApart(source, before, oldApart, asked), rowsApart(source, after, youngApart, asked)];
  const groupsOf = (ends: Ends): Ends => {
    const of = (id: string) => youngApart.groupOf.get(id) ?? oldApart.groupOf.get(id) ?? id;
    return { from: of(ends.from), to: of(ends.to), family: ends.family, protocol: ends.protocol };
  };
  const suspect = grouped(found, ({ ends }) => keyOf(ends));
  const isCommon = ({ from, to }: Ends) => [from, to].every((id) => oldApart.groupOf.has(id) && youngApart.groupOf.has(id));
  const each = [...new Set([...oldRows.keys(), ...youngRows.keys()])].flatMap((key) => {
    const [was, is] = [oldRows.get(key) ?? [], youngRows.get(key) ?? []];
    const [row] = [...is, ...was];
    if (row === undefined || !isCommon(row)) return [];
    const { from, to, family, protocol } = row;
    const ends = { from, to, family, protocol };
    return (suspect.get(keyOf(groupsOf(ends))) ?? []).flatMap(({ ports, kind }) =>
      (ports === null ? [{ ends, ports }] : cellsOf(ends, [...was, ...is], ports)).map((cell) => ({ cell, kind })),
    );
  });
  const missingIn = (rows: Rows) => each.map(({ cell }) => cell).filter((c) => toldOf(c, rows.get(keyOf(c.ends)) ?? []).length === 0);
  const rows = {
    before: filled(source, before, oldApart.question, oldRows, missingIn(oldRows)),
    after: filled(source, after, youngApart.question, youngRows, missingIn(youngRows)),
  };
  return { ...rows, cells: each.flatMap(({ cell, kind }) => (isNews(rows, cell, kind) ? [cell] : [])), groupsOf };
}

/** Of one member nobody takes the place. */
const severalIn = (sides: readonly Side[]): ReadonlySet<string> => new Set(sides.flatMap((s) => (s.ends.length > 1 ? [s.group.id] : [])));

function isNews(rows: Pick<Pairs, 'before' | 'after'>, cell: Cell, known: ChangeKind | null): boolean {
  const difference = differenceOf(rows, cell);
  return (
    difference?.before != null &&
    difference.after !== null &&
    difference.kind !== known &&
    (known === null || difference.kind !== 'changed')
  );
}

const differenceOf = ({ before, after }: Pick<Pairs, 'before' | 'after'>, cell: Cell): Difference | null =>
  compare(toldOf(cell, before.get(keyOf(cell.ends)) ?? []), toldOf(cell, after.get(keyOf(cell.ends)) ?? []));

function rowsApart(
  { engine }: MatrixSource,
  network: Network,
  { question, groupOf }: MembersQuestion,
  asked: ReturnType<typeof byCalled>,
): Rows {
  return byEnds(
    asked.flatMap(({ from, to }) => {
      const isOf = (groups: ReadonlySet<string>) => (side: { readonly group: { readonly id: string } }) =>
        groups.has(groupOf.get(side.group.id) ?? '');
      return [...engine(network, { ...question, from: question.from.filter(isOf(from)), to: question.to.filter(isOf(to)) }).connections];
    }),
  );
}

/** A part of a group's pairs of which the same is to be said. */
interface Piece {
  readonly ends: Ends;
  readonly ports: PortRange | null;
  readonly kind: ChangeKind;
  readonly by: Explained['by'];
  before: Told;
  after: Told;
}

/** What became of members, said of their groups: how large a share of the pairs it is. */
export function ofGroups(pairs: Pairs, cells: readonly Explained[]): readonly ExplainedChange[] {
  const keysOf = causeKeys();
  const own = grouped(cells, ({ ends }) => keyOf(pairs.groupsOf(ends)));
  const pieces = new Map<string, Piece>();
  const counts = { before: counting(pairs, pairs.before), after: counting(pairs, pairs.after) };
  for (const [key, some] of own) {
    const cuts = some.map(
      ({ ends, ports }) => ({ ...ends, ports: ports === null ? [] : [ports], outcome: 'delivered', code: null, share: 1 }) as const,
    );
    for (const { ends, ports, by } of some)
      for (const piece of ports === null ? [{ ends, ports }] : cellsOf(ends, cuts, ports)) {
        const difference = differenceOf(pairs, piece);
        if (difference?.before == null || difference.after === null) continue;
        const { kind } = difference;
        const part = (told: Told, side: 'before' | 'after'): Told => ({ ...told, share: told.share / counts[side](key, piece) });
        const [was, is] = [part(difference.before, 'before'), part(difference.after, 'after')];
        const id = [key, piece.ports?.first, kind, was.outcome, was.code, is.outcome, is.code, keysOf(by)].join(' ');
        const known = pieces.get(id);
        if (known === undefined) pieces.set(id, { ends: pairs.groupsOf(ends), ports: piece.ports, kind, by, before: was, after: is });
        else {
          known.before = { ...was, share: known.before.share + was.share };
          known.after = { ...is, share: known.after.share + is.share };
        }
      }
  }
  return portsTogether([...pieces.values()], keysOf);
}

/** How many pairs of members of two groups are asked at some ports. */
function counting(pairs: Pairs, rows: Rows): (group: string, cell: Cell) => number {
  const byGroup = grouped(rows.values(), ([first]) => (first === undefined ? '' : keyOf(pairs.groupsOf(first))));
  return (group, cell) => Math.max(1, (byGroup.get(group) ?? []).filter((some) => toldOf(cell, some).length > 0).length);
}

function portsTogether(pieces: readonly Piece[], keysOf: ReturnType<typeof causeKeys>): readonly ExplainedChange[] {
  const found = new Map<string, ExplainedChange & { readonly ports: PortRange[] }>();
  const rounded = (told: Told): Told => ({ ...told, share: Math.round(told.share * 1e12) / 1e12 });
  for (const { ends, ports, kind, by, ...said } of pieces.toSorted((a, b) => (a.ports?.first ?? 0) - (b.ports?.first ?? 0))) {
    const [before, after] = [rounded(said.before), rounded(said.after)];
    const key = `${keyOf(ends)} ${JSON.stringify([kind, before, after])} ${keysOf(by)}`;
    const known = found.get(key);
    if (known === undefined)
      found.set(key, {
        ...ends,
        ports: ports === null ? [] : [ports],
        kind,
        before,
        after,
        reached: null,
        by,
        causes: by.flatMap(causesIn),
      });
    else if (ports !== null) append(known.ports, ports);
  }
  return [...found.values()];
}

function grouped<T>(items: Iterable<T>, keyOfItem: (item: T) => string): ReadonlyMap<string, readonly T[]> {
  const found = new Map<string, T[]>();
  for (const item of items) {
    const key = keyOfItem(item);
    const known = found.get(key);
    if (known === undefined) found.set(key, [item]);
    else known.push(item);
  }
  return found;
}
