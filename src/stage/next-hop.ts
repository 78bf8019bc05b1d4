import type { RouteMatch } from '../datapath/fib.ts';
import type { NextHop } from '../datapath/route.ts';
import type { Destination, Skb } from './skb.ts';

/**
 * The ways that a route offers, with their shares: one, but for ECMP. A flow that has been here keeps its next hop, because the kernel
 * chooses by a hash of the addresses (fib_multipath_hash_policy 0), and of IPv6's flow label, which all packets of a flow have, too.
 */
export function nextHopsOf(skb: Skb, match: RouteMatch): readonly { readonly nextHop: NextHop | null; readonly share: number }[] {
  const { nextHops, route } = match;
  if (nextHops.length <= 1) return [{ nextHop: nextHops[0] ?? null, share: 1 }];
  for (let c = skb.choices; c !== null; c = c.older)
    if (c.netns === skb.netns.name && c.route === route && c.source === skb.packet.source && c.destination === skb.packet.destination)
      return [{ nextHop: c.chosen, share: 1 }];
  const total = nextHops.reduce((sum, n) => sum + n.weight, 0);
  return nextHops.map((nextHop) => ({ nextHop, share: nextHop.weight / total }));
}

/** Notes on the packet where it goes, and for ECMP which way was taken. */
export function setDestination(skb: Skb, match: RouteMatch, nextHop: NextHop | null): Destination {
  const { route } = match;
  const device = nextHop === null ? null : (skb.netns.devices.get(nextHop.device) ?? null);
  skb.destination = { route, nextHop, device };
  if (nextHop !== null && match.nextHops.length > 1)
    skb.choices = {
      netns: skb.netns.name,
      route,
      source: skb.packet.source,
      destination: skb.packet.destination,
      chosen: nextHop,
      older: skb.choices,
    };
  return skb.destination;
}
