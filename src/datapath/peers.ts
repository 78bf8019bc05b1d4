import type { IpAddress } from '../net/address.ts';
import type { Mac } from '../net/mac.ts';
import type { Origin } from '../source/origin.ts';

/** What machines know of each other on a link, where it is not asked for but written down. */

/**
 * An entry of the neighbour table. `failed`: resolution fails. `absent`: a compiled entry is removed. `permanent`: the MAC address is taken
 * without a request.
 */
export type Neighbour = NeighbourOf & { readonly address: IpAddress; readonly device: string; readonly origin: Origin };

type NeighbourOf =
  | { readonly state: 'failed' | 'absent' }
  /** `found`: from a machine, and not stated in the input: the entry may be of a device whose MAC address the input does not have. */
  | { readonly state: 'permanent'; readonly lladdr: Mac; readonly found?: true };

/** An entry of a VXLAN device's forwarding table: the machine that frames for this MAC address are sent to. Null: the entry is lost. */
export interface FdbEntry {
  readonly lladdr: Mac;
  readonly dst: IpAddress | null;
  readonly origin: Origin;
}

/** The other end of a tunnel, for which each machine has a permanent neighbour and an entry in the forwarding table. */
export interface Peer {
  /** Its tunnel device's, in the neighbour entry. */
  readonly address: IpAddress;
  readonly lladdr: Mac;
  /** Its machine's, on the network that carries the tunnel. */
  readonly dst: IpAddress;
  readonly origin: Origin;
}

/** The ends of a tunnel, as all machines know them: it is one for all of them, so that no machine keeps a copy. */
export interface Peers {
  readonly byAddress: ReadonlyMap<IpAddress, Peer>;
  readonly byMac: ReadonlyMap<Mac, Peer>;
}

export const NO_PEERS: Peers = { byAddress: new Map(), byMac: new Map() };

export const peersOf = (all: readonly Peer[]): Peers => ({
  byAddress: new Map(all.map((p) => [p.address, p])),
  byMac: new Map(all.map((p) => [p.lladdr, p])),
});
