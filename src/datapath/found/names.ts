import { familyOf, type IpAddress, isLinkLocal, isLoopback } from '../../net/address.ts';
import type { NetnsBuilder } from '../builder.ts';
import { MAIN_TABLE } from '../fib.ts';
import type { FoundState } from '../found-state.ts';
import type { Device, Netns } from '../netns.ts';
import { standInName } from '../unrouted.ts';
import { type Seen, seenIn } from './seen.ts';

/** The names that the devices of a machine were found under, by those that they were compiled with; one that was not recognised has none. */
export type FoundNames = ReadonlyMap<string, string>;

/** The found devices of a machine, and the compiled devices that they are. */
export interface Recognised {
  readonly found: FoundState;
  /** All that was found, of which `found` is what wins. */
  readonly all: FoundState;
  readonly seen: Seen;
  readonly names: FoundNames;
  /** Compiled names that no device of a real machine has. */
  readonly madeUp: ReadonlySet<string>;
}

/**
 * Matches found devices with compiled ones. `used`: the parts of the state that replace compiled ones; the others are used for names only.
 */
export function recognise({ netns }: NetnsBuilder, found: FoundState, madeUp: ReadonlySet<string>, used: FoundState = found): Recognised {
  return { found: used, all: found, seen: seenIn(used), names: foundNames(netns, found, seenIn(found)), madeUp };
}

function foundNames({ devices }: Netns, found: FoundState, seen: Seen): FoundNames {
  const names = new Map([['lo', 'lo']]);
  const taken = new Set(['lo']);
  const recognise = (of: (device: Device) => string | null): void => {
    for (const device of devices.values()) {
      const name = names.has(device.name) ? null : of(device);
      if (name === null || taken.has(name) || !seen.names.has(name)) continue;
      names.set(device.name, name);
      taken.add(name);
    }
  };
  standIn(names, found);
  const unknown = () => [...devices.values()].filter((d) => !names.has(d.name));
  recognise((d) => (d.kind === 'nic' ? holderOf(d, seen) : null));
  recognise((d) => (d.kind === 'nic' ? defaultDevice(d, found) : null));
  recognise((d) => (d.kind === 'veth' ? wayTo(d, seen, taken) : null));
  recognise((d) => (isOfKind(d, seen.links?.get(d.name)?.kind ?? null) ? d.name : null));
  recognise((d) => (d.kind === 'nic' || d.kind === 'veth' ? null : (holderOf(d, seen) ?? onlyOfKind(d, unknown(), seen, taken))));
  return names;
}

/** The name of the device that stands for an unknown one; no device was found with it. */
function standIn(names: Map<string, string>, { unrouted }: FoundState): void {
  const name = unrouted === undefined ? null : standInName(unrouted);
  if (name !== null) names.set('eth0', name);
}

/** Addresses that are a device's own, and no other's. */
const ownOf = ({ addresses }: Device): readonly IpAddress[] =>
  addresses.map((a) => a.address).filter((a) => !isLoopback(a) && !isLinkLocal(a));

function holderOf(device: Device, { holders, links }: Seen): string | null {
  for (const address of ownOf(device)) {
    const holder = holders.get(address);
    if (holder !== undefined && (device.kind === 'nic' || isOfKind(device, links?.get(holder)?.kind ?? null))) return holder;
  }
  return null;
}

/** The NIC whose address is not known: the device of the default route. */
function defaultDevice(device: Device, { routes, addresses }: FoundState): string | null {
  const families = new Set(ownOf(device).map(familyOf));
  for (const family of families) {
    if (addresses[family] !== null) continue;
    for (const { prefix, type, nextHops } of routes[family].get(MAIN_TABLE) ?? [])
      if (prefix.length === 0 && type === 'unicast') return nextHops[0]?.device ?? null;
  }
  return null;
}

/** The device that another namespace's address is behind: by a route to it alone, or by a neighbour; on a bridge, by the port of its MAC address. */
function wayTo({ peer }: Extract<Device, { kind: 'veth' }>, seen: Seen, taken: ReadonlySet<string>): string | null {
  for (const address of peer === null ? [] : ownOf(peer)) {
    const way = seen.ways.get(address);
    if (way !== undefined && mayBeVeth(way, seen, taken)) return way;
    for (const { device, lladdr, state } of seen.neighbours.get(address) ?? []) {
      if (state === 'FAILED' || state === 'INCOMPLETE') continue;
      if (mayBeVeth(device, seen, taken)) return device;
      const port = lladdr === null ? undefined : seen.ports.get(lladdr);
      if (port !== undefined && mayBeVeth(port, seen, taken)) return port;
    }
  }
  return null;
}

const mayBeVeth = (name: string, { links, bridges }: Seen, taken: ReadonlySet<string>): boolean =>
  !taken.has(name) && !bridges.has(name) && [null, 'veth'].includes(links?.get(name)?.kind ?? null);

/** A kind that is not shown may be any. */
function isOfKind(device: Device, kind: string | null): boolean {
  if (kind === null || device.kind === 'nic') return true;
  return device.kind === 'vxlan' ? kind === device.carrier : device.kind === kind;
}

/** There is one such device that is not recognised, and one that is not compiled. */
function onlyOfKind(device: Device, unknown: readonly Device[], { links }: Seen, taken: ReadonlySet<string>): string | null {
  if (device.kind === 'loopback' || device.kind === 'dummy') return null;
  const compiled = unknown.filter((d) => d.kind === device.kind);
  const found = [...(links?.values() ?? [])].filter((l) => l.kind !== null && isOfKind(device, l.kind) && !taken.has(l.name));
  return compiled.length === 1 && found.length === 1 ? (found[0]?.name ?? null) : null;
}
