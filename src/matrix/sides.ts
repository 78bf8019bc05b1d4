import { nodeOf, thingOf } from './end.ts';
import type { Sort } from './kinds.ts';
import type { End, Side } from './question.ts';

/** The ends of a side that are of one sort. */
export interface Part extends Sort {
  readonly ends: readonly End[];
  /** The one that is asked about. */
  readonly first: End;
  /** How many there are on each node; empty: they are on none. */
  readonly byNode: ReadonlyMap<string, number>;
}

export function partsOf({ ends }: Pick<Side, 'ends'>, sortOf: (end: End) => Sort): readonly Part[] {
  return [...grouped(ends, (end) => sortOf(end).kind).values()].map((some) => partWith(sortOf(some[0]), some));
}

/** The ends of a part, by what is near them. */
export function cut(part: Part, nearOf: (end: End) => string): readonly (readonly [string, Part])[] {
  return [...grouped(part.ends, nearOf)].map(([near, ends]) => [near, partWith(part, ends)] as const);
}

type Some = [End, ...End[]];

function grouped<K>(ends: readonly End[], keyOf: (end: End) => K): ReadonlyMap<K, Some> {
  const found = new Map<K, Some>();
  for (const end of ends) {
    const key = keyOf(end);
    const known = found.get(key);
    if (known === undefined) found.set(key, [end]);
    else known.push(end);
  }
  return found;
}

function partWith({ path, kind }: Sort, ends: Some): Part {
  const byNode = new Map<string, number>();
  for (const end of ends) {
    const node = nodeOf(end);
    if (node !== null) byNode.set(node, (byNode.get(node) ?? 0) + 1);
  }
  return { path, kind, ends, first: ends[0], byNode };
}

/** Pairs of members of two parts, nobody with itself. */
export interface Pairs {
  readonly onOneNode: number;
  readonly onTwo: number;
}

/** `overlap`: some may be members of both. */
export function pairsOf(from: Part, to: Part, overlap: boolean): Pairs {
  const itself = overlap ? common(from, to) : 0;
  const [few, many] = from.byNode.size < to.byNode.size ? [from, to] : [to, from];
  let near = 0;
  for (const [node, count] of few.byNode) near += count * (many.byNode.get(node) ?? 0);
  return { onOneNode: near - itself, onTwo: from.ends.length * to.ends.length - near };
}

function common(from: Part, to: Part): number {
  const own = new Set(from.ends.map(thingOf));
  return to.ends.filter((end) => own.has(thingOf(end))).length;
}
