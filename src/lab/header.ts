import type { IpAddress, IpFamily } from '../net/address.ts';
import type { Protocol, Tuple } from '../net/packet.ts';
import { icmpKind, icmpName } from './icmp.ts';

/** The fields of a captured packet that are read. */
export interface Header extends Tuple {
  /** Tells one packet from another on its way: routers and NAT leave it alone. */
  readonly id: number;
  readonly ttl: number;
  /** TCP's flag byte; 0 for others. */
  readonly flags: number;
  readonly sequence: number;
  /** Bytes behind the TCP or UDP header. */
  readonly payload: number;
  /** `name` is `echo-request`, `echo-reply`, or the error's; an error quotes what it is about. */
  readonly icmp: { readonly name: string; readonly quoted: Header | null } | null;
  /** The packet in a frame that VXLAN carries; null: it carries none. */
  readonly carried: { readonly header: Header; readonly vni: number } | null;
}

export const SYN = 0x02;
export const RST = 0x04;
export const PSH = 0x08;
export const ACK = 0x10;
export const FIN = 0x01;

export const isEchoRequest = (h: Header): boolean => h.icmp?.name === 'echo-request';
export const isEchoReply = (h: Header): boolean => h.icmp?.name === 'echo-reply';

const PROTOCOLS: Readonly<Record<number, Protocol>> = { 1: 'icmp', 6: 'tcp', 17: 'udp', 58: 'icmp', 132: 'sctp' };

/** An IP header, and where what it carries begins. */
interface Ip extends Pick<Header, 'protocol' | 'source' | 'destination' | 'ttl'> {
  readonly family: IpFamily;
  readonly at: number;
  /** Bytes from there on. */
  readonly rest: number;
  /** IPv4's identification field, or IPv6's flow label. */
  readonly mark: number;
}

/** Reads an IP packet, of which only the beginning need be there; null for bytes that are none, or of a protocol that is not traced. */
export function readHeader(bytes: Uint8Array): Header | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 20) return null;
  const ip = view.getUint8(0) >> 4 === 4 ? readIpv4(view) : readIpv6(view);
  if (ip === null || bytes.length < ip.at + 8) return null;
  const { protocol, source, destination, ttl } = ip;
  const base = { protocol, source, destination, ttl };
  const more = protocol === 'icmp' ? icmpPart(view, bytes, ip) : protocol === 'tcp' ? tcpPart(view, ip) : udpPart(view, bytes, ip);
  return more === null ? null : { ...base, ...more, id: idOf(ip, more) };
}

function readIpv4(view: DataView): Ip | null {
  const at = (view.getUint8(0) & 15) * 4;
  const protocol = PROTOCOLS[view.getUint8(9)];
  // Of a packet that was cut to pieces only the first one has the headers.
  if (protocol === undefined || (view.getUint16(6) & FRAGMENT_OFFSET) !== 0) return null;
  return {
    family: 'IPv4',
    protocol,
    source: view.getUint32(12) as IpAddress,
    destination: view.getUint32(16) as IpAddress,
    ttl: view.getUint8(8),
    at,
    rest: view.getUint16(2) - at,
    mark: view.getUint16(4),
  };
}

const FRAGMENT_OFFSET = 0x1fff;

const IPV6_HEADER = 40;
const FRAGMENT = 44;
const FRAGMENT_HEADER = 8;

/** Of a packet that was cut to pieces only the first one has the headers. No packet here has other extension headers. */
function readIpv6(view: DataView): Ip | null {
  if (view.byteLength < IPV6_HEADER + FRAGMENT_HEADER || view.getUint8(0) >> 4 !== 6) return null;
  const address = (at: number) => ((view.getBigUint64(at) << 64n) | view.getBigUint64(at + 8)) as IpAddress;
  const isFragment = view.getUint8(6) === FRAGMENT;
  if (isFragment && view.getUint16(IPV6_HEADER + 2) >> 3 !== 0) return null;
  const protocol = PROTOCOLS[view.getUint8(isFragment ? IPV6_HEADER : 6)];
  if (protocol === undefined) return null;
  const more = isFragment ? FRAGMENT_HEADER : 0;
  return {
    family: 'IPv6',
    protocol,
    source: address(8),
    destination: address(24),
    ttl: view.getUint8(7),
    at: IPV6_HEADER + more,
    rest: view.getUint16(4) - more,
    mark: view.getUint32(0) & 0xfffff,
  };
}

type Part = Omit<Header, 'protocol' | 'source' | 'destination' | 'ttl' | 'id'> & { readonly stamp: number };

const NONE = { flags: 0, sequence: 0, payload: 0, icmp: null, carried: null, stamp: 0 };

const ports = (view: DataView, { at }: Ip) => ({ sourcePort: view.getUint16(at), destinationPort: view.getUint16(at + 2) });

const portsPart = (view: DataView, ip: Ip): Part => ({ ...NONE, ...ports(view, ip), payload: ip.rest - 8 });

const udpPart = (view: DataView, bytes: Uint8Array, ip: Ip): Part => ({
  ...portsPart(view, ip),
  carried: ip.protocol === 'udp' ? carriedBy(view, bytes, ip.at + UDP_HEADER) : null,
});

const UDP_HEADER = 8;
const VXLAN_HEADER = 8;
const FRAME_HEADER = 14;
/** The header's one flag that VXLAN has: there is a VNI (RFC 7348, 5). */
const HAS_VNI = 0x08000000;
const IP_TYPES = [0x0800, 0x86dd];

function carriedBy(view: DataView, bytes: Uint8Array, at: number): Header['carried'] {
  const frame = at + VXLAN_HEADER;
  const packet = frame + FRAME_HEADER;
  if (bytes.length < packet || view.getUint32(at) !== HAS_VNI || !IP_TYPES.includes(view.getUint16(packet - 2))) return null;
  const header = readHeader(bytes.subarray(packet));
  return header === null ? null : { header, vni: view.getUint32(at + 4) >>> 8 };
}

/** An ICMP error need not quote more than 8 bytes of what it is about. */
function tcpPart(view: DataView, ip: Ip): Part {
  const { at, rest } = ip;
  if (view.byteLength < at + 14) return portsPart(view, ip);
  const length = (view.getUint8(at + 12) >> 4) * 4;
  return {
    ...ports(view, ip),
    flags: view.getUint8(at + 13),
    sequence: view.getUint32(at + 4),
    payload: rest - length,
    icmp: null,
    carried: null,
    stamp: timestamp(view, at + 20, Math.min(at + length, view.byteLength)),
  };
}

const END = 0;
const NOTHING = 1;
const TIMESTAMPS = 8;

/** TCP's time stamp, which is another one when a segment is sent again; 0 without one. */
function timestamp(view: DataView, from: number, end: number): number {
  for (let at = from; at + 6 <= end; ) {
    const kind = view.getUint8(at);
    if (kind === TIMESTAMPS) return view.getUint32(at + 2);
    if (kind === END) return 0;
    at += kind === NOTHING ? 1 : Math.max(view.getUint8(at + 1), 2);
  }
  return 0;
}

function icmpPart(view: DataView, bytes: Uint8Array, { family, at, rest }: Ip): Part | null {
  const [type, code] = [view.getUint8(at), view.getUint8(at + 1)];
  const kind = icmpKind(family, type);
  if (kind === null) return null;
  const port = kind === 'error' ? 0 : view.getUint16(at + 4);
  const icmp =
    kind === 'error' ? { name: icmpName(family, type, code), quoted: readHeader(bytes.subarray(at + 8)) } : { name: kind, quoted: null };
  return { ...NONE, sourcePort: port, destinationPort: port, payload: rest - 8, icmp };
}

/** IPv6 numbers no packets. There the flow label tells flows apart, and in a flow the time stamp and the size one packet from the next. */
function idOf({ family, mark }: Ip, { stamp, payload }: Part): number {
  return family === 'IPv4' ? mark : mark * 2 ** 32 + (((stamp << 16) | (payload & 0xffff)) >>> 0);
}
