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

/** Places of rules: by the one address that they are about, else by the one port, else those that may be about any packet. */
interface Index {
  readonly byAddress: ReadonlyMap<IpAddress, readonly number[]>;
  readonly byPort: ReadonlyMap<number, readonly number[]>;
  readonly others: readonly number[];
}

function indexOf(rules: readonly Rule[]): Index {
  const byAddress = new Map<IpAddress, number[]>();
  const byPort = new Map<number, number[]>();
  const others: number[] = [];
  rules.forEach(({ matches }, i) => {
    const address = oneAddress(matches);
    const port = address === null ? onePort(matches) : null;
    if (address !== null) put(byAddress, address, i);
    else if (port !== null) put(byPort, port, i);
    else others.push(i);
  });
  return { byAddress, byPort, others };
}

function oneAddress(matches: readonly Match[]): IpAddress | null {
  for (const m of matches) if (m.kind === 'destination' && !m.negated && isHostPrefix(m.prefix)) return m.prefix.address;
  return null;
}

function onePort(matches: readonly Match[]): number | null {
  for (const m of matches) if (m.kind === 'dport' && !m.negated && m.first === m.last) return m.first;
  return null;
}

function put<K>(map: Map<K, number[]>, key: K, place: number): void {
  const others = map.get(key);
  if (others === undefined) map.set(key, [place]);
  else others.push(place);
}

const NONE: readonly number[] = [];

function pick(rules: readonly Rule[], { byAddress, byPort, others }: Index, key: DispatchKey): readonly Rule[] {
  const places = [...(byAddress.get(key.destination) ?? NONE), ...(byPort.get(key.destinationPort) ?? NONE), ...others];
  return places.sort((a, b) => a - b).map((i) => rules[i] as Rule);
}
