import type { Route } from '../../datapath/route.ts';
import { familyOf } from '../../net/address.ts';
import { formatPrefix } from '../../net/prefix.ts';

/**
 * Joins IPv6 routes that are the next hops of one: older tools print each next hop as a route of its own. The kernel takes routes with
 * gateways, one prefix and one metric for one route: rt6_qualify_for_ecmp, include/net/ip6_route.h.
 */
export function joined(routes: readonly Route[]): readonly Route[] {
  const joint = new Map<string, Route>();
  const found: (Route | string)[] = [];
  for (const route of routes) {
    const key = siblingKey(route);
    const first = key === null ? undefined : joint.get(key);
    if (key === null) found.push(route);
    else if (first === undefined) found.push(key);
    // The kernel does not hold the same next hop twice: the route was listed twice.
    const others =
      first === undefined ? [] : route.nextHops.filter((n) => !first.nextHops.some((f) => f.via === n.via && f.device === n.device));
    if (key !== null) joint.set(key, first === undefined ? route : { ...first, nextHops: [...first.nextHops, ...others] });
  }
  return found.flatMap((route) => (typeof route === 'string' ? (joint.get(route) ?? []) : route));
}

function siblingKey({ type, prefix, metric, nextHops, unmodelled }: Route): string | null {
  const isSibling = type === 'unicast' && familyOf(prefix.address) === 'IPv6' && unmodelled === undefined;
  return isSibling && nextHops.length > 0 && nextHops.every(({ via }) => via !== null) ? `${formatPrefix(prefix)} ${metric}` : null;
}
