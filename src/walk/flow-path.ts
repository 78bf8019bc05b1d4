import type { Connections } from '../datapath/conntrack.ts';
import type { Netns } from '../datapath/netns.ts';
import type { Client } from '../hop/code.ts';
import type { Failure } from '../hop/failure.ts';
import type { IpAddress } from '../net/address.ts';
import type { Protocol } from '../net/packet.ts';
import type { Tie } from '../stage/open.ts';
import type { Walk } from './walk.ts';

/** A connection to try: the caller's end and the address that it calls. */
export interface Flow {
  readonly netns: Netns;
  /** The device of `netns` that the packets come in by: somebody beyond it sends them. Left out: a process in `netns` does. */
  readonly enters?: string;
  /** What this device is called, where nothing else tells it. */
  readonly entersAs?: string;
  readonly process: string;
  readonly source: IpAddress;
  /** Its program has chosen it, and rules by source see it at once. Left out: the kernel has. */
  readonly isBound?: true;
  readonly destination: IpAddress;
  /** 0 for ICMP. */
  readonly port: number;
  readonly protocol: Protocol;
  /** Bytes of the data packet (TCP: after the handshake) or of the datagram; null: the usual first packet. */
  readonly size: number | null;
  /** Undefined: it is a new one. */
  readonly existing?: Existing;
}

/** A connection that stands already. */
export interface Existing {
  readonly sourcePort: number;
  /** What machines know of it. */
  readonly connections: Connections;
  /** How many of those that are asked about it stands for, of all of them. */
  readonly share: number;
}

export type Outcome = 'delivered' | 'dropped' | 'rejected' | 'exits' | 'looped' | 'undetermined';
export type WalkName = 'forward' | 'reply' | 'ack' | 'data';

/** One combination of branches of all walks of a connection. */
export interface FlowPath {
  readonly probability: number;
  readonly outcome: Outcome;
  readonly client: Client;
  readonly failure: (Failure & { readonly walk: WalkName }) | null;
  readonly forward: Walk;
  readonly reply: Walk | null;
  readonly ack: Walk | null;
  /** The data packet that `size` asks for; TCP only. */
  readonly data: Walk | null;
  /** Undefined: it ends so in whatever order the machines' base chains came. */
  readonly otherwise?: Otherwise;
}

/** What becomes of the connection where base chains came in the other order that they may have come in. */
export interface Otherwise {
  readonly tie: Tie;
  readonly paths: readonly FlowPath[];
}
