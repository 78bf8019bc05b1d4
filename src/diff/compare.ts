import type { PortRange } from '../reach/ports.ts';
import type { Change, Ends, Row, Told } from './change.ts';

/** Ports of one pair of ends about which neither of two inputs says several things, and what both say; no range: ICMP. */
export interface Cell {
  readonly ends: Ends;
  readonly ports: PortRange | null;
}

export const keyOf = ({ from, to, family, protocol }: Ends): string => `${from} ${to} ${family} ${protocol}`;

export type Rows = ReadonlyMap<string, readonly Row[]>;

export function byEnds(rows: Iterable<Row>): Rows {
  const found = new Map<string, Row[]>();
  for (const row of rows) {
    const key = keyOf(row);
    const known = found.get(key);
    if (known === undefined) found.set(key, [row]);
    else known.push(row);
  }
  return found;
}

/** The pieces of a range (null: of all ports) between which rows say nothing else. */
export function cellsOf(ends: Ends, rows: readonly Row[], within: PortRange | null): readonly Cell[] {
  if (ends.protocol === 'icmp') return rows.length === 0 && within === null ? [] : [{ ends, ports: null }];
  const ranges = rows.flatMap((r) => r.ports);
  const inside = (port: number) => within === null || (port > within.first && port <= within.last);
  const cuts = [
    ...ranges.flatMap(({ first, last }) => [first, last + 1]).filter(inside),
    ...(within === null ? [] : [within.first, within.last + 1]),
  ];
  const starts = [...new Set(cuts)].sort((a, b) => a - b);
  return starts.slice(0, -1).flatMap((first, i) => {
    const last = (starts[i + 1] ?? first + 1) - 1;
    const isAsked = within !== null || ranges.some((r) => r.first <= first && last <= r.last);
    return isAsked ? [{ ends, ports: { first, last } }] : [];
  });
}

/** What rows of its ends say of a cell. */
export const toldOf = ({ ports }: Cell, rows: readonly Row[]): readonly Told[] =>
  ports === null ? rows : rows.filter((r) => r.ports.some((p) => p.first <= ports.first && ports.last <= p.last));

export type Difference = Pick<Change, 'kind' | 'before' | 'after' | 'reached'>;

/** Shares are fractions of small numbers: what is less is rounding. */
const EPSILON = 1e-9;

const reaches = ({ outcome }: Told): boolean => outcome === 'delivered' || outcome === 'exits';
const shareOf = (told: readonly Told[]): number => told.reduce((sum, { share }) => sum + share, 0);
const isAlike = (a: Told, b: Told) => a.outcome === b.outcome && a.code === b.code;

/** What two inputs do not say alike of one cell; null: they do. */
export function compare(before: readonly Told[], after: readonly Told[]): Difference | null {
  const risen = shareOf(after.filter(reaches)) - shareOf(before.filter(reaches));
  if (risen > EPSILON)
    return {
      kind: 'gained',
      before: fallen(
        before.filter((t) => !reaches(t)),
        after,
      ),
      after: rising(after.filter(reaches), before),
      reached: before.filter(reaches).toSorted((a, b) => b.share - a.share)[0] ?? null,
    };
  if (risen < -EPSILON)
    return {
      kind: 'lost',
      before: fallen(before.filter(reaches), after),
      after: rising(
        after.filter((t) => !reaches(t)),
        before,
      ),
      reached: null,
    };
  const [old, young] = [fallen(before, after), rising(after, before)];
  if (old !== null && young !== null && (changeOf(old, after) < -EPSILON || changeOf(young, before) < -EPSILON))
    return { kind: 'changed', before: old, after: young, reached: null };
  // Of what nobody asked before, or asks any more, and what does not reach: nobody is told.
  return routed(before, after);
}

/** What is less, or more, in the other input: below 0. */
const changeOf = (told: Told, others: readonly Told[]): number => shareOf(others.filter((o) => isAlike(o, told))) - told.share;

/** Of what was said before, that of which the least is left. */
const fallen = (before: readonly Told[], after: readonly Told[]): Told | null =>
  before.toSorted((a, b) => changeOf(a, after) - changeOf(b, after))[0] ?? null;
const rising = (after: readonly Told[], before: readonly Told[]): Told | null => fallen(after, before);

/** It ends the same way, but somewhere else, or gets there otherwise. */
function routed(before: readonly Told[], after: readonly Told[]): Difference | null {
  const [old, young] = [before.find((t) => t.route !== undefined), after.find((t) => t.route !== undefined)];
  if (old === undefined || young === undefined || JSON.stringify(old.route) === JSON.stringify(young.route)) return null;
  return { kind: 'changed', before: old, after: young, reached: null };
}

/** What two inputs do not say alike, by ends and ports. */
export function differences(before: Rows, after: Rows): readonly (Cell & { readonly difference: Difference })[] {
  return [...new Set([...after.keys(), ...before.keys()])].flatMap((key) => {
    const [old, young] = [before.get(key) ?? [], after.get(key) ?? []];
    const [row] = [...young, ...old];
    if (row === undefined || isSame(old, young)) return [];
    const { from, to, family, protocol } = row;
    return cellsOf({ from, to, family, protocol }, [...old, ...young], null).flatMap((cell) => {
      const difference = compare(toldOf(cell, old), toldOf(cell, young));
      return difference === null ? [] : [{ ...cell, difference }];
    });
  });
}

/** The usual case, without a look at each port. */
const isSame = (before: readonly Row[], after: readonly Row[]): boolean =>
  before.length === after.length && JSON.stringify(before) === JSON.stringify(after);
