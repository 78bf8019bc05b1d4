import { FAMILIES } from '../net/address.ts';
import { PROTOCOLS } from '../net/packet.ts';
import type { PortRange } from '../reach/ports.ts';
import type { Undone } from '../topology/differences/mixed.ts';
import { causesIn } from './cause.ts';
import { CHANGE_KINDS, type Change } from './change.ts';
import { compare, keyOf, type Rows, toldOf } from './compare.ts';
import type { Explained } from './refined.ts';

export type ExplainedChange = Change & { readonly by: readonly Undone[] };

/** Cells into changes: ports of one pair of ends of which the same is to be said are one. */
export function joined(before: Rows, after: Rows, cells: readonly Explained[]): readonly ExplainedChange[] {
  const found = new Map<string, ExplainedChange & { readonly ports: PortRange[] }>();
  const keysOf = causeKeys();
  for (const { ends, ports, by } of cells.toSorted((a, b) => (a.ports?.first ?? 0) - (b.ports?.first ?? 0))) {
    const key = keyOf(ends);
    const cell = { ends, ports };
    const difference = compare(toldOf(cell, before.get(key) ?? []), toldOf(cell, after.get(key) ?? []));
    if (difference === null) continue;
    const { from, to, family, protocol } = ends;
    const alike = `${key} ${JSON.stringify(difference)} ${keysOf(by)}`;
    const known = found.get(alike);
    if (known !== undefined && ports !== null) append(known.ports, ports);
    else if (known === undefined)
      found.set(alike, {
        from,
        to,
        family,
        protocol,
        ports: ports === null ? [] : [ports],
        ...difference,
        by,
        causes: by.flatMap(causesIn),
      });
  }
  return [...found.values()].toSorted(inOrder);
}

/** The same causes have the same text. */
export function causeKeys(): (by: readonly Undone[]) => string {
  const numbers = new Map<unknown, number>();
  const numberOf = (thing: unknown) => {
    const number = numbers.get(thing) ?? numbers.size;
    numbers.set(thing, number);
    return number;
  };
  const idOf = ({ difference, parts }: Undone) => `${numberOf(difference)}:${parts?.map(numberOf).join() ?? ''}`;
  return (by) => by.map(idOf).toSorted().join(' ');
}

export function append(ports: PortRange[], { first, last }: PortRange): void {
  const before = ports.at(-1);
  if (before !== undefined && before.last + 1 === first) ports[ports.length - 1] = { first: before.first, last };
  else ports.push({ first, last });
}

export const inOrder = (a: Change, b: Change): number =>
  CHANGE_KINDS.indexOf(a.kind) - CHANGE_KINDS.indexOf(b.kind) ||
  compareText(a.from, b.from) ||
  compareText(a.to, b.to) ||
  FAMILIES.indexOf(a.family) - FAMILIES.indexOf(b.family) ||
  PROTOCOLS.indexOf(a.protocol) - PROTOCOLS.indexOf(b.protocol) ||
  (a.ports[0]?.first ?? 0) - (b.ports[0]?.first ?? 0);

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
