import type { Netns, Segment } from '../datapath/netns.ts';
import type { Route } from '../datapath/route.ts';
import type { BetweenNodes, Cni } from '../k8s/cni.ts';
import type { IpAddress, IpFamily } from '../net/address.ts';
import type { Prefix } from '../net/prefix.ts';

/** The network as every machine on a segment has it. */
export interface SegmentPlan {
  readonly segment: Segment;
  /** The prefix that an address has on it. */
  prefixOf(address: IpAddress): Prefix;
  /** What its nodes with these links have of all nodes, as the CNI plugin has it. */
  between(cni: Cni, links: readonly Prefix[]): BetweenNodes;
  /** To the other segments, by a router. */
  readonly furtherRoutes: readonly Route[];
  /** How to get to another segment: it is this one, by this router of it, or there is no way. */
  wayTo(family: IpFamily, segment: string): 'here' | IpAddress | null;
  /** Where a machine with this address on it sends what is for elsewhere; null: nowhere. */
  exit(ip: IpAddress): IpAddress | null;
}

/** The network between the nodes: segments, the routers that join them, and the gateway to the world outside. */
export interface UnderlayNetwork {
  segment(name: string): SegmentPlan;
  /** The namespace of a router, of the gateway or of a machine on the internet: by its name, or by an address that no machine has. */
  netns(name: string): Netns | undefined;
}
