import type { Netns, Vxlan } from './netns.ts';
import type { FdbEntry, Neighbour } from './peers.ts';

/** The entries that are written in a machine's tables, its own and those that all machines share; not the ones that are lost. */

type Present<T extends { dst: unknown }> = T & { readonly dst: NonNullable<T['dst']> };

/** The entries that `bridge fdb show dev NAME` lists. */
export function* fdbOf({ fdb, peers, hides }: Vxlan): Iterable<Present<FdbEntry>> {
  for (const { lladdr, dst, origin } of fdb.values()) if (dst !== null) yield { lladdr, dst, origin };
  for (const peer of peers.byMac.values()) if (!hides(peer) && !fdb.has(peer.lladdr)) yield peer;
}

/** The permanent and the failed entries that `ip neighbour show` lists. */
export function* neighboursOf({ neighbours, devices }: Netns): Iterable<Neighbour> {
  for (const n of neighbours) if (n.state !== 'absent') yield n;
  for (const device of devices.values()) {
    if (device.kind !== 'vxlan') continue;
    for (const peer of device.peers.byAddress.values()) {
      const { address, lladdr, origin } = peer;
      const isOverruled = neighbours.some((n) => n.address === address && n.device === device.name);
      if (!device.hides(peer) && !isOverruled) yield { address, device: device.name, state: 'permanent', lladdr, origin };
    }
  }
}
