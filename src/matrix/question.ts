import type { Node } from '../k8s/node.ts';
import type { Pod } from '../k8s/pod.ts';
import type { Service } from '../k8s/service.ts';
import type { IpAddress, IpFamily } from '../net/address.ts';
import type { Protocol } from '../net/packet.ts';
import type { Group } from './matrix.ts';

/** A member of a group: what calls, or is called. */
export type End =
  | { readonly kind: 'pod'; readonly pod: Pod }
  | { readonly kind: 'node'; readonly node: Node }
  /** Is called only. */
  | { readonly kind: 'service'; readonly service: Service }
  /** One for all addresses of a part of the internet, in the address's family. */
  | { readonly kind: 'outside'; readonly address: IpAddress };

/** A row or a column: the members of a group that were selected, pods in the order of their names. */
export interface Side {
  readonly group: Group;
  readonly ends: readonly End[];
}

/** A port that is asked of everybody. */
export interface AskedPort {
  readonly protocol: Protocol;
  /** A name is that of a container's port, or of a service's: who has none is not asked. Null: ICMP. */
  readonly port: number | string | null;
}

/** Who is asked about, and what; names are resolved. */
export interface MatrixQuestion {
  /** Those of both sides, each once, with the members that are in either: in the order of rows and of columns. */
  readonly groups: readonly Group[];
  readonly from: readonly Side[];
  readonly to: readonly Side[];
  /** Asked where both ends have an address of it. */
  readonly families: readonly IpFamily[];
  /** Null: what the called state and are called on (`callsTo`). */
  readonly ports: readonly AskedPort[] | null;
  /** Of what is stated, only this; null: any. */
  readonly protocol: Protocol | null;
  /** All ports and protocols, as far as policies and rules go: a socket is taken to be there. */
  readonly anyPort: boolean;
  /** Tell of what does not arrive, too. */
  readonly blocked: boolean;
}

/** Told as rows are made: of so many pairs of groups so many are done. */
export type Progress = (done: number, all: number) => void;
