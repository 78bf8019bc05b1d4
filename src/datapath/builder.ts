import { familyOf, type IpAddress, type IpFamily } from '../net/address.ts';
import type { Prefix } from '../net/prefix.ts';
import type { PrefixTable } from '../net/prefix-table.ts';
import type { Origin } from '../source/origin.ts';
import type { RoutingRule } from './fib.ts';
import type { Ruleset } from './netfilter/ruleset.ts';
import type { Netns } from './netns.ts';
import { type NextHop, type Route, usualMetric } from './route.ts';
import type { Sysctl } from './sysctl.ts';

/** A namespace in the making. Devices and routes may be added until `finish`. */
export interface NetnsBuilder {
  readonly netns: Netns;
  readonly origin: Origin;
  readonly routes: Map<number, Route[]>;
  shared: PrefixTable<Route> | null;
  hidesShared: (route: Route) => boolean;
  /** Beside the three that every namespace has. */
  readonly rules: RoutingRule[];
  readonly sysctls: Map<string, Sysctl>;
  readonly rulesets: Record<IpFamily, Ruleset>;
}

export const onLink = (device: string): NextHop => ({ via: null, device, weight: 1 });

export function addRoute(builder: NetnsBuilder, table: number, route: Route): void {
  const routes = builder.routes.get(table);
  if (routes === undefined) builder.routes.set(table, [route]);
  else routes.push(route);
}

/** `onlink`: the next hop is taken to be on the device's link. */
export function routeVia(prefix: Prefix, via: IpAddress, device: string, origin: Origin, onlink = false): Route {
  return {
    prefix,
    type: 'unicast',
    metric: usualMetric(familyOf(via)),
    nextHops: [{ via, device, weight: 1, ...(onlink ? { onlink } : {}) }],
    source: null,
    origin,
  };
}
