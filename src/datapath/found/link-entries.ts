import type { Mac } from '../../net/mac.ts';
import type { FoundState } from '../found-state.ts';
import type { Netns, Vxlan } from '../netns.ts';
import type { FdbEntry, Neighbour, Peer } from '../peers.ts';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
type Entries = Pick<FoundState, 'neighbours' | 'fdb'>;

/**
 * Replaces compiled neighbour and forwarding entries by the found ones that are permanent or have failed. Entries of other states are left
 * out: they are what ARP finds.
 */
export function foundEntries(netns: Netns, { neighbours, fdb }: Entries): void {
  const compiled = new Map<Mac, Mac>();
  for (const device of netns.devices.values()) {
    if (device.kind !== 'vxlan') continue;
    for (const [mac, known] of otherMacs(device, { neighbours, fdb })) compiled.set(mac, known);
    forget(device, { neighbours, fdb });
  }
  const asCompiled = (mac: Mac) => compiled.get(mac) ?? mac;
  for (const { lladdr, device: name, dst, origin } of fdb ?? []) {
    const device = netns.devices.get(name);
    const entry: FdbEntry = { lladdr: asCompiled(lladdr), dst, origin };
    if (device?.kind === 'vxlan' && dst !== null) device.fdb.set(entry.lladdr, entry);
  }
  if (neighbours === null) return;
  const written = neighbours.flatMap(({ address, device, lladdr, state, origin }): readonly Neighbour[] => {
    if (state === 'FAILED') return [{ address, device, state: 'failed', origin }];
    return state !== 'PERMANENT' || lladdr === null
      ? []
      : [{ address, device, state: 'permanent', lladdr: asCompiled(lladdr), found: true, origin }];
  });
  netns.neighbours.splice(0, netns.neighbours.length, ...written);
}

/** Removes the compiled entries of the kinds that were collected. */
function forget(device: Mutable<Vxlan>, { neighbours, fdb }: Entries): void {
  const { byAddress, byMac } = device.peers;
  device.peers = { byAddress: neighbours === null ? byAddress : new Map(), byMac: fdb === null ? byMac : new Map() };
  if (fdb !== null) device.fdb.clear();
}

/**
 * Found MAC addresses of tunnels' other ends, each with the compiled one of the same end: a cluster's objects do not have the real ones.
 */
function otherMacs({ name, peers }: Vxlan, { neighbours, fdb }: Entries): readonly (readonly [Mac, Mac])[] {
  const byPlace = new Map([...peers.byMac.values()].map((p) => [p.dst, p]));
  const pair = (mac: Mac | null, end: Peer | undefined) =>
    mac === null || end === undefined || peers.byMac.has(mac) || !isMadeUp(end) ? [] : [[mac, end.lladdr] as const];
  return [
    ...(neighbours ?? []).flatMap((n) => (n.device === name ? pair(n.lladdr, peers.byAddress.get(n.address)) : [])),
    ...(fdb ?? []).flatMap((e) => (e.device === name && e.dst !== null ? pair(e.lladdr, byPlace.get(e.dst)) : [])),
  ];
}

const isMadeUp = ({ origin }: Peer): boolean => origin.evidence !== 'declared' && origin.locus?.document.lax === true;
