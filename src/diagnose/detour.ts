import type { Hop } from '../hop/hop.ts';
import type { RouteHop } from '../hop/linux-hop.ts';
import type { Context } from './context.ts';
import { routesOf } from './scene.ts';

/** The stated route that leads to this machine: it is why the packet came there. */
export function detourTo({ datapath }: Context, hops: readonly Hop[], netns: string): RouteHop | undefined {
  const addresses = [...(datapath.netns(netns)?.devices.values() ?? [])].flatMap((d) => d.addresses.map((a) => a.address));
  const leadsThere = ({ nextHop }: RouteHop) => nextHop?.via != null && addresses.includes(nextHop.via);
  return routesOf(hops).findLast((h) => h.origin.evidence === 'declared' && leadsThere(h));
}
