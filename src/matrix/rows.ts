import type { Code } from '../hop/code.ts';
import type { IpFamily } from '../net/address.ts';
import { PROTOCOLS, type Protocol } from '../net/packet.ts';
import type { PortRange } from '../reach/ports.ts';
import type { Outcome } from '../walk/flow-path.ts';
import type { Connection } from './matrix.ts';

/** What becomes of a connection, with a part of all that was tried. */
export interface Ended {
  readonly outcome: Outcome;
  readonly code: Code | null;
  readonly assumed: boolean;
  /** Of one pair of members: the probability of the path. */
  readonly weight: number;
}

/** Pairs of members at one port of a protocol: how many there are, and how their connections end. */
export interface Tally {
  readonly protocol: Protocol;
  readonly ports: PortRange | null;
  readonly pairs: number;
  readonly ended: readonly Ended[];
}

/** The order of rows. */
const OUTCOMES: readonly Outcome[] = ['delivered', 'exits', 'rejected', 'dropped', 'looped', 'undetermined'];

/** So that the order in which fractions are added is not to be seen. */
const PRECISION = 1e12;

/** The rows of one from, to and family. Ports of which a row would say the same are one row. */
export function rowsOf(from: string, to: string, family: IpFamily, tallies: readonly Tally[], blocked: boolean): readonly Connection[] {
  const found = new Map<string, Connection & { ports: PortRange[] }>();
  for (const { protocol, ports, pairs, ended } of inOrder(tallies))
    for (const { outcome, code, assumed, weight } of joined(ended)) {
      if (!blocked && outcome !== 'delivered' && outcome !== 'exits') continue;
      const share = Math.min(1, Math.round((weight / pairs) * PRECISION) / PRECISION);
      if (share === 0) continue;
      const key = [protocol, outcome, code, share, assumed].join(' ');
      const known = found.get(key);
      if (known === undefined) {
        const row = { from, to, family, protocol, ports: ports === null ? [] : [ports], outcome, code, share, assumed };
        found.set(key, row);
      } else if (ports !== null) append(known.ports, ports);
    }
  return [...found.values()].sort(compareRows);
}

const inOrder = (tallies: readonly Tally[]): readonly Tally[] =>
  [...tallies].sort(
    (a, b) => PROTOCOLS.indexOf(a.protocol) - PROTOCOLS.indexOf(b.protocol) || (a.ports?.first ?? 0) - (b.ports?.first ?? 0),
  );

/** One of each outcome and code; it is assumed where some of it is. */
function joined(ended: readonly Ended[]): readonly Ended[] {
  const found = new Map<string, Ended>();
  for (const one of ended) {
    const key = `${one.outcome} ${one.code}`;
    const known = found.get(key);
    found.set(key, known === undefined ? one : { ...known, weight: known.weight + one.weight, assumed: known.assumed || one.assumed });
  }
  return [...found.values()];
}

function append(ports: PortRange[], { first, last }: PortRange): void {
  const before = ports.at(-1);
  if (before !== undefined && before.last + 1 === first) ports[ports.length - 1] = { first: before.first, last };
  else ports.push({ first, last });
}

const compareRows = (a: Connection, b: Connection): number =>
  PROTOCOLS.indexOf(a.protocol) - PROTOCOLS.indexOf(b.protocol) ||
  (a.ports[0]?.first ?? 0) - (b.ports[0]?.first ?? 0) ||
  OUTCOMES.indexOf(a.outcome) - OUTCOMES.indexOf(b.outcome) ||
  compareText(a.code ?? '', b.code ?? '') ||
  b.share - a.share ||
  Number(a.assumed) - Number(b.assumed);

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
