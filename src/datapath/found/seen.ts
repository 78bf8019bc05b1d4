import type { IpAddress } from '../../net/address.ts';
import type { Mac } from '../../net/mac.ts';
import { isHostPrefix } from '../../net/prefix.ts';
import { LOCAL_TABLE, MAIN_TABLE } from '../fib.ts';
import type { FoundAddress, FoundLink, FoundNeighbour, FoundState } from '../found-state.ts';
import type { Route } from '../route.ts';

/** The facts about devices that any part of a found state has. */
export interface Seen {
  /** All that are named; of routes, those that packets leave by. */
  readonly names: ReadonlySet<string>;
  /** Null: no list of devices was given, so that one that is not named may be there. */
  readonly links: ReadonlyMap<string, FoundLink> | null;
  /** The device that has an address. */
  readonly holders: ReadonlyMap<IpAddress, string>;
  /** The device that an address, and no other, is behind. */
  readonly ways: ReadonlyMap<IpAddress, string>;
  readonly neighbours: ReadonlyMap<IpAddress, readonly FoundNeighbour[]>;
  /** Devices that have ports. */
  readonly bridges: ReadonlySet<string>;
  /** The port of a bridge that a MAC address is behind. */
  readonly ports: ReadonlyMap<Mac, string>;
}

export function seenIn(found: FoundState): Seen {
  const { links, neighbours, fdb } = found;
  const addresses = [...(found.addresses.IPv4 ?? []), ...(found.addresses.IPv6 ?? [])];
  const routes = allRoutes(found);
  const names = new Set([
    ...(links ?? []).map((l) => l.name),
    ...addresses.map((a) => a.device),
    ...(neighbours ?? []).map((n) => n.device),
    ...(fdb ?? []).map((e) => e.device),
    ...routes.flatMap(({ route }) => route.nextHops.map((n) => n.device)),
  ]);
  return {
    names,
    links: links === null ? null : new Map(links.map((l) => [l.name, l])),
    holders: holdersOf(addresses, routes),
    ways: waysOf(routes, new Set((links ?? []).flatMap((l) => (l.master === null ? [] : [l.name])))),
    neighbours: groupedByAddress(neighbours ?? []),
    bridges: new Set((links ?? []).flatMap((l) => [...(l.kind === 'bridge' ? [l.name] : []), ...(l.master === null ? [] : [l.master])])),
    ports: new Map(
      (fdb ?? []).flatMap((e) => (e.dst === null && !e.permanent && e.master !== null ? [[e.lladdr, e.device] as const] : [])),
    ),
  };
}

function groupedByAddress(all: readonly FoundNeighbour[]): ReadonlyMap<IpAddress, readonly FoundNeighbour[]> {
  const groups = new Map<IpAddress, FoundNeighbour[]>();
  for (const n of all) groups.set(n.address, [...(groups.get(n.address) ?? []), n]);
  return groups;
}

interface InTable {
  readonly table: number;
  readonly route: Route;
}

const allRoutes = ({ routes }: FoundState): readonly InTable[] =>
  [...routes.IPv4, ...routes.IPv6].flatMap(([table, all]) => all.map((route) => ({ table, route })));

/** The device of each address, from the list of addresses, or else from the local table or the sources of links. */
function holdersOf(addresses: readonly FoundAddress[], routes: readonly InTable[]): ReadonlyMap<IpAddress, string> {
  const holders = new Map<IpAddress, string>();
  for (const { table, route } of routes) {
    const device = onlyDevice(route);
    if (device === null) continue;
    if (table === LOCAL_TABLE && route.type === 'local' && isHostPrefix(route.prefix)) holders.set(route.prefix.address, device);
    if (route.source !== null && route.nextHops.every((n) => n.via === null) && !holders.has(route.source))
      holders.set(route.source, device);
  }
  for (const { address, device } of addresses) holders.set(address, device);
  return holders;
}

const onlyDevice = ({ nextHops: [first, ...others] }: Route): string | null =>
  first === undefined || others.length > 0 ? null : first.device;

/** The device towards each address. A route by a port of a bridge does not count; the main table comes before the others. */
function waysOf(routes: readonly InTable[], ports: ReadonlySet<string>): ReadonlyMap<IpAddress, string> {
  const ways = routes.flatMap(({ table, route }) => wayOf(route).map(([address, device]) => ({ table, address, device })));
  const [main, others] = [ways.filter((w) => w.table === MAIN_TABLE), ways.filter((w) => w.table !== MAIN_TABLE)];
  return new Map([...others, ...main].flatMap(({ address, device }) => (ports.has(device) ? [] : [[address, device] as const])));
}

const wayOf = (route: Route): readonly [IpAddress, string][] => {
  const device = onlyDevice(route);
  return route.type === 'unicast' && device !== null && isHostPrefix(route.prefix) ? [[route.prefix.address, device]] : [];
};
