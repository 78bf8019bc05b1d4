import { type Connection, isDnatted, isSnatted, type Tracked } from '../datapath/conntrack.ts';
import type { Direction } from '../datapath/direction.ts';
import type { ConnectionState } from '../datapath/netfilter/match.ts';
import type { FoundSelector } from '../datapath/netfilter/sets.ts';
import { familyOf } from '../net/address.ts';
import { type Field, type Marks, ofFamily, UNKNOWN } from './field-value.ts';
import type { Skb } from './skb.ts';

type ConnectionSelector = Extract<FoundSelector, `ct ${string}`>;

/** A field of the packet's connection; a packet without one has its state only. */
export function connectionField(selector: ConnectionSelector, { tracked }: Skb, { connmark }: Marks): Field {
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
      const way = direction === 'original' ? 'original' : 'reply';
      const { source, destination, protocol } = connection[way];
      switch (family) {
        case 'proto-src':
          return portIn(connection, way, 'source');
        case 'proto-dst':
          return portIn(connection, way, 'destination');
        case 'protocol':
          return protocol === 'icmp' && familyOf(source) === 'IPv6' ? 'ipv6-icmp' : protocol;
        default:
          return ofFamily(family === 'ip' ? 'IPv4' : 'IPv6', part === 'saddr' ? source : destination);
      }
    }
  }
}

/**
 * A port in the tuple of a connection. Conntrack has the identifier of a ping as its source port, which is not known, and type and code as
 * the destination port. Source: union nf_conntrack_man_proto, include/net/netfilter/nf_conntrack_tuple.h.
 */
export function portIn(connection: Connection, direction: Direction, end: 'source' | 'destination'): number {
  const { protocol, source, sourcePort, destinationPort } = connection[direction];
  if (protocol !== 'icmp') return end === 'source' ? sourcePort : destinationPort;
  return end === 'source' ? UNKNOWN : PING_TYPES[familyOf(source)][direction] << 8;
}

const PING_TYPES = { IPv4: { original: 8, reply: 0 }, IPv6: { original: 128, reply: 129 } } as const;

/** nft's bits of the states. Source: NF_CT_STATE_BIT, include/uapi/linux/netfilter/nf_conntrack_common.h. */
const STATE_BITS = { INVALID: 1, ESTABLISHED: 2, RELATED: 4, NEW: 8, UNTRACKED: 64 } as const;

function stateBit(tracked: Tracked | null): number {
  for (const state of ['INVALID', 'ESTABLISHED', 'RELATED', 'NEW', 'UNTRACKED'] as const)
    if (inState(tracked, state)) return STATE_BITS[state];
  return 0;
}

/**
 * A packet that conntrack has not seen yet, as before priority -200, is INVALID; only one that is kept from it is UNTRACKED. Source:
 * nft_ct_get_eval, net/netfilter/nft_ct.c, and state_mt of net/netfilter/xt_conntrack.c.
 */
export function inState(tracked: Tracked | null, state: ConnectionState): boolean {
  switch (state) {
    case 'INVALID':
      return tracked === null || tracked.state === 'INVALID';
    case 'DNAT':
      return tracked?.connection != null && isDnatted(tracked.connection);
    case 'SNAT':
      return tracked?.connection != null && isSnatted(tracked.connection);
    case 'NEW':
    case 'ESTABLISHED':
    case 'RELATED':
    case 'UNTRACKED':
      return tracked?.state === state;
  }
}
