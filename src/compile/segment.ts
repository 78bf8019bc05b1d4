import type { Route } from '../datapath/fib.ts';
import type { Netns, Segment } from '../datapath/netns.ts';
import type { IpAddress, IpFamily } from '../net/address.ts';
import type { Prefix } from '../net/prefix.ts';
import type { PrefixTable } from '../net/prefix-table.ts';

/** What every machine on a segment shares. */
export interface SegmentPlan {
  readonly segment: Segment;
  /** The prefix that an address has on it. */
  prefixOf(address: IpAddress): Prefix;
  /** To every node's pod range: by the node itself when it is on this segment, else by a router. */
  readonly podRoutes: PrefixTable<Route>;
  /** To the other segments, by a router. */
  readonly furtherRoutes: readonly Route[];
  /** How to get to another segment: it is this one, by this router of it, or there is no way. */
  wayTo(family: IpFamily, segment: string | null): 'here' | IpAddress | null;
}

/** The network between the nodes: segments, the routers that join them, and the gateway to the world outside. */
export interface UnderlayNetwork {
  segment(name: string): SegmentPlan;
  /** A router's or the gateway's namespace. */
  netns(name: string): Netns | undefined;
}
