import { invert, isIcmpError, sameTuple, type Tuple, tupleOf, type WirePacket, type WireProtocol } from '../net/packet.ts';
import type { Origin } from '../source/origin.ts';
import type { Direction } from './direction.ts';
import type { Rule } from './netfilter/ruleset.ts';

/**
 * How far connection tracking has seen a TCP handshake get; `none` for other protocols. A connection whose only answer is a reset is
 * deleted at once (`gone`): a packet after it, as the same reset on the next round of a loop, belongs to nothing.
 */
type TcpState = 'none' | 'syn-sent' | 'syn-received' | 'established' | 'closed' | 'gone';

/** One connection as one namespace sees it. NAT is the difference between `original` and the inverse of `reply`. */
export interface Connection {
  readonly netns: string;
  readonly original: Tuple<WireProtocol>;
  readonly reply: Tuple<WireProtocol>;
  /** CONNMARK's, `ct mark`. */
  readonly mark: number;
  readonly tcp: TcpState;
  readonly seenReply: boolean;
  /** Has the nat table been asked for a new destination, a new source? It is asked once a connection. */
  readonly destinationSettled: boolean;
  readonly sourceSettled: boolean;
  /** IPVS chose the new destination, and gives it to each packet anew: nat does not. */
  readonly balanced: boolean;
  /** The rules that chose the new destination and the new source, which undoing them goes back to. */
  readonly destinationRule: Rule | null;
  readonly sourceRule: Rule | null;
  /** The line of `conntrack -L` that lists it; undefined: packets of the walk made it. */
  readonly origin?: Origin;
}

/** All namespaces' entries, newest first: an older version of an entry is shadowed by the newer one. Never changed, only extended. */
export interface Connections {
  readonly entry: Connection;
  readonly older: Connections | null;
}

/** Conntrack's view of a packet. `connection` is null for INVALID. */
export type Tracked =
  | { readonly connection: Connection; readonly direction: Direction; readonly state: 'NEW' | 'ESTABLISHED' | 'RELATED' }
  | { readonly connection: null; readonly direction: 'original'; readonly state: 'INVALID' | 'UNTRACKED' };

/** A rule told conntrack not to look. */
export const UNTRACKED: Tracked = { connection: null, direction: 'original', state: 'UNTRACKED' };

const INVALID: Tracked = { connection: null, direction: 'original', state: 'INVALID' };

interface Entry {
  readonly connection: Connection;
  readonly direction: Direction;
}

function find(connections: Connections | null, netns: string, tuple: Tuple<WireProtocol>): Entry | null {
  for (let c = connections; c !== null; c = c.older) {
    if (c.entry.netns !== netns) continue;
    if (sameTuple(c.entry.original, tuple)) return { connection: c.entry, direction: 'original' };
    if (sameTuple(c.entry.reply, tuple)) return { connection: c.entry, direction: 'reply' };
  }
  return null;
}

/**
 * nf_conntrack_in: finds the packet's connection or begins one. Source: net/netfilter/nf_conntrack_core.c, and for what is INVALID
 * the state table of nf_conntrack_proto_tcp.c.
 */
export function track(connections: Connections | null, netns: string, packet: WirePacket): Tracked {
  if (isIcmpError(packet.icmp)) return trackError(connections, netns, packet.icmp.original);
  const entry = find(connections, netns, packet);
  return entry === null || entry.connection.tcp === 'gone' ? begin(netns, packet) : proceed(entry, packet);
}

/** An ICMP error goes the other way than the packet that it quotes. */
function trackError(connections: Connections | null, netns: string, quoted: Tuple): Tracked {
  const entry = find(connections, netns, invert(quoted));
  return entry === null ? INVALID : { ...entry, state: 'RELATED' };
}

function begin(netns: string, packet: WirePacket): Tracked {
  const tcp = firstState(packet);
  if (tcp === null) return INVALID;
  const original = tupleOf(packet);
  const connection: Connection = {
    netns,
    original,
    reply: invert(original),
    mark: 0,
    tcp,
    seenReply: false,
    destinationSettled: false,
    sourceSettled: false,
    balanced: false,
    destinationRule: null,
    sourceRule: null,
  };
  return { connection, direction: 'original', state: 'NEW' };
}

/** A connection may begin with any packet but an answer; TCP in full swing is picked up (nf_conntrack_tcp_loose is 1). */
function firstState(packet: WirePacket): TcpState | null {
  if (packet.icmp !== null) return packet.icmp.type === 'echo-request' ? 'none' : null;
  switch (packet.tcpFlags) {
    case null:
      return 'none';
    case 'SYN':
      return 'syn-sent';
    case 'ACK':
    case 'PSH-ACK':
      return 'established';
    case 'SYN-ACK':
    case 'RST':
      return null;
  }
}

function proceed({ connection, direction }: Entry, packet: WirePacket): Tracked {
  const seenReply = connection.seenReply || direction === 'reply';
  const refused = packet.tcpFlags === 'RST' && direction === 'reply' && !connection.seenReply;
  const tcp = refused ? 'gone' : nextState(connection.tcp, direction, packet);
  if (tcp === null) return INVALID;
  const same = tcp === connection.tcp && seenReply === connection.seenReply;
  return {
    connection: same ? connection : { ...connection, tcp, seenReply },
    direction,
    state: seenReply ? 'ESTABLISHED' : 'NEW',
  };
}

function nextState(state: TcpState, direction: Direction, packet: WirePacket): TcpState | null {
  switch (packet.tcpFlags) {
    case null:
      return state;
    case 'SYN':
      return state;
    case 'SYN-ACK':
      if (direction === 'original') return state === 'syn-received' ? state : null;
      return state === 'syn-sent' ? 'syn-received' : state;
    case 'ACK':
    case 'PSH-ACK':
      if (direction === 'reply') return state;
      // The peer's SYN-ACK went another way: for this machine the connection was never answered (sSS + ack -> sIV).
      if (state === 'syn-sent') return null;
      return state === 'syn-received' ? 'established' : state;
    case 'RST':
      return 'closed';
  }
}

/** Was the packet's destination (source) changed by NAT, seen from this direction? */
export function isDnatted(c: Connection): boolean {
  return c.original.destination !== c.reply.source || c.original.destinationPort !== c.reply.sourcePort;
}

export function isSnatted(c: Connection): boolean {
  return c.original.source !== c.reply.destination || c.original.sourcePort !== c.reply.destinationPort;
}
