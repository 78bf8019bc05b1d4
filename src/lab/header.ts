import type { IpAddress } from '../net/address.ts';
import type { IcmpErrorCode, Protocol, Tuple } from '../net/packet.ts';

/** What is read of a captured packet. */
export interface Header extends Tuple {
  /** The identification field: routers and NAT leave it alone, so it tells one packet from another on its way. */
  readonly id: number;
  readonly ttl: number;
  /** TCP's flag byte; 0 for others. */
  readonly flags: number;
  readonly sequence: number;
  /** Bytes behind the TCP or UDP header. */
  readonly payload: number;
  readonly icmp: { readonly type: number; readonly code: number; readonly quoted: Header | null } | null;
}

export const SYN = 0x02;
export const RST = 0x04;
export const PSH = 0x08;
export const ACK = 0x10;
export const FIN = 0x01;

const PROTOCOLS: Readonly<Record<number, Protocol>> = { 1: 'icmp', 6: 'tcp', 17: 'udp', 132: 'sctp' };
const ICMP_ECHO_REPLY = 0;
const ICMP_ECHO = 8;
const ICMP_UNREACHABLE = 3;
const ICMP_TIME_EXCEEDED = 11;

/** ICMP types and codes by the names that the trace has for them. Source: RFC 792, RFC 1812. */
const ERRORS: Readonly<Record<string, IcmpErrorCode>> = {
  '3 0': 'net-unreachable',
  '3 1': 'host-unreachable',
  '3 3': 'port-unreachable',
  '3 4': 'fragmentation-needed',
  '3 9': 'net-prohibited',
  '3 10': 'host-prohibited',
  '3 13': 'administratively-prohibited',
  '11 0': 'ttl-exceeded',
};

/** The error's name, or its numbers. */
export const icmpName = (type: number, code: number): string => ERRORS[`${type} ${code}`] ?? `${type}/${code}`;
export const icmpErrorOf = (type: number, code: number): IcmpErrorCode | null => ERRORS[`${type} ${code}`] ?? null;

/** Reads an IPv4 packet, of which only the beginning need be there; null for what is none, or of a protocol that is not traced. */
export function readHeader(bytes: Uint8Array): Header | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 20) return null;
  const length = (view.getUint8(0) & 15) * 4;
  const protocol = PROTOCOLS[view.getUint8(9)];
  if (view.getUint8(0) >> 4 !== 4 || protocol === undefined || bytes.length < length + 8) return null;
  const base = {
    protocol,
    source: view.getUint32(12) as IpAddress,
    destination: view.getUint32(16) as IpAddress,
    id: view.getUint16(4),
    ttl: view.getUint8(8),
  };
  const rest = view.getUint16(2) - length;
  const none = { flags: 0, sequence: 0, payload: 0, icmp: null };
  if (protocol === 'icmp') return { ...base, ...none, ...icmpPart(view, length, bytes) };
  const ports = { sourcePort: view.getUint16(length), destinationPort: view.getUint16(length + 2) };
  // An ICMP error need not quote more than 8 bytes of what it is about.
  if (protocol !== 'tcp' || bytes.length < length + 14) return { ...base, ...none, ...ports, payload: rest - 8 };
  const headers = (view.getUint8(length + 12) >> 4) * 4;
  return {
    ...base,
    ...ports,
    flags: view.getUint8(length + 13),
    sequence: view.getUint32(length + 4),
    payload: rest - headers,
    icmp: null,
  };
}

function icmpPart(view: DataView, at: number, bytes: Uint8Array): Pick<Header, 'sourcePort' | 'destinationPort' | 'icmp'> {
  const [type, code] = [view.getUint8(at), view.getUint8(at + 1)];
  const echo = type === ICMP_ECHO || type === ICMP_ECHO_REPLY;
  const port = echo ? view.getUint16(at + 4) : 0;
  const quotes = type === ICMP_UNREACHABLE || type === ICMP_TIME_EXCEEDED;
  return { sourcePort: port, destinationPort: port, icmp: { type, code, quoted: quotes ? readHeader(bytes.subarray(at + 8)) : null } };
}

export const isEchoRequest = (h: Header): boolean => h.icmp?.type === ICMP_ECHO;
export const isEchoReply = (h: Header): boolean => h.icmp?.type === ICMP_ECHO_REPLY;
