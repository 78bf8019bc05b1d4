import type { Service } from '../k8s/service.ts';
import { type Localities, nodeOf } from './localities.ts';
import type { End, Side } from './question.ts';

/** The ends of a side that are of one kind. */
export interface Part {
  readonly kind: number;
  readonly ends: readonly End[];
  /** How many there are on each node; empty: they are on none. */
  readonly byNode: ReadonlyMap<string, number>;
}

export function partsOf({ ends }: Pick<Side, 'ends'>, kindOf: (end: End) => number): readonly Part[] {
  return [...grouped(ends, kindOf)].map(([kind, some]) => partWith(kind, some));
}

/** The part, cut by what of a service is near. */
export function partsNear(part: Part, service: Service, localities: Localities): readonly (Part & { readonly near: string })[] {
  return [...grouped(part.ends, (end) => localities.of(service, end))].map(([near, ends]) => ({ ...partWith(part.kind, ends), near }));
}

function grouped<K>(ends: readonly End[], keyOf: (end: End) => K): ReadonlyMap<K, End[]> {
  const found = new Map<K, End[]>();
  for (const end of ends) {
    const key = keyOf(end);
    const known = found.get(key);
    if (known === undefined) found.set(key, [end]);
    else known.push(end);
  }
  return found;
}

function partWith(kind: number, ends: readonly End[]): Part {
  const byNode = new Map<string, number>();
  for (const end of ends) {
    const node = nodeOf(end);
    if (node !== null) byNode.set(node, (byNode.get(node) ?? 0) + 1);
  }
  return { kind, ends, byNode };
}

/** Pairs of members of two parts, nobody with itself. */
export interface Pairs {
  readonly all: number;
  readonly onOneNode: number;
}

/** `overlap`: some may be members of both. */
export function pairsOf(from: Part, to: Part, overlap: boolean): Pairs {
  const itself = overlap ? common(from, to) : 0;
  const [few, many] = from.byNode.size < to.byNode.size ? [from, to] : [to, from];
  let onOneNode = 0;
  for (const [node, count] of few.byNode) onOneNode += count * (many.byNode.get(node) ?? 0);
  return { all: from.ends.length * to.ends.length - itself, onOneNode: onOneNode - itself };
}

function common(from: Part, to: Part): number {
  const own = new Set(from.ends.map(thingOf));
  return to.ends.filter((end) => own.has(thingOf(end))).length;
}

export function thingOf(end: End): object {
  if (end.kind === 'pod') return end.pod;
  if (end.kind === 'node') return end.node;
  return end.kind === 'service' ? end.service : end;
}
