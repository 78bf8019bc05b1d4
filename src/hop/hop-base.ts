import type { NetnsRole } from '../datapath/roles.ts';
import type { Change } from '../net/change.ts';
import type { Packet, WirePacket } from '../net/packet.ts';
import type { Origin } from '../source/origin.ts';

/** The fields of every hop. `packet` and `mark` are as they are after it. */
export interface HopBase {
  readonly node: string;
  readonly netns: string;
  /** Of the namespace. */
  readonly role: NetnsRole;
  readonly device: string | null;
  readonly packet: Packet;
  /** From where a tunnel puts the packet into another to where it is taken out: the other one. */
  readonly outer: Outer | null;
  readonly mark: number;
  readonly changes: readonly Change[];
  readonly origin: Origin;
}

/** The same, whatever says that it is so. */
export type Place = Omit<HopBase, 'origin'>;

/** The packet that a tunnel's travels in. */
export interface Outer {
  readonly packet: WirePacket;
  /** Null: it has none, or nobody knows it. */
  readonly vni: number | null;
}
