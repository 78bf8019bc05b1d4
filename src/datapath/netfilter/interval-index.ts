/** Both ends are in it. Numbers, or addresses of one family. */
export interface Interval<E> {
  readonly first: number | bigint;
  readonly last: number | bigint;
  readonly element: E;
}

interface Sorted<E> extends Interval<E> {
  /** Its place in the list as it was given. */
  readonly place: number;
  /** The furthest end of this one and of all that are sorted before it. */
  furthest: number | bigint;
}

/** The element of the first interval in the list that a value is in. Intervals of one set seldom overlap: then few are looked at. */
export function intervalIndex<E>(intervals: readonly Interval<E>[]): (value: number | bigint | string | undefined) => E | undefined {
  const numbers = sorted(intervals, 'number');
  const addresses = sorted(intervals, 'bigint');
  return (value) => {
    if (value === undefined || typeof value === 'string') return undefined;
    return around(typeof value === 'number' ? numbers : addresses, value);
  };
}

function sorted<E>(intervals: readonly Interval<E>[], type: 'number' | 'bigint'): readonly Sorted<E>[] {
  const all = intervals.flatMap((interval, place) =>
    typeof interval.first === type ? [{ ...interval, place, furthest: interval.last }] : [],
  );
  all.sort((a, b) => (a.first < b.first ? -1 : a.first > b.first ? 1 : 0));
  let furthest: number | bigint | null = null;
  for (const one of all) {
    if (furthest !== null && furthest > one.last) one.furthest = furthest;
    furthest = one.furthest;
  }
  return all;
}

function around<E>(all: readonly Sorted<E>[], value: number | bigint): E | undefined {
  let found: Sorted<E> | undefined;
  for (let i = countUpTo(all, value) - 1; i >= 0; i--) {
    const one = all[i];
    if (one === undefined || one.furthest < value) break;
    if (one.last >= value && (found === undefined || one.place < found.place)) found = one;
  }
  return found?.element;
}

/** How many begin at the value or before it. */
function countUpTo<E>(all: readonly Sorted<E>[], value: number | bigint): number {
  let [low, high] = [0, all.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((all[middle]?.first ?? value) <= value) low = middle + 1;
    else high = middle;
  }
  return low;
}
