import type { Route } from './route.ts';

/** The route with other names of devices; a device that is not in `names` keeps its own. */
export function renamedRoute(route: Route, names: ReadonlyMap<string, string> | undefined): Route {
  if (names === undefined || !route.nextHops.some((n) => (names.get(n.device) ?? n.device) !== n.device)) return route;
  return { ...route, nextHops: route.nextHops.map((n) => ({ ...n, device: names.get(n.device) ?? n.device })) };
}
