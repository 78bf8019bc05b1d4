import { acceptsMark, reflectsMark } from '../datapath/sysctl.ts';
import { familyOf, type IpFamily } from '../net/address.ts';
import { type Packet, packetFamily } from '../net/packet.ts';
import { INITIAL_TTL } from '../stage/refusal.ts';
import type { Known } from '../stage/skb.ts';
import type { Flow } from './flow-path.ts';
import type { Walk } from './walk.ts';

const SOURCE_PORT = 40000;
/** A SYN with the usual options has 60 bytes, the pure ACK that follows 52; a ping has 84. Datagrams are taken to be as large as a SYN. */
const FIRST_SIZE = 60;
const ACK_SIZE = 52;
const PING_SIZE = 84;
/** IPv6's header has 40 bytes, IPv4's 20. */
const HEADER_MORE: Readonly<Record<IpFamily, number>> = { IPv4: 0, IPv6: 20 };

/** The first packet of a flow: what opens a connection, or comes next in one that is there. */
export function request({ protocol, source, destination, port, size, existing }: Flow): Packet {
  const icmp = protocol === 'icmp';
  const more = HEADER_MORE[familyOf(destination)];
  const usual = (icmp ? PING_SIZE : FIRST_SIZE) + more;
  return {
    protocol,
    source,
    sourcePort: existing?.sourcePort ?? (icmp ? 1 : SOURCE_PORT),
    destination,
    destinationPort: icmp ? (existing?.sourcePort ?? 1) : port,
    tcpFlags: protocol === 'tcp' ? (existing === undefined ? 'SYN' : 'PSH-ACK') : null,
    ttl: INITIAL_TTL,
    size: protocol === 'tcp' ? usual : (size ?? usual),
    icmp: icmp ? { type: 'echo-request' } : null,
  };
}

/** What its receiver sends back. `isOpen`: the connection was there before. */
export function answerTo(received: Packet, isOpen: boolean): Packet {
  return {
    protocol: received.protocol,
    source: received.destination,
    sourcePort: received.destinationPort,
    destination: received.source,
    destinationPort: received.sourcePort,
    tcpFlags: received.tcpFlags === null ? null : isOpen ? 'ACK' : 'SYN-ACK',
    ttl: INITIAL_TTL,
    icmp: received.icmp === null ? null : { type: 'echo-reply' },
    size: received.protocol === 'icmp' ? received.size : FIRST_SIZE + HEADER_MORE[packetFamily(received)],
  };
}

/**
 * What an answer has of what it answers: IPv6 sends that of a ping by the device that it came in by, where routes and rules leave a choice. Source:
 * icmpv6_echo_reply, net/ipv6/icmp.c; inet_request_mark, include/net/inet_sock.h.
 */
export function takenOver({
  packet,
  netns: { sysctls },
  mark,
  input,
}: Pick<Walk, 'packet' | 'netns' | 'mark' | 'input'>): Pick<Known, 'mark' | 'oif'> {
  const family = packetFamily(packet);
  const isPing = packet.protocol === 'icmp';
  const hasMark = isPing ? reflectsMark(sysctls, family) : packet.protocol === 'tcp' && acceptsMark(sysctls);
  return { mark: hasMark ? mark : 0, oif: isPing && family === 'IPv6' ? (input?.name ?? null) : null };
}

/** The handshake's third packet. */
export const acknowledgement = (sent: Packet): Packet => ({
  ...sent,
  tcpFlags: 'ACK',
  size: ACK_SIZE + HEADER_MORE[packetFamily(sent)],
});

/** Each end told the other how much its device takes, or its route (MSS), and TCP never sends more at once than both take. */
export function mtuOfSender({ hops }: Pick<Walk, 'hops'>): number {
  const first = hops.find((h) => h.kind === 'interface');
  const before = first === undefined ? [] : hops.slice(0, hops.indexOf(first));
  const routed = before.flatMap((h) => (h.kind === 'route' ? (h.route.mtu?.bytes ?? []) : []));
  return Math.min(...routed, first?.kind === 'interface' ? first.link.mtu : Number.POSITIVE_INFINITY);
}
