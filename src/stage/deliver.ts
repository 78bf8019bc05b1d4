import type { Netns, Socket } from '../datapath/netns.ts';
import { formatAddress, formatEndpoint, isLoopback } from '../net/address.ts';
import { invert, isIcmpError, type Packet, packetFamily, sameTuple, type Tuple, tupleOf } from '../net/packet.ts';
import { note } from './note.ts';
import { icmpError, tcpReset } from './refusal.ts';
import type { Awaited, End, Failure, Next, Skb } from './skb.ts';

/** The packet is for this namespace: which socket gets it? */
export function deliver(skb: Skb): Next {
  if (skb.awaited !== null) return { end: toWaiting(skb, skb.awaited) };
  const { packet, netns } = skb;
  if (packet.icmp !== null) return { end: echo(skb) };
  const socket = listener(netns, packet);
  if (socket === null) return { end: nobody(skb) };
  note(skb, { kind: 'socket', action: 'receive', process: socket.process, device: null, origin: socket.origin });
  return { end: { kind: 'delivered', socket } };
}

/** The kernel itself answers echo requests. */
function echo(skb: Skb): End {
  note(skb, { kind: 'socket', action: 'receive', process: `the kernel of ${skb.netns.name}`, device: null, origin: skb.netns.origin });
  return { kind: 'delivered', socket: null };
}

/** The most specific socket: one bound to the address before one bound to all, one with a port before one that takes any. */
function listener(netns: Netns, packet: Packet): Socket | null {
  let best: Socket | null = null;
  for (const socket of netns.sockets) {
    if (!hears(socket, packet)) continue;
    if (best === null || specificity(socket) > specificity(best)) best = socket;
  }
  return best;
}

const specificity = (s: Socket) => (s.address === null ? 0 : 1) + (s.port === null ? 0 : 2);

function hears(s: Socket, p: Packet): boolean {
  if (s.protocol !== null && s.protocol !== p.protocol) return false;
  if (s.port !== null && s.port !== p.destinationPort) return false;
  if (s.except?.has(`${p.destinationPort} ${p.protocol}`) === true) return false;
  if (s.family !== undefined && s.family !== packetFamily(p)) return false;
  return s.address === null || s.address === p.destination;
}

function nobody(skb: Skb): End {
  const { packet, netns } = skb;
  const where = `${formatEndpoint(packet.destination, packet.destinationPort)}/${packet.protocol}`;
  const elsewhere = netns.sockets.filter((s) => s.protocol === packet.protocol && s.port === packet.destinationPort);
  const nearest = elsewhere.find((s) => s.address !== null && isLoopback(s.address)) ?? elsewhere[0];
  return { kind: 'refused', failure: failureOf(netns, where, nearest), refusal: refusal(skb) };
}

/** A socket with the port, but on another address, is what whoever asks wants to hear of. */
function failureOf(netns: Netns, where: string, elsewhere: Socket | undefined): Failure {
  if (elsewhere?.family !== undefined) {
    const text = `${elsewhere.process} listens on 0.0.0.0:${elsewhere.port} only, which is ${elsewhere.family}, not on ${where}`;
    return { code: 'NOBODY_LISTENS', text, origin: elsewhere.origin };
  }
  if (elsewhere?.address == null)
    return { code: 'NOBODY_LISTENS', text: `nothing in ${netns.name} listens on ${where}`, origin: netns.origin };
  const text = `${elsewhere.process} listens on ${formatAddress(elsewhere.address)} only, not on ${where}`;
  return { code: isLoopback(elsewhere.address) ? 'LISTENS_ON_LOOPBACK' : 'NOBODY_LISTENS', text, origin: elsewhere.origin };
}

/** TCP answers with a reset and SCTP with an ABORT (its own protocol, like a reset); for UDP the kernel sends an ICMP error. */
function refusal(skb: Skb) {
  const { packet, netns } = skb;
  if (packet.protocol === 'tcp') {
    const reset = tcpReset(skb);
    // The kernel's own reset is looked up by conntrack like any packet; only REJECT's is attached to its connection.
    return reset === null ? null : { ...reset, connection: null };
  }
  if (packet.protocol === 'udp') return icmpError(skb, 'port-unreachable');
  const abort: Packet = { ...packet, ...invert(packet), ttl: 64 };
  return { netns, packet: abort, connection: null, direction: 'reply' as const, unbound: false };
}

/** An answer: it must be what the waiting socket expects, or, for an ICMP error, quote what it has sent. */
function toWaiting(skb: Skb, awaited: Awaited): End {
  const { packet, netns } = skb;
  const seen: Tuple = isIcmpError(packet.icmp) ? invert(packet.icmp.original) : tupleOf(packet);
  if (netns === awaited.netns && sameTuple(seen, awaited.tuple)) {
    note(skb, { kind: 'socket', action: 'receive', process: awaited.process, device: null, origin: netns.origin });
    return { kind: 'delivered', socket: null };
  }
  return { kind: 'lost', failure: mismatch(netns, seen, awaited) };
}

function mismatch(netns: Netns, seen: Tuple, { netns: expected, tuple }: Awaited): Failure {
  const toClient = netns === expected && seen.destination === tuple.destination && seen.destinationPort === tuple.destinationPort;
  const origin = netns.origin;
  if (toClient) {
    const text = `the answer comes from ${formatEndpoint(seen.source, seen.sourcePort)}, but ${netns.name} called ${formatEndpoint(tuple.source, tuple.sourcePort)} and does not know this connection`;
    return { code: 'ASYMMETRIC_NAT', text, origin };
  }
  const text = `the answer ended in ${netns.name}, at ${formatEndpoint(seen.destination, seen.destinationPort)}, where no socket waits for it`;
  return { code: 'RETURN_PATH_BROKEN', text, origin };
}
