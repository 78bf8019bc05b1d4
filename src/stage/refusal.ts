import type { Device } from '../datapath/netns.ts';
import { selectSource } from '../datapath/select-source.ts';
import { reflectsMark, usesInboundAddress } from '../datapath/sysctl.ts';
import type { Failure } from '../hop/failure.ts';
import type { IpAddress, IpFamily } from '../net/address.ts';
import { type IcmpError, type IcmpErrorCode, isIcmpError, isPlain, type Packet, packetFamily, tupleOf } from '../net/packet.ts';
import { isLocalAddress } from './address-type.ts';
import type { Next, Refusal } from './next.ts';
import { routeOutput, sourceTowards } from './routing.ts';
import type { Skb } from './skb.ts';

export const INITIAL_TTL = 64;
/** An IP header and ICMP's own. */
const ICMP_OVERHEAD: Readonly<Record<IpFamily, number>> = { IPv4: 28, IPv6: 48 };
/** However large the packet is that an ICMP error quotes, it has not more bytes (RFC 1812, 4.3.2.3; RFC 4443, 2.4). */
const ICMP_ERROR_MAX: Readonly<Record<IpFamily, number>> = { IPv4: 576, IPv6: 1280 };
const RST_SIZE: Readonly<Record<IpFamily, number>> = { IPv4: 40, IPv6: 60 };

/** ICMPv6 has one code for ICMP's codes of networks and of hosts. */
const IN_ICMPV6: Readonly<Partial<Record<IcmpErrorCode, IcmpErrorCode>>> = {
  'net-unreachable': 'no-route',
  'host-unreachable': 'address-unreachable',
  'fragmentation-needed': 'packet-too-big',
  'administratively-prohibited': 'adm-prohibited',
};

/**
 * icmp_send: the error that this machine sends back, with the rewritten header as it saw it. Null when there is none: about another
 * error, about a packet to all of a link, or when its sender cannot be reached from here. Source: net/ipv4/icmp.c, net/ipv6/icmp.c.
 */
export function icmpError(skb: Skb, code: IcmpErrorCode, mtu: number | null = null, isRouted = true): Refusal | null {
  const { packet, netns } = skb;
  // An ICMP error about an encapsulating packet goes no further than the machine that sent it.
  if (!isPlain(packet) || isIcmpError(packet.icmp) || skb.destination?.route.type === 'broadcast') return null;
  const family = packetFamily(packet);
  const called = calledHere(skb) ? packet.destination : null;
  const chosen = called ?? (skb.input === null ? null : sourceFacing(skb, skb.input, isRouted));
  const source = chosen ?? sourceTowards(netns, packet.source);
  if (source === null) return null;
  const icmp: IcmpError = {
    ...kindOf(family === 'IPv4' ? code : (IN_ICMPV6[code] ?? code)),
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
    size: Math.min(packet.size + ICMP_OVERHEAD[family], ICMP_ERROR_MAX[family]),
    icmp,
  };
  return { netns, packet: error, ...belonging(skb), unbound: chosen === null };
}

function kindOf(code: IcmpErrorCode): Pick<IcmpError, 'type' | 'code'> {
  if (code === 'ttl-exceeded') return { type: 'time-exceeded', code };
  return { type: code === 'packet-too-big' ? 'packet-too-big' : 'destination-unreachable', code };
}

/**
 * icmp6_send: a route's own source comes first; else the address that faces the packet's sender on the device that it came in by. IPv4 takes that one where it
 * is told to, of what was routed already (__icmp_send, net/ipv4/icmp.c).
 */
function sourceFacing({ netns, packet }: Skb, input: Device, isRouted: boolean): IpAddress | null {
  if (packetFamily(packet) === 'IPv4') return isRouted && usesInboundAddress(netns.sysctls) ? selectSource(input, packet.source) : null;
  const back = routeOutput(netns, null, packet.source, 0);
  if (back.kind === 'route' && back.match.route.source !== null) return null;
  return selectSource(input, packet.source);
}

/** A packet for this machine is refused in the name of the address that it called; any other by the address that faces its sender. */
function calledHere({ destination, netns, packet, input }: Skb): boolean {
  if (packetFamily(packet) === 'IPv6') return destination?.route.type === 'anycast' || isLocalAddress(netns, packet.destination);
  return destination?.route.type === 'local' && isLocalAddress(netns, packet.destination) && input !== null;
}

export function tcpReset(skb: Skb): Refusal | null {
  const { packet, netns } = skb;
  if (!isPlain(packet) || packet.tcpFlags === null || packet.tcpFlags === 'RST') return null;
  const reset: Packet = {
    ...packet,
    source: packet.destination,
    sourcePort: packet.destinationPort,
    destination: packet.source,
    destinationPort: packet.sourcePort,
    tcpFlags: 'RST',
    ttl: INITIAL_TTL,
    size: RST_SIZE[packetFamily(packet)],
  };
  return { netns, packet: reset, ...belonging(skb), unbound: false };
}

function belonging({ tracked, netns, packet, mark }: Skb): Pick<Refusal, 'connection' | 'direction' | 'mark'> {
  const direction = tracked?.direction === 'original' ? 'reply' : 'original';
  return { connection: tracked?.connection ?? null, direction, mark: reflectsMark(netns.sysctls, packetFamily(packet)) ? mark : 0 };
}

/**
 * arp_error_report: after three unanswered probes, the waiting packet's sender is told that the host cannot be reached. Where nothing is
 * stated that explains it, the route that sent the packet here is to be looked at.
 */
export function unresolved(skb: Skb, failure: Failure): Next {
  if (failure.code === 'FACT_MISSING') return { end: { kind: 'undetermined', failure } };
  const origin = failure.origin.locus === null ? (skb.destination?.route.origin ?? failure.origin) : failure.origin;
  return { end: { kind: 'refused', failure: { ...failure, origin }, refusal: icmpError(skb, 'host-unreachable') } };
}
