import type { KeyValue, Selector } from '../datapath/netfilter/sets.ts';
import { packetFamily, type WirePacket } from '../net/packet.ts';
import { isStandIn } from './address-type.ts';
import { isUnnamed } from './device-name.ts';
import { type Field, type Marks, ofFamily, UNKNOWN } from './field-value.ts';
import { foundField, protocolOf } from './found-field.ts';
import { type Skb, seenInput } from './skb.ts';

/**
 * The values of these fields; null: the packet does not have all of them, and the rule does not match; UNKNOWN: one is not known. For ICMP
 * `th dport` alone reads the checksum, which is not known; beside other fields, an element names its protocol, which is another one.
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

/** The value of one field of the packet. */
export function fieldOf(selector: Selector, skb: Skb, marks: Marks): Field {
  const { packet, output } = skb;
  const input = seenInput(skb);
  switch (selector) {
    case 'ip saddr':
      return isStandIn(skb, packet.source) ? UNKNOWN : ofFamily('IPv4', packet.source);
    case 'ip daddr':
      return isStandIn(skb, packet.destination) ? UNKNOWN : ofFamily('IPv4', packet.destination);
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
