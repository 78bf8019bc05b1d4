import type { Device } from '../datapath/netns.ts';
import type { Failure } from '../hop/failure.ts';
import { mayBeFragmented, packetFamily } from '../net/packet.ts';
import type { Origin } from '../source/origin.ts';
import type { Skb } from './skb.ts';

/** Bytes on the wire: of the packet, or of its largest piece. */
export const wireSize = ({ packet, piece }: Pick<Skb, 'packet' | 'piece'>): number => Math.min(packet.size, piece);

/** The most that a packet may have that leaves by a device, and the place that says so. */
export interface Mtu {
  readonly bytes: number;
  readonly origin: Origin;
}

/**
 * ip_dst_mtu_maybe_forward: the route's own, where it has one; of IPv6, what is forwarded heeds that only if it is locked
 * (ip6_dst_mtu_maybe_forward). Source: include/net/ip.h, include/net/ip6_route.h.
 */
export function mtuTowards({ destination, packet, input }: Skb, device: Device): Mtu {
  const route = destination?.device === device ? destination.route : null;
  const isHeeded = input === null || packetFamily(packet) === 'IPv4' || route?.mtu?.isLocked === true;
  if (route?.mtu === undefined || !isHeeded || route.mtu.bytes >= device.mtu) return { bytes: device.mtu, origin: device.origin };
  return { bytes: route.mtu.bytes, origin: route.origin };
}

/**
 * ip_output: a packet that is too large for the device, or for the route, is cut to pieces, if it may be; IPv6 only by its sender (RFC 8200, 5).
 * Answers whether it fits now.
 */
export function fits(skb: Skb, device: Device): boolean {
  const { bytes } = mtuTowards(skb, device);
  const may = skb.inner === null ? mayBeFragmented(skb.packet) : skb.inner.mayBeFragmented;
  if (may && (packetFamily(skb.packet) === 'IPv4' || skb.input === null)) skb.piece = Math.min(skb.piece, bytes);
  return wireSize(skb) <= bytes;
}

/** A packet, or its largest piece, of more bytes than a device takes, or a route by it. */
export const tooLargeFor = (
  device: Device,
  where: Failure<'MTU_EXCEEDED'>['facts']['where'],
  size: number,
  { bytes, origin }: Mtu = { bytes: device.mtu, origin: device.origin },
): Failure<'MTU_EXCEEDED'> => ({
  code: 'MTU_EXCEEDED',
  facts: { where, size, mtu: bytes, device: device.name, netns: device.netns.name },
  origin,
});
