import { PROTOCOLS, type Protocol } from '../net/packet.ts';
import type { Tally } from './rows.ts';

/** The tallies of several parts as those of the whole: ports that some of them tell apart are told apart. */
export function together(all: readonly { readonly tally: Tally; readonly pairs: number }[]): readonly Tally[] {
  const weighed = all.map(({ tally, pairs }) => weigh(tally, pairs));
  return PROTOCOLS.flatMap((protocol) =>
    ofProtocol(
      protocol,
      weighed.filter((t) => t.protocol === protocol),
    ),
  );
}

const weigh = (tally: Tally, pairs: number): Tally => ({
  ...tally,
  pairs: tally.pairs * pairs,
  ended: tally.ended.map((one) => ({ ...one, weight: one.weight * pairs })),
});

function ofProtocol(protocol: Protocol, all: readonly Tally[]): readonly Tally[] {
  const [first, second] = all;
  if (first === undefined) return [];
  if (second === undefined) return all;
  if (protocol === 'icmp') return [sum(null, all)];
  const borders = [...new Set(all.flatMap(({ ports }) => (ports === null ? [] : [ports.first, ports.last + 1])))].sort((a, b) => a - b);
  const starting = new Map<number, Tally[]>();
  for (const tally of all) {
    const start = tally.ports?.first ?? 0;
    const known = starting.get(start);
    if (known === undefined) starting.set(start, [tally]);
    else known.push(tally);
  }
  let open: readonly Tally[] = [];
  return borders.slice(0, -1).flatMap((start, i) => {
    open = [...open.filter((t) => (t.ports?.last ?? 0) >= start), ...(starting.get(start) ?? [])];
    return open.length === 0 ? [] : [sum({ first: start, last: (borders[i + 1] ?? start + 1) - 1 }, open)];
  });
}

function sum(ports: Tally['ports'], all: readonly Tally[]): Tally {
  const [first] = all;
  return {
    protocol: first?.protocol ?? 'tcp',
    ports,
    pairs: all.reduce((count, t) => count + t.pairs, 0),
    ended: all.flatMap((t) => t.ended),
  };
}
