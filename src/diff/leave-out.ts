import { type Cell, cellsOf, compare, keyOf, type Rows, toldOf } from './compare.ts';

/**
 * Which of many things made a change? One is left out after the other, and the change looked at again: what it does not come about without is a cause of it. Where
 * the change comes about without any single one, because two do the same, the smallest group is looked for without which it does not (A. Zeller, R. Hildebrandt:
 * Simplifying and Isolating Failure-Inducing Input, 2002).
 */
export interface Search<T, C extends Cell> {
  /** What is said of calls without some things; null: without them the input makes no sense. */
  without(left: readonly T[], cells: readonly C[]): Rows | null;
  /** What was said before all of them. */
  readonly before: Rows;
  /** Can it change what becomes of these calls? */
  touches(thing: T, cell: C): boolean;
  /** So many times something may be left out. */
  readonly budget: { left: number };
}

export interface Caused<T, C extends Cell> {
  readonly cell: C;
  /** None: they were not found. */
  readonly causes: readonly T[];
  /** Each of them alone can be left out, and the change comes about all the same. */
  readonly isJoint: boolean;
}

export function causesOf<T, C extends Cell>(search: Search<T, C>, things: readonly T[], cells: readonly C[]): readonly Caused<T, C>[] {
  return [...grouped(search, things, cells)].flatMap(([candidates, some]) => {
    const none = some.map((cell) => ({ cell, causes: [], isJoint: false }));
    const [only, second] = candidates;
    if (only === undefined) return none;
    if (second === undefined) return some.map((cell) => ({ cell, causes: [only], isJoint: false }));
    const single = oneByOne(search, candidates, none);
    return [
      ...single.filter((c) => c.causes.length > 0),
      ...together(
        search,
        candidates,
        single.flatMap((c) => (c.causes.length > 0 ? [] : [c.cell])),
      ),
    ];
  });
}

/** Calls by the things that can touch them. */
function grouped<T, C extends Cell>(
  search: Search<T, C>,
  things: readonly T[],
  cells: readonly C[],
): ReadonlyMap<readonly T[], readonly C[]> {
  const byEnds = new Map<string, readonly T[]>();
  const lists = new Map<string, readonly T[]>();
  const found = new Map<readonly T[], C[]>();
  for (const cell of cells) {
    const key = keyOf(cell.ends);
    let candidates = byEnds.get(key);
    if (candidates === undefined) {
      const numbers = things.flatMap((thing, i) => (search.touches(thing, cell) ? [i] : []));
      const list = numbers.join();
      candidates = lists.get(list) ?? numbers.flatMap((i) => things[i] ?? []);
      lists.set(list, candidates);
      byEnds.set(key, candidates);
    }
    const known = found.get(candidates);
    if (known === undefined) found.set(candidates, [cell]);
    else known.push(cell);
  }
  return found;
}

/** So few are asked one by one; of more, a half that changes nothing is done with. */
const FEW = 6;

function oneByOne<T, C extends Cell>(search: Search<T, C>, things: readonly T[], all: readonly Caused<T, C>[]): readonly Caused<T, C>[] {
  const [first, second] = things;
  if (first === undefined || all.length === 0) return all;
  if (second !== undefined && things.length <= FEW) return things.reduce((cells, thing) => oneByOne(search, [thing], cells), all);
  const { restored, others } = judged(search, things, all);
  if (second === undefined) return [...restored.map((c) => ({ ...c, causes: [...c.causes, first] })), ...others];
  const half = Math.ceil(things.length / 2);
  return [...oneByOne(search, things.slice(half), oneByOne(search, things.slice(0, half), restored)), ...others];
}

interface Judged<T, C extends Cell> {
  /** Calls of which without these things the same is said as before all. */
  readonly restored: readonly Caused<T, C>[];
  readonly others: readonly Caused<T, C>[];
}

function judged<T, C extends Cell>(search: Search<T, C>, left: readonly T[], all: readonly Caused<T, C>[]): Judged<T, C> {
  const rows =
    all.length === 0 || search.budget.left-- <= 0
      ? null
      : search.without(
          left,
          all.map((c) => c.cell),
        );
  if (rows === null) return { restored: [], others: all };
  const restored: Caused<T, C>[] = [];
  const others: Caused<T, C>[] = [];
  for (const one of all) {
    const { cell } = one;
    const [old, now] = [search.before.get(keyOf(cell.ends)) ?? [], rows.get(keyOf(cell.ends)) ?? []];
    for (const piece of cellsOf(cell.ends, now, cell.ports)) {
      const isRestored = compare(toldOf(piece, old), toldOf(piece, now)) === null;
      (isRestored ? restored : others).push({ ...one, cell: { ...cell, ports: piece.ports } });
    }
    if (cell.ports === null && now.length === 0) (old.length === 0 ? restored : others).push(one);
  }
  return { restored, others };
}

function together<T, C extends Cell>(search: Search<T, C>, things: readonly T[], cells: readonly C[]): readonly Caused<T, C>[] {
  const found: Caused<T, C>[] = [];
  for (let left: readonly C[] = cells; left[0] !== undefined; ) {
    const [cell] = left;
    const smallest = reduced(search, things, cell);
    const { restored, others } = judged(
      search,
      smallest,
      left.map((c) => joint(c, smallest)),
    );
    // Without any of them it is as before, or nobody knows: what is not confirmed is not said.
    if (restored.length === 0) return [...found, ...left.map((c) => joint(c, []))];
    found.push(...restored);
    left = others.map((o) => o.cell);
  }
  return found;
}

const joint = <T, C extends Cell>(cell: C, causes: readonly T[]): Caused<T, C> => ({ cell, causes, isJoint: true });

/** A group of things without which the change does not come about, and none of which can be spared. */
function reduced<T, C extends Cell>(search: Search<T, C>, all: readonly T[], cell: C): readonly T[] {
  const suffices = (things: readonly T[]) => {
    const { restored, others } = judged(search, things, [joint(cell, things)]);
    return restored.length > 0 && others.length === 0;
  };
  let things = all;
  for (let size = Math.ceil(things.length / 2); size >= 1; ) {
    const smaller = starts(things.length, size)
      .map((i) => things.toSpliced(i, size))
      .find((some) => some.length > 0 && suffices(some));
    if (smaller !== undefined) things = smaller;
    else if (size === 1) return things;
    size = Math.max(1, Math.min(smaller === undefined ? Math.floor(size / 2) : size, Math.ceil(things.length / 2)));
    if (things.length === 1) return things;
  }
  return things;
}

const starts = (length: number, size: number): readonly number[] => Array.from({ length: Math.ceil(length / size) }, (_, i) => i * size);
