import type { Connections } from '../datapath/conntrack.ts';
import type { IpAddress } from '../net/address.ts';

/** Connections that stand already, and that nodes know alike, but for the source's port. */
export interface Established {
  readonly source: IpAddress;
  readonly destination: IpAddress;
  /** Of one that stands for them. */
  readonly sourcePort: number;
  /** What nodes know of it. */
  readonly connections: Connections;
  /** How many they are, of all that are asked about. */
  readonly share: number;
}
