import { isDnatted, isSnatted, type Tracked } from '../datapath/conntrack.ts';
import type { AddressType, ConnectionState, Match } from '../datapath/netfilter/ruleset.ts';
import type { FoundSelector, KeyValue, Selector } from '../datapath/netfilter/sets.ts';
import { familyOf, type IpAddress, type IpFamily } from '../net/address.ts';
import { icmpNumbers } from '../net/icmp-numbers.ts';
import { packetFamily, type WirePacket, type WireProtocol } from '../net/packet.ts';
import { typeOn } from './address-type.ts';
import { isUnnamed } from './device-name.ts';
import type { Skb } from './skb.ts';

/** The marks of the packet and of its connection, as the rules before have left them. */
export interface Marks {
  readonly mark: number;
  readonly connmark: number;
}

/** The answer of a match that is not modelled, and of a field that nothing tells. */
export const UNKNOWN = -1;

/** A packet may be without a field (null), as UDP has no `tcp dport`. Numbers are as the wire or nft has them. */
type Field = KeyValue | null | typeof UNKNOWN;

/**
 * Of ICMP, `th dport` alone reads the checksum, which nobody tells; beside other fields an element names its protocol, which is another one.
 * Else the values of these fields; null: the packet has not all of them, and the rule does not match; UNKNOWN: nothing tells one of
 * them.
 */
export function valuesOf(key: readonly Selector[], skb: Skb, marks: Marks): readonly KeyValue[] | null | typeof UNKNOWN {
  if (key.length === 1 && key[0] === 'th dport' && skb.packet.icmp !== null) return UNKNOWN;
  const values: KeyValue[] = [];
  let isUnknown = false;
  for (const selector of key) {
    const value = fieldOf(selector, skb, marks);
    if (value === null) return null;
    if (value === UNKNOWN) isUnknown = true;
    else values.push(value);
  }
  return isUnknown ? UNKNOWN : values;
}

/** `tcp flags & (syn | ack) == syn`: how likely it holds, where only some of the bits may be known. */
export function bits({ field, mask, value, negated }: Extract<Match, { kind: 'bits' }>, skb: Skb, marks: Marks): number {
  const found = field === 'ct status' ? statusOf(skb) : field === 'ip frag-off' ? FIRST_FRAGMENT : whole(fieldOf(field, skb, marks));
  if (found === null || found === UNKNOWN) return found ?? 0;
  const asked = mask & found.known;
  if (((found.value & asked) ^ (value & asked)) !== 0) return negated ? 1 : 0;
  if (asked !== mask) return UNKNOWN;
  return negated ? 0 : 1;
}

interface Bits {
  readonly value: number;
  readonly known: number;
}

const whole = (field: Field): Bits | null | typeof UNKNOWN =>
  typeof field !== 'number' || field === UNKNOWN ? (field === UNKNOWN ? UNKNOWN : null) : { value: field, known: -1 };

/** No packet is a piece of one where rules see it: its offset and MF are 0. Nothing tells DF. */
const FIRST_FRAGMENT: Bits = { value: 0, known: 0x3fff };

/** Source: enum ip_conntrack_status, nf_conntrack_common.h. */
const SEEN_REPLY = 2;
const CONFIRMED = 8;
const SRC_NAT = 16;
const DST_NAT = 32;

function statusOf({ tracked }: Skb): Bits | null {
  const connection = tracked?.connection;
  if (connection == null) return null;
  const confirmed = tracked?.state === 'NEW' ? 0 : CONFIRMED;
  const value =
    confirmed | (connection.seenReply ? SEEN_REPLY : 0) | (isSnatted(connection) ? SRC_NAT : 0) | (isDnatted(connection) ? DST_NAT : 0);
  // Of one that is new here, nothing tells whether a packet before it was let through.
  return { value, known: SEEN_REPLY | SRC_NAT | DST_NAT | confirmed };
}

function fieldOf(selector: Selector, skb: Skb, marks: Marks): Field {
  const { packet, input, output } = skb;
  switch (selector) {
    case 'ip saddr':
      return ofFamily('IPv4', packet.source);
    case 'ip daddr':
      return ofFamily('IPv4', packet.destination);
    case 'ip6 saddr':
      return ofFamily('IPv6', packet.source);
    case 'ip6 daddr':
      return ofFamily('IPv6', packet.destination);
    case 'meta l4proto':
      return protocolOf(packet);
    case 'meta mark':
      return marks.mark;
    case 'iifname':
      return isUnnamed(input) ? UNKNOWN : (input?.name ?? '');
    case 'oifname':
      return isUnnamed(output) ? UNKNOWN : (output?.name ?? '');
    case 'th sport':
      return packet.icmp === null ? packet.sourcePort : null;
    case 'th dport':
      return packet.icmp === null ? packet.destinationPort : null;
    case 'tcp sport':
    case 'udp sport':
    case 'sctp sport':
      return ofProtocol(selector, packet) ? packet.sourcePort : null;
    case 'tcp dport':
    case 'udp dport':
    case 'sctp dport':
      return ofProtocol(selector, packet) ? packet.destinationPort : null;
    case 'set sport':
      return ipsetPort(skb, packet.sourcePort, marks);
    case 'set dport':
      return ipsetPort(skb, packet.destinationPort, marks);
    default:
      return foundField(selector, skb, marks);
  }
}

/** Source: get_port, net/netfilter/ipset/ip_set_getport.c. */
function ipsetPort(skb: Skb, port: number, marks: Marks): Field {
  const { packet } = skb;
  if (packet.icmp === null) return packet.protocol === 'ipip' ? 0 : port;
  const icmp = packetFamily(packet) === 'IPv4' ? 'icmp' : 'icmpv6';
  const [type, code] = [foundField(`${icmp} type`, skb, marks), foundField(`${icmp} code`, skb, marks)];
  return typeof type !== 'number' || typeof code !== 'number' || code === UNKNOWN ? UNKNOWN : (type << 8) | code;
}

const ofProtocol = (selector: string, { protocol }: WirePacket) => selector.startsWith(`${protocol} `);
const ofFamily = (family: IpFamily, a: IpAddress): IpAddress | null => (familyOf(a) === family ? a : null);
const ifFamily = <V>(family: IpFamily, packet: WirePacket, value: V): V | null => (packetFamily(packet) === family ? value : null);

const protocolOf = (packet: WirePacket): 'ipv6-icmp' | WireProtocol =>
  packet.protocol === 'icmp' && packetFamily(packet) === 'IPv6' ? 'ipv6-icmp' : packet.protocol;

type OtherSelector = Exclude<FoundSelector, 'sctp sport' | 'sctp dport'>;

function foundField(selector: OtherSelector, skb: Skb, marks: Marks): Field {
  const { packet } = skb;
  const isIpv4 = packetFamily(packet) === 'IPv4';
  switch (selector) {
    case 'meta nfproto':
      return isIpv4 ? 'ipv4' : 'ipv6';
    case 'meta protocol':
      return isIpv4 ? 'ip' : 'ip6';
    case 'meta length':
      return packet.size;
    case 'ip length':
      return ifFamily('IPv4', packet, packet.size);
    case 'ip6 length':
      return ifFamily('IPv6', packet, packet.size - IPV6_HEADER);
    case 'meta pkttype':
      return packetType(skb);
    case 'meta skuid':
    case 'meta skgid':
      // A packet that came in belongs to no socket yet, but for one that was sent from here to here.
      return skb.input === null || skb.input.kind === 'loopback' ? UNKNOWN : null;
    case 'ip protocol':
      return ifFamily('IPv4', packet, protocolOf(packet));
    case 'ip6 nexthdr':
      return ifFamily('IPv6', packet, protocolOf(packet));
    case 'ip ttl':
      return ifFamily('IPv4', packet, packet.ttl);
    case 'ip6 hoplimit':
      return ifFamily('IPv6', packet, packet.ttl);
    case 'ip version':
      return ifFamily('IPv4', packet, 4);
    case 'ip6 version':
      return ifFamily('IPv6', packet, 6);
    case 'ip frag-off':
      return isIpv4 ? UNKNOWN : null;
    case 'dccp sport':
    case 'dccp dport':
    case 'udplite sport':
    case 'udplite dport':
      return null;
    case 'tcp flags':
      return packet.tcpFlags === null ? null : TCP_FLAGS[packet.tcpFlags];
    case 'icmp type':
    case 'icmp code':
      return isIpv4 ? icmpField(packet, selector === 'icmp type' ? 'type' : 'code') : null;
    case 'icmpv6 type':
    case 'icmpv6 code':
      return isIpv4 ? null : icmpField(packet, selector === 'icmpv6 type' ? 'type' : 'code');
    case 'fib saddr type':
    case 'fib daddr type':
    case 'fib saddr . iif type':
    case 'fib daddr . iif type':
    case 'fib saddr . oif type':
    case 'fib daddr . oif type':
      return FIB_TYPES[fibType(selector, skb)];
    case 'fib saddr . iif oif':
      return UNKNOWN;
    default:
      return connectionField(selector, skb, marks);
  }
}

const IPV6_HEADER = 40;

/** Source: include/uapi/linux/if_packet.h. What a bridge switches may be for another machine. */
const PACKET_HOST = 0;
const PACKET_BROADCAST = 1;
const PACKET_MULTICAST = 2;
function packetType(skb: Skb): Field {
  const type = typeOn(skb, skb.packet.destination, undefined);
  if (type === 'BROADCAST') return PACKET_BROADCAST;
  if (type === 'MULTICAST') return PACKET_MULTICAST;
  return skb.bridged === null ? PACKET_HOST : UNKNOWN;
}

/** Source: include/uapi/linux/rtnetlink.h. */
const FIB_TYPES: Readonly<Record<AddressType, number>> = { UNICAST: 1, LOCAL: 2, BROADCAST: 3, MULTICAST: 5 };

function fibType(selector: string, skb: Skb): AddressType {
  const address = selector.startsWith('fib saddr') ? skb.packet.source : skb.packet.destination;
  return typeOn(skb, address, selector.includes('. iif') ? 'in' : selector.includes('. oif') ? 'out' : undefined);
}

const TCP_FLAGS = { SYN: 0x02, 'SYN-ACK': 0x12, ACK: 0x10, 'PSH-ACK': 0x18, RST: 0x14 } as const;

function icmpField({ icmp, destination }: WirePacket, part: 'type' | 'code'): Field {
  return icmp === null ? null : icmpNumbers(familyOf(destination), icmp)[part];
}

type ConnectionSelector = Extract<FoundSelector, `ct ${string}`>;

/** Without a connection there is no field of it, but the state. */
function connectionField(selector: ConnectionSelector, { tracked }: Skb, { connmark }: Marks): Field {
  if (selector === 'ct state') return stateBit(tracked);
  const connection = tracked?.connection;
  if (tracked == null || connection == null) return null;
  switch (selector) {
    case 'ct status':
      return UNKNOWN;
    case 'ct mark':
      return connmark;
    case 'ct direction':
      return tracked.direction === 'original' ? 0 : 1;
    default: {
      const [, direction, family, part] = selector.split(' ');
      const { source, destination, sourcePort, destinationPort, protocol } =
        direction === 'original' ? connection.original : connection.reply;
      switch (family) {
        case 'proto-src':
          return sourcePort;
        case 'proto-dst':
          return destinationPort;
        case 'protocol':
          return protocol === 'icmp' && familyOf(source) === 'IPv6' ? 'ipv6-icmp' : protocol;
        default:
          return ofFamily(family === 'ip' ? 'IPv4' : 'IPv6', part === 'saddr' ? source : destination);
      }
    }
  }
}

/** As nft numbers them. Source: NF_CT_STATE_BIT, include/uapi/linux/netfilter/nf_conntrack_common.h. */
export const STATE_BITS = { INVALID: 1, ESTABLISHED: 2, RELATED: 4, NEW: 8, UNTRACKED: 64 } as const;

function stateBit(tracked: Tracked | null): number {
  for (const state of ['INVALID', 'ESTABLISHED', 'RELATED', 'NEW', 'UNTRACKED'] as const)
    if (inState(tracked, state)) return STATE_BITS[state];
  return 0;
}

export function inState(tracked: Tracked | null, state: ConnectionState): boolean {
  switch (state) {
    case 'UNTRACKED':
      return tracked === null || tracked.state === 'UNTRACKED';
    case 'DNAT':
      return tracked?.connection != null && isDnatted(tracked.connection);
    case 'SNAT':
      return tracked?.connection != null && isSnatted(tracked.connection);
    case 'NEW':
    case 'ESTABLISHED':
    case 'RELATED':
    case 'INVALID':
      return tracked?.state === state;
  }
}
