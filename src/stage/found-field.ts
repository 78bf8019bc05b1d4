import type { AddressType } from '../datapath/netfilter/match.ts';
import type { FoundSelector } from '../datapath/netfilter/sets.ts';
import type { IpFamily } from '../net/address.ts';
import { isIcmpError, packetFamily, type WirePacket, type WireProtocol } from '../net/packet.ts';
import { typeOn } from './address-type.ts';
import { connectionField } from './connection-field.ts';
import { type Field, type Marks, UNKNOWN } from './field-value.ts';
import { icmpOf, type Skb } from './skb.ts';

const ifFamily = <V>(family: IpFamily, packet: WirePacket, value: V): V | null => (packetFamily(packet) === family ? value : null);

export const protocolOf = (packet: WirePacket): 'ipv6-icmp' | WireProtocol =>
  packet.protocol === 'icmp' && packetFamily(packet) === 'IPv6' ? 'ipv6-icmp' : packet.protocol;

type OtherSelector = Exclude<FoundSelector, 'sctp sport' | 'sctp dport'>;

/** A field that only rules which were found on a machine ask for. */
export function foundField(selector: OtherSelector, skb: Skb, marks: Marks): Field {
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
    case 'meta cgroup':
      return ofSender(selector, skb);
    case 'ip protocol':
      return ifFamily('IPv4', packet, protocolOf(packet));
    case 'ip6 nexthdr':
      return ifFamily('IPv6', packet, protocolOf(packet));
    case 'ip ttl':
      return ifFamily('IPv4', packet, marks.ttl);
    case 'ip6 hoplimit':
      return ifFamily('IPv6', packet, marks.ttl);
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
      return isIpv4 ? icmpField(skb, selector === 'icmp type' ? 'type' : 'code') : null;
    case 'icmpv6 type':
    case 'icmpv6 code':
      return isIpv4 ? null : icmpField(skb, selector === 'icmpv6 type' ? 'type' : 'code');
    case 'fib saddr type':
    case 'fib daddr type':
    case 'fib saddr . iif type':
    case 'fib daddr . iif type':
    case 'fib saddr . oif type':
    case 'fib daddr . oif type': {
      const type = fibType(selector, skb);
      return type === null ? UNKNOWN : FIB_TYPES[type];
    }
    case 'fib saddr . iif oif':
      return UNKNOWN;
    default:
      return connectionField(selector, skb, marks);
  }
}

const IPV6_HEADER = 40;

/**
 * A packet that came in belongs to no socket yet, but for one that was sent from here to here. The kernel's own are of no file, which user and group are
 * those of, and of no control group; a reset of REJECT's is of no socket at all. Source: nft_meta_get_eval_skugid, net/netfilter/nft_meta.c.
 */
function ofSender(selector: 'meta skuid' | 'meta skgid' | 'meta cgroup', { input, packet: { icmp, tcpFlags }, discovery }: Skb): Field {
  if (input !== null && input.kind !== 'loopback') return null;
  const isOfKernel = discovery !== undefined || isIcmpError(icmp) || icmp?.type === 'echo-reply';
  if (selector === 'meta cgroup') return isOfKernel ? 0 : UNKNOWN;
  return isOfKernel || tcpFlags === 'RST' ? null : UNKNOWN;
}

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

function fibType(selector: string, skb: Skb): AddressType | null {
  const address = selector.startsWith('fib saddr') ? skb.packet.source : skb.packet.destination;
  return typeOn(skb, address, selector.includes('. iif') ? 'in' : selector.includes('. oif') ? 'out' : undefined);
}

const TCP_FLAGS = { SYN: 0x02, 'SYN-ACK': 0x12, ACK: 0x10, 'PSH-ACK': 0x18, RST: 0x14 } as const;

const icmpField = (skb: Skb, part: 'type' | 'code'): Field => icmpOf(skb)?.[part] ?? null;
