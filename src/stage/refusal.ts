import { type IcmpError, type IcmpErrorCode, isIcmpError, type Packet, tupleOf } from '../net/packet.ts';
import { isLocalAddress } from './match.ts';
import { sourceTowards } from './routing.ts';
import type { Refusal, Skb } from './skb.ts';

export const INITIAL_TTL = 64;
const ICMP_OVERHEAD = 28;
/** An ICMP error has at most 576 bytes, however large the packet is that it quotes (RFC 1812, 4.3.2.3). */
const ICMP_ERROR_MAX = 576;
const RST_SIZE = 40;

/**
 * icmp_send: the error that this machine sends back, with the rewritten header as it saw it. Null when there is none: about another
 * error, or when its sender cannot be reached from here. Source: net/ipv4/icmp.c.
 */
export function icmpError(skb: Skb, code: IcmpErrorCode, mtu: number | null = null): Refusal | null {
  const { packet, netns } = skb;
  if (isIcmpError(packet.icmp)) return null;
  const called = calledHere(skb) ? packet.destination : null;
  const source = called ?? sourceTowards(netns, packet.source);
  if (source === null) return null;
  const icmp: IcmpError = {
    type: code === 'ttl-exceeded' ? 'time-exceeded' : 'destination-unreachable',
    code,
    mtu,
    original: tupleOf(packet),
  };
  const error: Packet = {
    protocol: 'icmp',
    source,
    sourcePort: 0,
    destination: packet.source,
    destinationPort: 0,
    tcpFlags: null,
    ttl: INITIAL_TTL,
    size: Math.min(packet.size + ICMP_OVERHEAD, ICMP_ERROR_MAX),
    icmp,
  };
  return { netns, packet: error, ...belonging(skb), unbound: called === null };
}

/** A packet for this machine is refused in the name of the address that it called; any other by the address that faces its sender. */
function calledHere({ destination, netns, packet, input }: Skb): boolean {
  return destination?.route.type === 'local' && isLocalAddress(netns, packet.destination) && input !== null;
}

export function tcpReset(skb: Skb): Refusal | null {
  const { packet, netns } = skb;
  if (packet.tcpFlags === null || packet.tcpFlags === 'RST') return null;
  const reset: Packet = {
    ...packet,
    source: packet.destination,
    sourcePort: packet.destinationPort,
    destination: packet.source,
    destinationPort: packet.sourcePort,
    tcpFlags: 'RST',
    ttl: INITIAL_TTL,
    size: RST_SIZE,
  };
  return { netns, packet: reset, ...belonging(skb), unbound: false };
}

function belonging(skb: Skb): Pick<Refusal, 'connection' | 'direction'> {
  const { tracked } = skb;
  const direction = tracked?.direction === 'original' ? 'reply' : 'original';
  return { connection: tracked?.connection ?? null, direction };
}
