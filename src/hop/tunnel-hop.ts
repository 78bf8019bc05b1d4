import type { IpAddress } from '../net/address.ts';
import type { Mac } from '../net/mac.ts';
import type { Origin } from '../source/origin.ts';
import type { HopBase } from './hop-base.ts';

/** The kind of a tunnel, and its two ends on the network that carries it. */
export interface TunnelEnds {
  readonly type: 'vxlan' | 'geneve' | 'ipip';
  readonly vni: number | null;
  /** UDP; null: it does not travel in UDP. */
  readonly port: number | null;
  readonly local: IpAddress;
  readonly remote: IpAddress;
}

/** A tunnel device puts the packet into another one. */
export interface EncapHop extends HopBase {
  readonly kind: 'encap';
  readonly tunnel: TunnelEnds;
  /** Why it is sent there: null for tunnels that the route alone leads through. */
  readonly by: { readonly neighbour: NeighbourEntry; readonly fdb: FdbHit } | null;
}

export interface NeighbourEntry {
  readonly address: IpAddress;
  readonly lladdr: Mac;
  readonly origin: Origin;
}

export interface FdbHit {
  readonly lladdr: Mac;
  readonly dst: IpAddress;
  readonly origin: Origin;
}

/** A tunnel device takes the packet out of the one that carried it. */
export interface DecapHop extends HopBase {
  readonly kind: 'decap';
  readonly tunnel: TunnelEnds;
}
