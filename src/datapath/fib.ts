import type { IpAddress } from '../net/address.ts';
import { contains, type Prefix } from '../net/prefix.ts';
import type { PrefixTable } from '../net/prefix-table.ts';
import type { Origin } from '../origin.ts';

export const LOCAL_TABLE = 255;
export const MAIN_TABLE = 254;
export const DEFAULT_TABLE = 253;

export type RouteType = 'unicast' | 'local' | 'blackhole' | 'unreachable' | 'prohibit' | 'throw';

export interface NextHop {
  /** Null: the destination itself is on the link. */
  readonly via: IpAddress | null;
  readonly device: string;
  /** Share among the next hops of one route, at least 1. */
  readonly weight: number;
}

export interface Route {
  readonly prefix: Prefix;
  readonly type: RouteType;
  readonly metric: number;
  /** Empty for types that go nowhere; more than one for ECMP. */
  readonly nextHops: readonly NextHop[];
  readonly source: IpAddress | null;
  readonly origin: Origin;
}

/** A route that somebody took away: kept so that 'no route' can say why. */
export interface RemovedRoute {
  readonly prefix: Prefix;
  readonly origin: Origin;
}

/**
 * One routing table. `shared` holds what all machines of a segment have in common, so that no machine keeps a copy of it; `hides` says
 * which of those this machine does not have.
 */
export interface Fib {
  readonly id: number;
  readonly routes: PrefixTable<Route>;
  readonly shared: PrefixTable<Route> | null;
  readonly hides: (route: Route) => boolean;
  readonly removed: readonly RemovedRoute[];
}

export interface RoutingRule {
  readonly priority: number;
  readonly from: Prefix | null;
  readonly to: Prefix | null;
  readonly iif: string | null;
  readonly mark: { readonly value: number; readonly mask: number } | null;
  readonly table: number;
  readonly origin: Origin;
}

/** What a rule may look at. `iif` is null for a packet that is sent from here (rules call that `lo`). */
export interface FlowKey {
  readonly destination: IpAddress;
  readonly source: IpAddress | null;
  readonly iif: string | null;
  readonly mark: number;
}

export interface RouteMatch {
  readonly route: Route;
  readonly rule: RoutingRule;
  readonly table: number;
  /** The next hops whose device is up. */
  readonly nextHops: readonly NextHop[];
  /** A route that would have been preferred if its device were up. */
  readonly dead: Route | null;
}

export interface NoRoute {
  readonly route: null;
  /** A route that would have matched if its device were up. */
  readonly dead: Route | null;
  /** A route that would have matched if it had not been taken away. */
  readonly removed: RemovedRoute | null;
}

interface Tables {
  readonly rules: readonly RoutingRule[];
  readonly tables: ReadonlyMap<number, Fib>;
}

/**
 * fib_lookup: rules by priority, in each table the longest prefix, then the lowest metric. A route whose devices are all down is not
 * there (the kernel has removed it); `throw` goes on with the next rule.
 */
export function lookUp(netns: Tables, flow: FlowKey, isUp: (device: string) => boolean): RouteMatch | NoRoute {
  let dead: Route | null = null;
  let removed: RemovedRoute | null = null;
  for (const rule of netns.rules) {
    if (!selects(rule, flow)) continue;
    const fib = netns.tables.get(rule.table);
    if (fib === undefined) continue;
    const found = longest(fib, flow.destination, isUp);
    if (found.route !== null && found.route.type !== 'throw')
      return { route: found.route, rule, table: rule.table, nextHops: found.nextHops, dead: dead ?? found.dead };
    dead ??= found.dead;
    removed ??= fib.removed.find((r) => contains(r.prefix, flow.destination)) ?? null;
  }
  return { route: null, dead, removed };
}

function selects(rule: RoutingRule, flow: FlowKey): boolean {
  if (rule.from !== null && (flow.source === null || !contains(rule.from, flow.source))) return false;
  if (rule.to !== null && !contains(rule.to, flow.destination)) return false;
  if (rule.iif !== null && rule.iif !== (flow.iif ?? 'lo')) return false;
  return rule.mark === null || (flow.mark & rule.mark.mask) >>> 0 === rule.mark.value;
}

interface Found {
  readonly route: Route | null;
  readonly nextHops: readonly NextHop[];
  readonly dead: Route | null;
}

function longest(fib: Fib, destination: IpAddress, isUp: (device: string) => boolean): Found {
  let dead: Route | null = null;
  const pick = (candidates: readonly Route[], hides: Fib['hides'] | null): Found | undefined => {
    let best: Found | undefined;
    for (const route of candidates) {
      if (hides?.(route) === true) continue;
      if (best?.route != null && best.route.metric <= route.metric) continue;
      // A machine's own addresses stay its own when their device goes down; all other routes by it are taken away.
      const all = route.type === 'local' || route.nextHops.every((n) => isUp(n.device));
      const nextHops = all ? route.nextHops : route.nextHops.filter((n) => isUp(n.device));
      if (nextHops.length > 0 || route.nextHops.length === 0) best = { route, nextHops, dead: null };
      else dead ??= route;
    }
    return best;
  };
  const own = fib.routes.search(destination, (routes) => pick(routes, null));
  const shared = fib.shared?.search(destination, (routes) => pick(routes, fib.hides));
  const found = own?.route != null && shared?.route != null && shorter(own.route, shared.route) ? shared : (own ?? shared);
  return { route: found?.route ?? null, nextHops: found?.nextHops ?? [], dead };
}

function shorter(a: Route, b: Route): boolean {
  return a.prefix.length < b.prefix.length || (a.prefix.length === b.prefix.length && a.metric > b.metric);
}

/** All routes of a table, those shared with other machines included. */
export function* routesOf(fib: Fib): Iterable<Route> {
  yield* fib.routes.values();
  if (fib.shared !== null) for (const route of fib.shared.values()) if (!fib.hides(route)) yield route;
}
