import { isDnatted, isSnatted, type Tracked } from '../datapath/conntrack.ts';
import type { ConnectionState } from '../datapath/netfilter/match.ts';
import type { FoundSelector } from '../datapath/netfilter/sets.ts';
import { familyOf } from '../net/address.ts';
import { type Field, type Marks, ofFamily, UNKNOWN } from './field-value.ts';
import type { Skb } from './skb.ts';

type ConnectionSelector = Extract<FoundSelector, `ct ${string}`>;

/** Without a connection there is no field of it, but the state. */
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
