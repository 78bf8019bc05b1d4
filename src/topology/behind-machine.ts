import { MAIN_TABLE } from '../datapath/fib.ts';
import { mayBePair } from '../datapath/found/pair-names.ts';
import type { FoundState } from '../datapath/found-state.ts';
import { FAMILIES, familyOf, formatAddress, type IpAddress, isLinkLocal } from '../net/address.ts';
import type { Mac } from '../net/mac.ts';
import { contains, DEFAULT_PREFIX, formatPrefix, isHostPrefix } from '../net/prefix.ts';
import type { Origin } from '../source/origin.ts';

/** What is behind the devices of a machine that is all that is known: pods stand for it. */

/** An address, and the line of the state that has it. */
export interface Told {
  readonly address: IpAddress;
  readonly origin: Origin;
}

/** An address behind a device: alone there, but for others of one machine. */
export interface Behind extends Told {
  readonly device: string;
  /** Behind a port of the device, which is a bridge. Null: not known to be. */
  readonly lladdr: Mac | null;
}

export const routesOf = ({ routes }: FoundState) => [...routes.IPv4.values(), ...routes.IPv6.values()].flat();

/** A VPN's default route is in a table of its own. */
export function wayOut(state: FoundState): string | null {
  const main = [...(state.routes.IPv4.get(MAIN_TABLE) ?? []), ...(state.routes.IPv6.get(MAIN_TABLE) ?? [])];
  const route = [...main, ...routesOf(state)].find((r) => r.prefix.length === 0 && r.type === 'unicast');
  return route?.nextHops[0]?.device ?? null;
}

/** Addresses that are behind a device of their own, or are neighbours there: not those of the network outside. */
export function behind(state: FoundState, own: readonly Told[]): readonly Behind[] {
  const way = wayOut(state);
  const isInside = (device: string) => device !== way && device !== 'lo' && (isVethOrBridge(state, device) ?? mayBePair(device));
  const byRoute = routesOf(state).flatMap(({ prefix, type, nextHops: [hop, ...others], origin }) =>
    type === 'unicast' && isHostPrefix(prefix) && hop !== undefined && hop.via === null && others.length === 0 && isInside(hop.device)
      ? [{ address: prefix.address, device: hop.device, lladdr: null, origin }]
      : [],
  );
  const ports = portsByMac(state);
  const near = (state.neighbours ?? []).flatMap(({ address, device, lladdr, state: is, origin }): readonly Behind[] => {
    if (!isInside(device) || /FAILED|INCOMPLETE/.test(is)) return [];
    if (lladdr !== null && ports.get(lladdr) === device) return [{ address, device, lladdr, origin }];
    return isShared(state, device) ? [] : [{ address, device, lladdr: null, origin }];
  });
  const known = new Set(own.map((a) => a.address));
  const found = new Map<IpAddress, Behind>([...near, ...byRoute].map((told) => [told.address, told]));
  return [...found.values()].filter(({ address }) => !isLinkLocal(address) && !known.has(address));
}

/** The bridge that has learned a MAC address, by one of its ports that is a veth. */
function portsByMac({ fdb, links }: FoundState): ReadonlyMap<Mac, string> {
  const isVeth = (name: string) => links?.some((l) => l.name === name && l.kind === 'veth') === true;
  return new Map(
    (fdb ?? []).flatMap((e) => (e.master !== null && !e.permanent && isVeth(e.device) ? [[e.lladdr, e.master] as const] : [])),
  );
}

/**
 * Many are behind a bridge. Where its forwarding table does not tell which port leads to whom, they stay beyond it, so that their packets come in by
 * the bridge, as its rules see them.
 */
const isShared = (state: FoundState, device: string): boolean =>
  state.links?.some((l) => (l.name === device && l.kind === 'bridge') || l.master === device) === true ||
  routesOf(state).some(
    (r) => r.type === 'unicast' && !isHostPrefix(r.prefix) && r.nextHops.some((n) => n.device === device && n.via === null),
  );

/** Null: nothing says of which kind it is, as `ip address` without -d does not. */
function isVethOrBridge({ links }: FoundState, device: string): boolean | null {
  const kind = links?.find((l) => l.name === device)?.kind ?? null;
  return kind === null ? null : kind === 'veth' || kind === 'bridge';
}

/**
 * By the machines that have them: one device that is no bridge leads to one machine, as does one MAC address on a bridge. What packets are sent on by
 * is a router, and nothing tells where its ways lead.
 */
export function together(state: FoundState, all: readonly Behind[]): readonly (readonly [Behind, ...Behind[]])[] {
  const groups = new Map<string, [Behind, ...Behind[]]>();
  for (const told of all) {
    const { address, device, lladdr } = told;
    const key = lladdr ?? (isShared(state, device) ? formatAddress(address) : device);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [told]);
    else group.push(told);
  }
  const routers = new Set(routesOf(state).flatMap(({ nextHops }) => nextHops.flatMap(({ via }) => via ?? [])));
  return [...groups.values()].filter((group) => !group.some(({ address }) => routers.has(address)));
}

/** The object for a machine: its first address of each family, and those beside. */
export function podOf(node: string, state: FoundState, all: readonly [Behind, ...Behind[]], own: readonly Told[]): object {
  const first = FAMILIES.flatMap((f) => all.find((told) => familyOf(told.address) === f) ?? []);
  const beside = all.filter((told) => !first.includes(told));
  const ips = first.map((told) => formatAddress(told.address));
  const routes = first.flatMap((told) => (own.some((o) => familyOf(o.address) === familyOf(told.address)) ? onBridge(state, told) : []));
  return {
    name: nameOf(all[0].address),
    node,
    ...(ips.length > 1 ? { ips } : { ip: ips[0] }),
    ...(beside.length > 0 ? { addresses: beside.map((told) => ({ ip: formatAddress(told.address), dev: 'eth0' })) } : {}),
    ...(routes.length > 0 ? { routes: { add: routes } } : {}),
  };
}

/** Behind a port it is on the link that the bridge has an address of, which is its gateway, and calls its neighbours there directly. */
function onBridge(state: FoundState, { address, device, lladdr }: Behind): readonly object[] {
  const family = familyOf(address);
  const bridge = state.addresses[family]?.find((a) => a.device === device && contains(a.prefix, address));
  if (bridge === undefined || lladdr === null) return [];
  return [
    { to: formatPrefix(bridge.prefix), dev: 'eth0' },
    { to: formatPrefix(DEFAULT_PREFIX[family]), via: formatAddress(bridge.address), dev: 'eth0', onlink: true },
  ];
}

const nameOf = (address: IpAddress): string =>
  `pod-${formatAddress(address)
    .replace(/[^0-9a-f]+/g, '-')
    .replace(/-$/, '')}`;
