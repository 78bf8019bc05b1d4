import type { Netns } from '../datapath/netns.ts';
import type { Route } from '../datapath/route.ts';

/** A route that was compiled, by the devices of a machine as they were found. */
export function renamedRoute(route: Route, { foundNames }: Netns): Route {
  if (foundNames === undefined) return route;
  return { ...route, nextHops: route.nextHops.map((n) => ({ ...n, device: foundNames.get(n.device) ?? n.device })) };
}
