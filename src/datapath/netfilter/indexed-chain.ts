import type { IpAddress } from '../../net/address.ts';
import { isHostPrefix } from '../../net/prefix.ts';
import type { Match } from './match.ts';
import { type Chain, type DispatchKey, plainChain, type Rule } from './ruleset.ts';

/** Shorter chains are looked through as fast as an index answers, and a trace then shows every rule that did not match. */
export const LONG = 32;

/** A chain of rules. A long one is found by the destination or the port that its rules ask for, where the kernel looks at every rule in turn. */
export function chainOf(name: string, rules: readonly Rule[]): Chain {
  if (rules.length < LONG) return plainChain(name, rules);
  let index: Index | null = null;
  return {
    name,
    rules: () => rules,
    candidates(key) {
      index ??= indexOf(rules);
      return pick(rules, index, key);
    },
  };
}

/** A chain whose rules are made when a packet comes to it. */
export function chainMadeBy(name: string, make: () => readonly Rule[]): Chain {
  let made: Chain | null = null;
  const chain = (): Chain => {
    made ??= chainOf(name, make());
    return made;
  };
  return { name, rules: () => chain().rules(), candidates: (key) => chain().candidates(key) };
}

/**
 * Places of rules: by the one address that they are about, else by the one port, else those that may be about any packet. A map has the last
 * place, and `before` has of each place the one before it that is about the same (-1: none), as an array for each of thousands takes longer
 * than to look at the rules.
 */
interface Index {
  readonly byAddress: ReadonlyMap<IpAddress, number>;
  readonly byPort: ReadonlyMap<number, number>;
  readonly before: Int32Array;
  readonly others: readonly number[];
}

function indexOf(rules: readonly Rule[]): Index {
  const byAddress = new Map<IpAddress, number>();
  const byPort = new Map<number, number>();
  const before = new Int32Array(rules.length).fill(NONE);
  const others: number[] = [];
  for (const [i, { matches }] of rules.entries()) {
    const address = oneAddress(matches);
    const port = address === null ? onePort(matches) : null;
    if (address !== null) put(byAddress, address, i, before);
    else if (port !== null) put(byPort, port, i, before);
    else others.push(i);
  }
  return { byAddress, byPort, before, others };
}

const NONE = -1;

function oneAddress(matches: readonly Match[]): IpAddress | null {
  for (const m of matches) if (m.kind === 'destination' && !m.negated && isHostPrefix(m.prefix)) return m.prefix.address;
  return null;
}

function onePort(matches: readonly Match[]): number | null {
  for (const m of matches) if (m.kind === 'dport' && !m.negated && m.first === m.last) return m.first;
  return null;
}

function put<K>(last: Map<K, number>, key: K, place: number, before: Int32Array): void {
  before[place] = last.get(key) ?? NONE;
  last.set(key, place);
}

function pick(rules: readonly Rule[], { byAddress, byPort, before, others }: Index, key: DispatchKey): readonly Rule[] {
  const places = [...others];
  for (const last of [byAddress.get(key.destination), byPort.get(key.destinationPort)])
    for (let place = last ?? NONE; place !== NONE; place = before[place] ?? NONE) places.push(place);
  return places.sort((a, b) => a - b).map((i) => rules[i] as Rule);
}
