import type { Firewall, InternetGateway, OutsideHost, Router, UnderlaySegment } from '../../k8s/network.ts';
import type { IpAddress } from '../../net/address.ts';
import type { Prefix } from '../../net/prefix.ts';
import type { Locus } from '../../source/origin.ts';

/** The network between the nodes, and how to find one's place on it. */
export interface UnderlayPlan {
  readonly mtu: number;
  readonly sourceCheck: Locus | null;
  readonly segments: ReadonlyMap<string, UnderlaySegment>;
  readonly routers: readonly Router[];
  readonly firewall: Firewall | null;
  readonly gateway: InternetGateway | null;
  readonly outside: readonly OutsideHost[];
  /** The name of the segment that holds an address; null: none does. */
  segmentOf(address: IpAddress): string | null;
  /** The prefixes of the other segments, when there are routers. */
  furtherFrom(segment: string | null): readonly Prefix[];
  /** The prefix of an address on its segment. */
  prefixOn(segment: string, address: IpAddress): Prefix;
}

/** Where addresses are on the network between the nodes. */
export type Places = Pick<UnderlayPlan, 'segments' | 'segmentOf'>;
