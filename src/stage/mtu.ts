import type { Device } from '../datapath/netns.ts';
import type { Failure } from '../hop/failure.ts';
import { mayBeFragmented, packetFamily } from '../net/packet.ts';
import type { Skb } from './skb.ts';

/** Bytes on the wire: of the packet, or of its largest piece. */
export const wireSize = ({ packet, piece }: Pick<Skb, 'packet' | 'piece'>): number => Math.min(packet.size, piece);

/**
 * ip_output: a packet that is too large for the device is cut to pieces, if it may be; IPv6 only by its sender (RFC 8200, 5). Answers
 * whether it fits now.
 */
export function fits(skb: Skb, device: Device): boolean {
  const may = skb.inner === null ? mayBeFragmented(skb.packet) : skb.inner.mayBeFragmented;
  if (may && (packetFamily(skb.packet) === 'IPv4' || skb.input === null)) skb.piece = Math.min(skb.piece, device.mtu);
  return wireSize(skb) <= device.mtu;
}

/** A packet, or its largest piece, of more bytes than a device takes. */
export const tooLargeFor = (device: Device, where: Failure<'MTU_EXCEEDED'>['facts']['where'], size: number): Failure<'MTU_EXCEEDED'> => ({
  code: 'MTU_EXCEEDED',
  facts: { where, size, mtu: device.mtu, device: device.name, netns: device.netns.name },
  origin: device.origin,
});
