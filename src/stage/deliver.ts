import type { Netns, Socket } from '../datapath/netns.ts';
import type { Route } from '../datapath/route.ts';
import { ignoresPings } from '../datapath/sysctl.ts';
import type { Failure } from '../hop/failure.ts';
import { type IpFamily, isLoopback } from '../net/address.ts';
import { invert, type Packet, packetFamily, type Tuple } from '../net/packet.ts';
import { isAwaited, seenBySocket } from './awaited.ts';
import { decapsulate } from './decap.ts';
import type { End, Next } from './next.ts';
import { note } from './note.ts';
import { icmpError, tcpReset } from './refusal.ts';
import { notForOne } from './routing.ts';
import { type Awaited, payload, type Skb } from './skb.ts';

/** The packet is for this namespace: which socket gets it? */
export function deliver(skb: Skb): Next {
  if (skb.inner !== null) return decapsulate(skb, skb.inner);
  if (skb.awaited !== null) return { end: toWaiting(skb, skb.awaited) };
  const { netns, destination } = skb;
  const packet = payload(skb);
  if (destination !== null && destination.route.type !== 'local') return { end: notForOneOnly(skb, destination.route) };
  if (packet.icmp !== null) return { end: echo(skb, packetFamily(packet)) };
  const socket = listener(netns, packet);
  if (socket === null) return { end: nobody(skb) };
  note(skb, { kind: 'socket', action: 'receive', process: socket.process, device: null, origin: socket.origin });
  return { end: { kind: 'delivered', socket } };
}

/**
 * The end of a packet to all of a link (broadcast) or to any router there (anycast): TCP answers neither (tcp_v4_conn_request,
 * tcp_v4_send_reset), a ping to all is not answered (icmp_echo_ignore_broadcasts is 1), and no ICMP error is sent about a packet to all. An
 * answer would have an address of its own, which the input does not have.
 */
function notForOneOnly(skb: Skb, route: Route): End {
  const { netns } = skb;
  const packet = payload(skb);
  const isAnycast = route.type === 'anycast';
  const lost = { kind: 'lost', failure: notForOne(netns, packet.destination, route) } as const;
  if (packet.protocol === 'tcp' || packet.protocol === 'sctp') return lost;
  const isHeard = packet.icmp === null ? listener(netns, packet) !== null : isAnycast;
  if (!isHeard) return isAnycast ? nobody(skb) : lost;
  const facts = { why: 'answers-as', netns: netns.name, address: packet.destination } as const;
  return { kind: 'undetermined', failure: { code: 'FACT_MISSING', facts, origin: route.origin } };
}

/** The kernel itself answers echo requests, unless a sysctl forbids it. */
function echo(skb: Skb, family: IpFamily): End {
  const { netns } = skb;
  const off = ignoresPings(netns.sysctls, family);
  if (off !== null)
    return {
      kind: 'lost',
      failure: { code: 'NOBODY_LISTENS', facts: { why: 'pings-ignored', netns: netns.name, sysctl: off.name }, origin: off.origin },
    };
  note(skb, { kind: 'socket', action: 'receive', process: `the kernel of ${skb.netns.name}`, device: null, origin: skb.netns.origin });
  return { kind: 'delivered', socket: null };
}

/** The most specific socket: one bound to the address before one bound to all, one with a port before one that takes any. */
export function listener(netns: Netns, packet: Packet): Socket | null {
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
  const { netns } = skb;
  const packet = payload(skb);
  const called = { address: packet.destination, port: packet.destinationPort, protocol: packet.protocol };
  const elsewhere = netns.sockets.filter((s) => s.protocol === packet.protocol && s.port === packet.destinationPort);
  const nearest = elsewhere.find((s) => s.address !== null && isLoopback(s.address)) ?? elsewhere[0];
  return { kind: 'refused', failure: failureOf(netns, called, nearest), refusal: refusal(skb) };
}

type Called = Failure<'LISTENS_ON_LOOPBACK'>['facts']['called'];

/** A socket with the port, but on another address, explains most. */
function failureOf(netns: Netns, called: Called, elsewhere: Socket | undefined): Failure {
  const process = elsewhere?.process ?? '';
  const origin = elsewhere?.origin ?? netns.origin;
  if (elsewhere?.family !== undefined) {
    const { family, port } = elsewhere;
    return { code: 'NOBODY_LISTENS', facts: { why: 'other-family', process, port, family, called }, origin };
  }
  const bound = elsewhere?.address ?? null;
  if (bound === null) return { code: 'NOBODY_LISTENS', facts: { why: 'no-socket', netns: netns.name, called }, origin: netns.origin };
  const facts = { why: 'other-address', process, bound, called } as const;
  return isLoopback(bound) ? { code: 'LISTENS_ON_LOOPBACK', facts, origin } : { code: 'NOBODY_LISTENS', facts, origin };
}

/** TCP answers with a reset and SCTP with an ABORT (its own protocol, like a reset); for UDP the kernel sends an ICMP error. */
function refusal(skb: Skb) {
  const { netns } = skb;
  const packet = payload(skb);
  if (packet.protocol === 'tcp') {
    const reset = tcpReset(skb);
    // The kernel's own reset is looked up by conntrack like any packet; only REJECT's is attached to its connection.
    return reset === null ? null : { ...reset, connection: null };
  }
  if (packet.protocol === 'udp') return icmpError(skb, 'port-unreachable');
  const abort: Packet = { ...packet, ...invert(packet), ttl: 64 };
  return { netns, packet: abort, connection: null, direction: 'reply' as const, unbound: false, mark: 0 };
}

function toWaiting(skb: Skb, awaited: Awaited): End {
  const { netns } = skb;
  if (netns === awaited.netns && isAwaited(skb, awaited)) {
    note(skb, { kind: 'socket', action: 'receive', process: awaited.process, device: null, origin: netns.origin });
    return { kind: 'delivered', socket: null };
  }
  return { kind: 'lost', failure: mismatch(netns, seenBySocket(skb), awaited) };
}

function mismatch(netns: Netns, seen: Tuple, { netns: expected, tuple }: Awaited): Failure {
  const toClient = netns === expected && seen.destination === tuple.destination && seen.destinationPort === tuple.destinationPort;
  const origin = netns.origin;
  if (toClient) {
    const source = { address: seen.source, port: seen.sourcePort };
    const called = { address: tuple.source, port: tuple.sourcePort };
    return { code: 'ASYMMETRIC_NAT', facts: { netns: netns.name, source, called }, origin };
  }
  const at = { address: seen.destination, port: seen.destinationPort };
  return { code: 'RETURN_PATH_BROKEN', facts: { netns: netns.name, at }, origin };
}
