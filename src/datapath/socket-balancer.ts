import type { IpAddress } from '../net/address.ts';
import type { Protocol } from '../net/packet.ts';
import type { Origin } from '../source/origin.ts';

/** A program's connect, or its send without one. */
export interface Call {
  readonly protocol: Protocol;
  readonly destination: IpAddress;
  readonly port: number;
}

/** The address that a call goes to in the place of the one that it asked for; each of several is as likely as another. */
export interface SocketChoice {
  readonly address: IpAddress;
  readonly port: number;
  /** The services that it balances, in words. */
  readonly says: string;
  readonly origin: Origin;
}

/**
 * BPF programs of the cgroup (connect4, connect6, sendmsg4, sendmsg6), which change the address of a call before anything else is done for
 * it: no route is looked up, no source chosen, and no packet is there yet. Null: it leaves the call alone. None: it refuses the call, because
 * of what `origin` says.
 */
export type SocketBalancer = (call: Call) => { readonly choices: readonly SocketChoice[]; readonly origin: Origin } | null;
