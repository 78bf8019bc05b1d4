import { LOCAL_TABLE } from '../datapath/fib.ts';
import type { FoundState } from '../datapath/found-state.ts';
import type { Route } from '../datapath/route.ts';
import { formatAddress, type IpFamily } from '../net/address.ts';
import { formatPrefix } from '../net/prefix.ts';
import type { Origin } from '../source/origin.ts';
import { type Conflict, conflict } from './conflict.ts';
import { keyOf, sameState } from './same-state.ts';
import { declaredAt, type FoundPiece, type Piece, type StateText } from './text.ts';

interface Told {
  readonly routes: readonly Route[];
  readonly areBrief: boolean;
  readonly text: StateText;
}

/** The routing tables of a family. `ip route` comes before `route -n`, which leaves parts of a route out. */
export function routesOf(pieces: readonly FoundPiece[], family: IpFamily, conflicts: Conflict[]): FoundState['routes'][IpFamily] {
  const result = new Map<number, Told>();
  const ofFamily = pieces.flatMap(({ piece, text }) => (piece.kind === 'routes' && piece.family === family ? [{ piece, text }] : []));
  const inOrder = [...ofFamily.filter(({ piece }) => !isBrief(piece)), ...ofFamily.filter(({ piece }) => isBrief(piece))];
  for (const { piece, text } of inOrder)
    for (const [id, routes] of piece.tables) {
      const before = result.get(id);
      if (isUntold(routes) && (before !== undefined || (id === LOCAL_TABLE && hasAddresses(pieces, family)))) continue;
      const told: Told = { routes, areBrief: isBrief(piece), text };
      if (before === undefined || isUntold(before.routes)) result.set(id, told);
      else if (!isSameTable(before, told, family))
        conflicts.push(conflict(`routing table ${id} (${family})`, firstOf(before.routes, before.text), firstOf(routes, text), text));
    }
  return new Map([...result].map(([id, { routes }]) => [id, routes]));
}

const isBrief = (piece: Extract<Piece, { kind: 'routes' }>): boolean => piece.areBrief === true;

const isUntold = (routes: readonly Route[]): boolean => routes.some((r) => r.untold !== undefined);

/** The local table follows from addresses. */
const hasAddresses = (pieces: readonly FoundPiece[], family: IpFamily): boolean =>
  pieces.some(({ piece }) => piece.kind === 'addresses' && piece.family === family);

/** For IPv6 `route -n` prints the tables of all numbers as one (/proc/net/ipv6_route), so that it may have more routes than one table. */
function isSameTable(before: Told, after: Told, family: IpFamily): boolean {
  if (!before.areBrief && !after.areBrief) return sameState(sorted(before.routes), sorted(after.routes));
  const [first, second] = [briefly(before.routes), briefly(after.routes)];
  return family === 'IPv4' ? sameState(first, second) : first.every((route) => second.includes(route));
}

/** Routes regardless of their order, which differs between commands. */
const sorted = (routes: readonly Route[]): readonly string[] => routes.map((r) => keyOf(r)).sort();

/**
 * The parts of a route that every command prints. `route -n` prints no source, for IPv4 only the first next hop (fib_route_seq_show,
 * net/ipv4/fib_trie.c), and the same for each type that refuses; `netstat -rn` prints no metric either.
 */
const briefly = (routes: readonly Route[]): readonly string[] =>
  routes
    .map(({ prefix, nextHops: [hop] }) => {
      const way = hop === undefined ? 'refused' : `${hop.via === null ? '' : formatAddress(hop.via)} ${hop.device}`;
      return `${formatPrefix(prefix)} ${way}`;
    })
    .sort();

interface Origined {
  readonly origin: Origin;
}

export const firstOf = ([first]: readonly Origined[], text: StateText): Origin => first?.origin ?? declaredAt(text, 0);

export const hasAllTables = (pieces: readonly FoundPiece[], family: IpFamily): boolean =>
  pieces.some(({ piece }) => piece.kind === 'routes' && piece.family === family && piece.isAll);
