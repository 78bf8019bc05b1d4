import { familyOf, type IpAddress, type IpFamily } from './address.ts';

export type Protocol = 'tcp' | 'udp' | 'sctp' | 'icmp';
/** Between a tunnel's ends there is also one for whole IP packets. */
export type WireProtocol = Protocol | 'ipip';
export const PROTOCOLS = ['tcp', 'udp', 'sctp', 'icmp'] as const satisfies readonly Protocol[];

export type TcpFlags = 'SYN' | 'SYN-ACK' | 'ACK' | 'PSH-ACK' | 'RST';

/** Addresses and ports of a header. For an ICMP echo both ports hold the identifier, so that a reply is the header turned round. */
export interface Tuple<P extends WireProtocol = Protocol> {
  readonly protocol: P;
  readonly source: IpAddress;
  readonly sourcePort: number;
  readonly destination: IpAddress;
  readonly destinationPort: number;
}

/** ICMP's codes, and ICMPv6's where they differ (RFC 792, RFC 4443). */
export type IcmpErrorCode =
  | 'net-unreachable'
  | 'host-unreachable'
  | 'protocol-unreachable'
  | 'port-unreachable'
  | 'fragmentation-needed'
  | 'net-prohibited'
  | 'host-prohibited'
  | 'administratively-prohibited'
  | 'ttl-exceeded'
  | 'no-route'
  | 'adm-prohibited'
  | 'address-unreachable'
  | 'policy-fail'
  | 'reject-route'
  | 'packet-too-big';

/** An ICMP error quotes the header of the packet that it is about, as that packet was where it died. */
export interface IcmpError {
  readonly type: 'destination-unreachable' | 'time-exceeded' | 'packet-too-big';
  readonly code: IcmpErrorCode;
  /** The MTU of the next hop, in bytes; only with `fragmentation-needed` and `packet-too-big`. */
  readonly mtu: number | null;
  readonly original: Tuple;
}

export interface IcmpEcho {
  readonly type: 'echo-request' | 'echo-reply';
}

/** One IP packet. Immutable: a rewrite makes a new one. Sizes are bytes of the whole IP packet. */
export interface Packet<P extends WireProtocol = Protocol> extends Tuple<P> {
  readonly tcpFlags: TcpFlags | null;
  readonly ttl: number;
  readonly size: number;
  readonly icmp: IcmpEcho | IcmpError | null;
}

/** A packet of a program or of the kernel, or one that carries such a packet. */
export type WirePacket = Packet<WireProtocol>;

export const isPlain = (p: WirePacket): p is Packet => p.protocol !== 'ipip';

export const packetFamily = (p: Tuple<WireProtocol>): IpFamily => familyOf(p.destination);

/** The protocol's own name: `icmp` stands for both families' here. */
export const icmpName = (a: IpAddress): string => (familyOf(a) === 'IPv4' ? 'ICMP' : 'ICMPv6');

export const isIcmpError = (icmp: Packet['icmp']): icmp is IcmpError => icmp !== null && 'original' in icmp;

/** Programs' packets are sent with DF; what the kernel itself answers to a ping, and its ICMP errors, routers may cut to pieces. */
export const mayBeFragmented = (p: WirePacket): boolean => p.icmp !== null && p.icmp.type !== 'echo-request';

/** The tuple of an answer: source and destination change places. */
export function invert<P extends WireProtocol>(t: Tuple<P>): Tuple<P> {
  return {
    protocol: t.protocol,
    source: t.destination,
    sourcePort: t.destinationPort,
    destination: t.source,
    destinationPort: t.sourcePort,
  };
}

export function sameTuple(a: Tuple<WireProtocol>, b: Tuple<WireProtocol>): boolean {
  return (
    a.source === b.source &&
    a.destination === b.destination &&
    a.sourcePort === b.sourcePort &&
    a.destinationPort === b.destinationPort &&
    a.protocol === b.protocol
  );
}

export function tupleOf<P extends WireProtocol>(p: Tuple<P>): Tuple<P> {
  return {
    protocol: p.protocol,
    source: p.source,
    sourcePort: p.sourcePort,
    destination: p.destination,
    destinationPort: p.destinationPort,
  };
}
