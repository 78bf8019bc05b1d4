import type { Match } from '../datapath/netfilter/match.ts';
import { isLocalAddress } from './address-type.ts';
import { listener } from './deliver.ts';
import { payload, type Skb } from './skb.ts';

/**
 * Is it of a socket that the match asks for? Null: nobody knows. What a machine passes on has none. What it sends has one, of a program or of the
 * kernel, but for a reset of REJECT's. Source: owner_mt, net/netfilter/xt_owner.c.
 */
export function isOwned({ input, packet }: Skb, { exists }: Extract<Match, { kind: 'owner' }>): boolean | null {
  if (input !== null) return false;
  return exists === true && packet.tcpFlags !== 'RST' ? true : null;
}

/**
 * Does a socket here wait for it? A new connection finds one that listens. Programs listen at any address, or at one that is the machine's; that
 * some transparent one is bound to the very address and port that another calls is taken not to be. Null: nobody knows.
 * Source: socket_match, net/netfilter/xt_socket.c, and nf_sk_lookup_slow_v4.
 */
export function isAwaitedHere(skb: Skb, { transparent, wildcard }: Extract<Match, { kind: 'socket' }>): boolean | null {
  const { netns, awaited, packet, inner } = skb;
  if (transparent || inner !== null || packet.icmp !== null || !isLocalAddress(netns, packet.destination)) return false;
  if (packet.protocol !== 'tcp' && packet.protocol !== 'udp') return false;
  if (awaited !== null) return awaited.netns === netns && packet.protocol === 'tcp' ? true : null;
  const socket = listener(netns, payload(skb));
  if (socket === null) return false;
  return socket.port === null ? null : wildcard || socket.address !== null;
}
