import type { Tracked } from '../datapath/conntrack.ts';
import type { Match } from '../datapath/netfilter/match.ts';
import { familyOf } from '../net/address.ts';
import { contains } from '../net/prefix.ts';
import { yes } from './answer.ts';
import { portIn } from './connection-field.ts';
import { STATUS_BITS, statusOf } from './connection-status.ts';
import { UNKNOWN } from './field-value.ts';

type ConnectionMatch = Extract<Match, { kind: `ct-${string}` }>;

/** Matches on the packet's connection. Source: conntrack_mt, net/netfilter/xt_conntrack.c. */
export function connectionMatches(m: ConnectionMatch, tracked: Tracked & { readonly connection: object }): number {
  const { connection, direction } = tracked;
  switch (m.kind) {
    case 'ct-address': {
      const a = connection[m.direction][m.end];
      return yes(familyOf(a) === familyOf(m.prefix.address) && contains(m.prefix, a), m.negated);
    }
    case 'ct-port': {
      const port = portIn(connection, m.direction, m.end);
      if (port === UNKNOWN) return m.first === 0 && m.last === 0xffff ? yes(true, m.negated) : UNKNOWN;
      return yes(port >= m.first && port <= m.last, m.negated);
    }
    case 'ct-protocol':
      return yes(connection.original.protocol === (m.protocol === 'ipv6-icmp' ? 'icmp' : m.protocol), m.negated);
    case 'ct-direction':
      return yes(direction === m.direction, m.negated);
    case 'ct-status':
      return hasStatus(m, tracked);
  }
}

function hasStatus({ statuses, negated }: Extract<Match, { kind: 'ct-status' }>, tracked: Tracked): number {
  const mask = statuses.reduce((sum, s) => sum | STATUS_BITS[s], 0);
  const noted = statusOf(tracked);
  if (noted === null) return 0;
  if ((noted.value & mask) !== 0) return yes(true, negated);
  return (noted.known & mask) === mask ? yes(false, negated) : UNKNOWN;
}
