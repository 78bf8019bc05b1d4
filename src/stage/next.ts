import type { Connection } from '../datapath/conntrack.ts';
import type { Netns, Socket, Veth } from '../datapath/netns.ts';
import type { Client } from '../hop/code.ts';
import type { Failure } from '../hop/failure.ts';
import type { Packet } from '../net/packet.ts';
import type { Open } from './open.ts';
import type { Skb } from './skb.ts';

/** The kernel's answer to a packet that it will not deliver, sent from the namespace where it died. */
export interface Refusal {
  readonly netns: Netns;
  readonly packet: Packet;
  /** Conntrack's view of the packet that it answers; the answer belongs to the same connection. */
  readonly connection: Connection | null;
  readonly direction: 'original' | 'reply';
  /** As the Skb has it. */
  readonly unbound: boolean;
  readonly mark: number;
  /** The bridge port that it leaves by unchanged, past all rules. Undefined: it is sent as usual. */
  readonly by?: Veth;
}

/** How a walk ends. */
export type End =
  | { readonly kind: 'delivered'; readonly socket: Socket | null }
  | { readonly kind: 'lost'; readonly failure: Failure }
  /** The sender's own kernel returned an error to the program. */
  | { readonly kind: 'refused-at-source'; readonly failure: Failure; readonly client: Client }
  /** `atSource`: the sender's call fails too, and says this. */
  | { readonly kind: 'refused'; readonly failure: Failure; readonly refusal: Refusal | null; readonly atSource?: Client }
  | { readonly kind: 'exits'; readonly failure: Failure }
  /** The input lacks the fact that decides. `open`: whether a match that is not modelled matches, or in which order base chains run. */
  | { readonly kind: 'undetermined'; readonly failure: Failure; readonly open?: Open };

export type StageName =
  | 'send'
  | 'output'
  | 'balanced'
  | 'postrouting'
  | 'transmit'
  | 'receive'
  | 'bridge'
  | 'prerouting'
  | 'route-input'
  | 'forward'
  | 'input'
  | 'deliver';

/** The continuation: another stage, the end, or several ways at once. */
export type Next =
  | { readonly go: StageName }
  | { readonly end: End }
  | { readonly forks: readonly { readonly skb: Skb; readonly next: Next }[] };

/** One thing that the kernel does with a packet; answers its continuation. */
export type Stage = (skb: Skb) => Next;
