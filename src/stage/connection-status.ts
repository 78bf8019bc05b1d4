import { type Connection, isDnatted, isSnatted, type Tracked } from '../datapath/conntrack.ts';

/** Bits of a field, and which of them are known. */
export interface Bits {
  readonly value: number;
  readonly known: number;
}

/** Source: enum ip_conntrack_status, nf_conntrack_common.h. */
export const STATUS_BITS = { EXPECTED: 1, SEEN_REPLY: 2, ASSURED: 4, CONFIRMED: 8, SNAT: 16, DNAT: 32 } as const;

/** The status bits of the packet's connection; null: it has none. */
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
  // Only a helper expects connections, and whether one expected a connection of `conntrack -L` is not known. Nor is whether a NEW one is
  // confirmed: an earlier packet of it may have been let through.
  const expected = connection.origin === undefined ? EXPECTED : 0;
  return { value, known: SEEN_REPLY | SNAT | DNAT | confirmed | expected | (assured === null ? 0 : ASSURED) };
}

/**
 * Is the connection assured? One of TCP is after its handshake, a stream of datagrams after two seconds, a ping never. Null: not known.
 * Source: nf_conntrack_tcp_packet, nf_conntrack_udp_packet.
 */
function isAssured({ tcp, seenReply, origin }: Connection): boolean | null {
  if (origin !== undefined) return null;
  if (tcp === 'established') return seenReply ? true : null;
  return tcp === 'closed' ? null : false;
}
