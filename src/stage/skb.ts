import type { Connections, Tracked } from '../datapath/conntrack.ts';
import type { Ruleset } from '../datapath/netfilter/ruleset.ts';
import type { Device, Netns, Numbered, Veth } from '../datapath/netns.ts';
import type { AskedPoint } from '../datapath/policy-point.ts';
import type { NextHop, Route } from '../datapath/route.ts';
import type { Call, SocketChoice } from '../datapath/socket-balancer.ts';
import type { Hop } from '../hop/hop.ts';
import type { Trail } from '../hop/trail.ts';
import type { IpAddress } from '../net/address.ts';
import { DISCOVERY, icmpNumbers, type Numbers } from '../net/icmp-numbers.ts';
import type { Mac } from '../net/mac.ts';
import { isPlain, type Packet, packetFamily, type Tuple, type WirePacket } from '../net/packet.ts';
import type { Origin } from '../source/origin.ts';
import type { Supposed, Tie } from './open.ts';
import type { Written } from './written.ts';

/** The result of the routing decision. */
export interface Destination {
  readonly route: Route;
  /** Null for routes that go nowhere. */
  readonly nextHop: NextHop | null;
  readonly device: Device | null;
}

/** Which next hop of an ECMP route a flow took; the kernel hashes the addresses, so all its packets take the same. */
export interface Choices {
  readonly netns: string;
  readonly route: Route;
  readonly source: IpAddress;
  readonly destination: IpAddress;
  readonly chosen: NextHop;
  readonly older: Choices | null;
}

/** The one that asks for a neighbour is known to it from then on: the asked machine has the asker's MAC without asking back. */
export interface Learned {
  /** The machine that was asked, and the address in whose name. */
  readonly netns: string;
  readonly address: IpAddress;
  /** The asker's, which has that MAC. */
  readonly device: Device;
  /** The device that the request came in by: neighbours on other links do not learn from it. */
  readonly on: Device;
  readonly older: Learned | null;
}

/** The results of a walk beside its end. */
export interface Manner {
  /** Is each hop noted? If not, only what is met on the way is summed up (`hop/met.ts`). */
  readonly hops: boolean;
  /** Recorded: a policy point writes down what it is asked, and lets the packet pass. */
  readonly policies: 'judged' | 'recorded';
}

export const IN_FULL: Manner = { hops: true, policies: 'judged' };

/**
 * The packet on its way, with the fields that the kernel keeps beside it in the `sk_buff`. Stages change it in place; where the way forks,
 * `fork` makes a copy for each branch.
 */
export interface Skb {
  packet: WirePacket;
  /** A message of neighbour discovery, which only rules look at: `packet` has its header. Undefined: it is none. */
  readonly discovery?: 'solicitation' | 'advertisement';
  mark: number;
  /** The elements that rules wrote to sets for it. */
  written: Trail<Written> | null;
  tracked: Tracked | null;
  netns: Netns;
  /** The device that it came in by, as rules see it: the bridge, not the bridge's port. Null: sent from here. */
  input: Device | null;
  /** Rules do not see the input device, as in POSTROUTING of a bridge. */
  hidesInput: boolean;
  /** The device that it will leave by, as rules see it. */
  output: Device | null;
  /** The bridge port that it came in by. */
  inputPort: Device | null;
  /** The bridge port at which bridge netfilter saw it, which the kernel keeps beyond the bridge. */
  seenAt: Veth | null;
  outputPort: Device | null;
  /** The bridge that is switching it, between two ports; null: none is. */
  bridged: Device | null;
  destination: Destination | null;
  /** The device that the frame's destination MAC belongs to. */
  frameTo: Device | null;
  /** Set while a tunnel carries the packet: then `packet` is the tunnel's own. */
  inner: Inner | null;
  probability: number;
  connections: Connections | null;
  choices: Choices | null;
  learned: Learned | null;
  readonly supposed: Supposed | null;
  /** The first that it met. */
  tie: Tie | null;
  /** A chain that sees to such things has given it another mark since it was routed. */
  remarked: boolean;
  readonly manner: Manner;
  hops: Trail<Hop> | null;
  /** The kinds of its hops (`hop/met.ts`), whether hops are noted or not. */
  met: number;
  /** The policy points that were asked, where they are recorded. */
  asked: AskedPoint | null;
  /** The process or kernel that sent it, in words. */
  readonly sender: string;
  /**
   * No socket bound it to its source: the look-up that chose the source is the one that routes it, so rules that ask for a source do not
   * see one. True of pings and of most ICMP errors, and with IPv6 of all that a program sends; IPv4's connect looks up once more, with
   * the source.
   */
  readonly unbound: boolean;
  /** The device that its look-up asks for; null: any. Source: icmpv6_echo_reply, net/ipv6/icmp.c, of the device that the request came in by. */
  readonly oif: string | null;
  /** Set for answers: the socket that waits for this packet, and the tuple that it expects to see. */
  awaited: Awaited | null;
  /** The socket balancer's change to the call that this packet is sent for; null: none. */
  readonly call: BalancedCall | null;
  /** How many hops there were when the packet came back to a place that it had been to; null while it has not, or none are noted. */
  loopAt: number | null;
  /** Bytes of the largest piece, once a packet that may be cut to pieces was. */
  piece: number;
  /** The places where another common setting of the machine would have changed the result. */
  doubts: readonly Doubt[];
}

export interface Doubt {
  readonly text: string;
  readonly origin: Origin;
}

export type BalancedCall =
  /** The packet has the choice as its destination. */
  | { readonly kind: 'replaced'; readonly called: Call; readonly by: SocketChoice }
  /** There is nothing to choose from. */
  | { readonly kind: 'refused'; readonly origin: Origin };

export interface Awaited {
  readonly netns: Netns;
  readonly tuple: Tuple;
  readonly process: string;
  /** The device of `netns` that the client is beyond; null: it is a socket there. */
  readonly beyond: string | null;
}

/** The packet inside of a tunnel's packet. */
export interface Inner {
  readonly packet: Packet;
  /** As the Skb has it. */
  readonly piece: number;
  /** The frame's destination; null: no frame is in it. */
  readonly lladdr: Mac | null;
  readonly vni: number | null;
  /** The statement of the sender's VNI and port for it alone; null: there is none. */
  readonly numbered: Numbered | null;
  /** May the packet that carries it be cut to pieces? */
  readonly mayBeFragmented: boolean;
}

/** The fields of an Skb that are known when its packet is sent. */
export type Known = Readonly<
  Pick<
    Skb,
    | 'tracked'
    | 'awaited'
    | 'call'
    | 'connections'
    | 'choices'
    | 'learned'
    | 'supposed'
    | 'probability'
    | 'unbound'
    | 'mark'
    | 'oif'
    | 'manner'
  >
>;

export const NOTHING_KNOWN: Known = {
  tracked: null,
  awaited: null,
  call: null,
  connections: null,
  choices: null,
  learned: null,
  supposed: null,
  probability: 1,
  unbound: false,
  mark: 0,
  oif: null,
  manner: IN_FULL,
};

/** The Skb of a new packet, which no stage has looked at. */
export const freshSkb = (netns: Netns, packet: WirePacket, sender: string, known: Known = NOTHING_KNOWN): Skb => ({
  packet,
  mark: known.mark,
  written: null,
  tracked: known.tracked,
  netns,
  input: null,
  hidesInput: false,
  output: null,
  inputPort: null,
  seenAt: null,
  outputPort: null,
  bridged: null,
  destination: null,
  frameTo: null,
  inner: null,
  probability: known.probability,
  connections: known.connections,
  choices: known.choices,
  learned: known.learned,
  supposed: known.supposed,
  tie: null,
  remarked: false,
  manner: known.manner,
  hops: null,
  met: 0,
  asked: null,
  sender,
  unbound: known.unbound,
  oif: known.oif,
  awaited: known.awaited,
  call: known.call,
  loopAt: null,
  piece: Number.POSITIVE_INFINITY,
  doubts: NO_DOUBTS,
});

const NO_DOUBTS: readonly Doubt[] = [];

/** The type and the code of its ICMP header; null: it has none. */
export function icmpOf({ packet, discovery }: Pick<Skb, 'packet' | 'discovery'>): Numbers | null {
  if (discovery !== undefined) return DISCOVERY[discovery];
  return packet.icmp === null ? null : icmpNumbers(packetFamily(packet), packet.icmp);
}

/** The packet that a program sent: the inner one, where a tunnel carries it. */
export function payload({ packet, inner }: Pick<Skb, 'packet' | 'inner'>): Packet {
  if (inner !== null) return inner.packet;
  if (!isPlain(packet)) throw new Error('a packet that carries nothing is a plain one');
  return packet;
}

export const seenInput = ({ input, hidesInput }: Pick<Skb, 'input' | 'hidesInput'>): Device | null => (hidesInput ? null : input);

/** iptables' tables for IPv4, ip6tables' for IPv6. */
export const rulesetOf = ({ netns, packet }: Pick<Skb, 'netns' | 'packet'>): Ruleset => netns.rulesets[packetFamily(packet)];

export function fork(skb: Skb, share: number): Skb {
  return { ...skb, probability: skb.probability * share };
}
