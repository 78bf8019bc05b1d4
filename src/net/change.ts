import type { IpAddress } from './address.ts';
import { isIcmpError, type Packet, type WirePacket, type WireProtocol } from './packet.ts';

/** One header field that a hop rewrote. The `original.` fields are those of the packet that an ICMP error quotes, the `outer.` ones of a tunnel's. */
export type Change =
  | { readonly field: AddressField; readonly from: IpAddress; readonly to: IpAddress }
  | { readonly field: NumberField; readonly from: number; readonly to: number };

export type AddressField = HeaderAddress | `outer.${HeaderAddress}`;
export type NumberField = HeaderNumber | `outer.${HeaderNumber}`;

type HeaderAddress = 'source' | 'destination' | 'icmp.original.source' | 'icmp.original.destination';
type HeaderNumber = 'sourcePort' | 'destinationPort' | 'ttl' | 'size' | 'icmp.original.sourcePort' | 'icmp.original.destinationPort';

export const isAddressChange = (c: Change): c is Extract<Change, { readonly field: AddressField }> =>
  c.field.endsWith('source') || c.field.endsWith('destination');

/** The change as one of the packet that carries another. */
export const ofOuter = (c: Change): Change => ({ ...c, field: `outer.${c.field}` }) as Change;

type Rewrite = Partial<Pick<Packet, 'source' | 'sourcePort' | 'destination' | 'destinationPort' | 'ttl' | 'size'>>;

export interface Rewritten<P extends WireProtocol = WireProtocol> {
  readonly packet: Packet<P>;
  readonly changes: readonly Change[];
}

const NO_CHANGES: readonly Change[] = [];

/** The packet with other header fields, and the list of those that really differ. */
export function rewrite<P extends WireProtocol>(packet: Packet<P>, to: Rewrite): Rewritten<P> {
  const changes: Change[] = [];
  if (to.source !== undefined && to.source !== packet.source) changes.push({ field: 'source', from: packet.source, to: to.source });
  if (to.sourcePort !== undefined && to.sourcePort !== packet.sourcePort)
    changes.push({ field: 'sourcePort', from: packet.sourcePort, to: to.sourcePort });
  if (to.destination !== undefined && to.destination !== packet.destination)
    changes.push({ field: 'destination', from: packet.destination, to: to.destination });
  if (to.destinationPort !== undefined && to.destinationPort !== packet.destinationPort)
    changes.push({ field: 'destinationPort', from: packet.destinationPort, to: to.destinationPort });
  if (to.ttl !== undefined && to.ttl !== packet.ttl) changes.push({ field: 'ttl', from: packet.ttl, to: to.ttl });
  if (to.size !== undefined && to.size !== packet.size) changes.push({ field: 'size', from: packet.size, to: to.size });
  return changes.length === 0 ? { packet, changes: NO_CHANGES } : { packet: withHeader(packet, to), changes };
}

/** Written out: packets are rewritten at every machine. */
const withHeader = <P extends WireProtocol>(packet: Packet<P>, to: Rewrite): Packet<P> => ({
  protocol: packet.protocol,
  source: to.source ?? packet.source,
  sourcePort: to.sourcePort ?? packet.sourcePort,
  destination: to.destination ?? packet.destination,
  destinationPort: to.destinationPort ?? packet.destinationPort,
  tcpFlags: packet.tcpFlags,
  ttl: to.ttl ?? packet.ttl,
  size: to.size ?? packet.size,
  icmp: packet.icmp,
});

/** The same for the header that an ICMP error quotes. */
export function rewriteQuoted(packet: WirePacket, to: Omit<Rewrite, 'ttl' | 'size'>): Rewritten {
  if (!isIcmpError(packet.icmp)) return { packet, changes: NO_CHANGES };
  const quoted = packet.icmp.original;
  const changes: Change[] = [];
  if (to.source !== undefined && to.source !== quoted.source)
    changes.push({ field: 'icmp.original.source', from: quoted.source, to: to.source });
  if (to.sourcePort !== undefined && to.sourcePort !== quoted.sourcePort)
    changes.push({ field: 'icmp.original.sourcePort', from: quoted.sourcePort, to: to.sourcePort });
  if (to.destination !== undefined && to.destination !== quoted.destination)
    changes.push({ field: 'icmp.original.destination', from: quoted.destination, to: to.destination });
  if (to.destinationPort !== undefined && to.destinationPort !== quoted.destinationPort)
    changes.push({ field: 'icmp.original.destinationPort', from: quoted.destinationPort, to: to.destinationPort });
  if (changes.length === 0) return { packet, changes: NO_CHANGES };
  return { packet: { ...packet, icmp: { ...packet.icmp, original: { ...quoted, ...to } } }, changes };
}
