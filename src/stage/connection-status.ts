import { type Connection, isDnatted, isSnatted, type Tracked } from '../datapath/conntrack.ts';

/** Bits of a field, and which of them are known. */
export interface Bits {
  readonly value: number;
  readonly known: number;
}

/** Source: enum ip_conntrack_status, nf_conntrack_common.h. */
export const STATUS_BITS = { EXPECTED: 1, SEEN_REPLY: 2, ASSURED: 4, CONFIRMED: 8, SNAT: 16, DNAT: 32 } as const;

/** What conntrack notes of the packet's connection; null: it has none. */
export function statusOf(tracked: Tracked | null): Bits | null {
  const connection = tracked?.connection;
  if (tracked == null || connection == null) return null;
  const { SEEN_REPLY, CONFIRMED, SNAT, DNAT, EXPECTED, ASSURED } = STATUS_BITS;
  const confirmed = tracked.state === 'NEW' ? 0 : CONFIRMED;
  const assured = isAssured(connection);
  const value =
    confirmed |
    (assured === true ? ASSURED : 0) |
    (connection.seenReply ? SEEN_REPLY : 0) |
    (isSnatted(connection) ? SNAT : 0) |
    (isDnatted(connection) ? DNAT : 0);
  // Of one that is new here, nothing tells whether a packet before it was let through. Only a helper expects connections.
  const expected = connection.origin === undefined ? EXPECTED : 0;
  return { value, known: SEEN_REPLY | SNAT | DNAT | confirmed | expected | (assured === null ? 0 : ASSURED) };
}

/**
 * TCP's is, once its handshake was seen; a datagram's is not before its stream is two seconds old, and a ping's never. Null: nothing tells. Source:
 * nf_conntrack_tcp_packet, nf_conntrack_udp_packet.
 */
function isAssured({ tcp, seenReply, origin }: Connection): boolean | null {
  if (origin !== undefined) return null;
  if (tcp === 'established') return seenReply ? true : null;
  return tcp === 'closed' ? null : false;
}
