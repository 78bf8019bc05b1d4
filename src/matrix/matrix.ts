import type { Code } from '../hop/code.ts';
import type { IpFamily } from '../net/address.ts';
import type { Protocol } from '../net/packet.ts';
import type { Prefix } from '../net/prefix.ts';
import type { PortRange } from '../reach/ports.ts';
import type { Outcome } from '../walk/flow-path.ts';

/** Members that are a row or a column together: the pods of a workload, a service, nodes, addresses outside. */
export interface Group {
  /** `Deployment/shop/web`, `Service/shop/web`, `Node/nodes`, `Network/internet`. */
  readonly id: string;
  readonly kind: string;
  /** Null: it is in none. */
  readonly namespace: string | null;
  readonly name: string;
  /** Names of pods or nodes, without namespace; of a service its own name; of a network none. */
  readonly members: readonly string[];
  /** Of kind Network only. */
  readonly cidrs?: readonly Prefix[];
}

/** Members of one group call those of another: one outcome, and the ports that it is the same at. */
export interface Connection {
  /** Ids of groups. */
  readonly from: string;
  readonly to: string;
  readonly family: IpFamily;
  readonly protocol: Protocol;
  /** As they are dialled, ascending; empty for ICMP. */
  readonly ports: readonly PortRange[];
  readonly outcome: Outcome;
  /** Null: delivered. */
  readonly code: Code | null;
  /** Of the pairs of members, without those of one member with itself, and weighted by the probability of the paths: more than 0, up to 1. */
  readonly share: number;
  /** It hangs on something that the input does not state. */
  readonly assumed: boolean;
}

export interface Matrix {
  readonly groups: readonly Group[];
  /** By from, to, family, protocol, first port, outcome and code. Made when asked for, once. */
  readonly connections: Iterable<Connection>;
  /** Pods, as namespace/name, and nodes that state no port and are called on none. */
  readonly notAsked: readonly string[];
}
