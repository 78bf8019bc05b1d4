import { familyOf, type IpAddress } from '../net/address.ts';
import { contains, DEFAULT_PREFIX } from '../net/prefix.ts';
import type { PrefixTable } from '../net/prefix-table.ts';
import { type Devices, isAlive, isForHere, liveHops, type NextHop, type RemovedRoute, type Route } from './route.ts';
import { type FlowKey, type RoutingRule, type RuleAction, selects } from './routing-rule.ts';

export { type FlowKey, type RoutingRule, selectorText } from './routing-rule.ts';

export const LOCAL_TABLE = 255;
export const MAIN_TABLE = 254;
export const DEFAULT_TABLE = 253;

/**
 * One routing table. `shared` holds the routes that all machines of a segment have in common, so that no machine keeps a copy of it;
 * `hides` says which of those this machine does not have.
 */
export interface Fib {
  readonly id: number;
  readonly routes: PrefixTable<Route>;
  readonly shared: PrefixTable<Route> | null;
  readonly hides: (route: Route) => boolean;
  readonly removed: readonly RemovedRoute[];
}

/** Rules that are taken away: those with this priority and these selectors. Undefined: whatever the rule has there. */
export type RemovedRule = Pick<RoutingRule, 'priority' | 'origin'> & Partial<Omit<RoutingRule, 'priority' | 'origin'>>;

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
  /** A `throw` route that handed the packet on, to no avail. */
  readonly thrown: Route | null;
  /** The reason why it is not known whether there is a route; null: there is none. */
  readonly undecided: Undecided | null;
}

/** A rule that may or may not select the packet, with unknown routes behind it; or a route with a part that is not modelled. */
export type Undecided =
  | { readonly kind: 'selector' | 'action'; readonly rule: RoutingRule }
  | { readonly kind: 'route'; readonly route: Route };

interface Tables {
  readonly rules: readonly RoutingRule[];
  readonly tables: ReadonlyMap<number, Fib>;
  readonly devices: Devices;
}

/** Routes that could not be taken, and tables that threw the look-up on. */
type Missed = Pick<NoRoute, 'dead' | 'removed' | 'thrown'>;

/**
 * fib_lookup: rules by priority, in each table the longest prefix, then the lowest metric. A route whose devices are all down is not
 * there (the kernel has removed it); `throw` goes on with the next rule.
 */
export const lookUp = (netns: Tables, flow: FlowKey): RouteMatch | NoRoute =>
  fromRule(netns, flow, 0, { dead: null, removed: null, thrown: null });

function fromRule(netns: Tables, flow: FlowKey, first: number, missed: Missed): RouteMatch | NoRoute {
  let so = missed;
  for (let i = first; i < netns.rules.length; ) {
    const rule = netns.rules[i] as RoutingRule;
    const selected = selects(rule, flow);
    if (selected === null) return eitherWay(netns, flow, i, so);
    const taken = selected ? take(netns, flow, rule, so) : so;
    if ('route' in taken) return taken;
    so = taken;
    i = selected ? after(netns.rules, i) : i + 1;
  }
  return { route: null, ...so, undecided: null };
}

/** fib_rules_lookup: backwards no rule goes, and one that goes to none is passed over. Source: net/core/fib_rules.c. */
function after(rules: readonly RoutingRule[], at: number): number {
  const action = rules[at]?.action;
  if (action?.kind !== 'goto') return at + 1;
  const target = rules.findIndex((rule, i) => i > at && rule.priority === action.priority);
  return target === -1 ? at + 1 : target;
}

/** Whether the rule selects the packet does not matter where the same route is found either way; else it is as it is taken to be. */
function eitherWay(netns: Tables, flow: FlowKey, at: number, missed: Missed): RouteMatch | NoRoute {
  const rule = netns.rules[at] as RoutingRule;
  const unknown: NoRoute = { route: null, ...missed, undecided: { kind: 'selector', rule } };
  if (rule.action?.kind === 'goto') return unknown;
  const without = fromRule(netns, flow, at + 1, missed);
  const taken = take(netns, flow, rule, missed);
  if (!('route' in taken) || (taken.route !== null && taken.route === without.route)) return without;
  const supposed = flow.supposed?.(rule) ?? null;
  return supposed === null ? unknown : supposed ? taken : without;
}

/** The answer of a rule that selects the packet; if the look-up goes on, the routes that it missed so far. */
function take(netns: Tables, flow: FlowKey, rule: RoutingRule, missed: Missed): RouteMatch | NoRoute | Missed {
  const { action } = rule;
  if (action !== undefined) return act(flow, rule, action, missed);
  const fib = netns.tables.get(rule.table);
  if (fib === undefined) return missed;
  const found = longest(fib, flow, netns.devices);
  const { route } = found;
  const dead = missed.dead ?? found.dead;
  // So it is mostly, and no walk looks up more often than it does anything else.
  if (route === null && dead === null && fib.removed.length === 0) return missed;
  if (route?.unmodelled !== undefined) return { route: null, ...missed, dead, undecided: { kind: 'route', route } };
  if (route !== null && route.type !== 'throw' && !isSuppressed(route, rule))
    return { route, rule, table: rule.table, nextHops: liveHops(route, netns.devices), dead };
  const thrown = missed.thrown ?? (route?.type === 'throw' ? route : null);
  return { dead, thrown, removed: missed.removed ?? removedFor(fib.removed, flow.destination) };
}

function act(flow: FlowKey, rule: RoutingRule, action: RuleAction, missed: Missed): RouteMatch | NoRoute | Missed {
  if (action.kind === 'nop' || action.kind === 'goto') return missed;
  if (action.kind === 'unmodelled') return { route: null, ...missed, undecided: { kind: 'action', rule } };
  const prefix = DEFAULT_PREFIX[familyOf(flow.destination)];
  const route: Route = { prefix, type: action.kind, metric: 0, nextHops: [], source: null, origin: rule.origin };
  return { route, rule, table: rule.table, nextHops: [], dead: missed.dead };
}

/** fib4_rule_suppress; of a route that refuses it is not asked. Source: net/ipv4/fib_rules.c. */
const isSuppressed = ({ type, prefix }: Route, { suppressPrefixLength: most = -1 }: RoutingRule) =>
  prefix.length <= most && (type === 'unicast' || isForHere({ type }));

/** The missing route that would have been taken: the one with the longest prefix. */
export const removedFor = (removed: readonly RemovedRoute[], destination: IpAddress): RemovedRoute | null =>
  removed
    .filter(({ prefix }) => contains(prefix, destination))
    .reduce<RemovedRoute | null>((best, r) => (best === null || r.prefix.length > best.prefix.length ? r : best), null);

interface Found {
  route: Route | null;
  dead: Route | null;
}

/** The route of one table for an address, by devices that are up. */
export const findIn = (fib: Fib, address: IpAddress, devices: Devices): Route | null =>
  longest(fib, { destination: address, iif: null }, devices).route;

type Sought = Pick<FlowKey, 'destination' | 'iif' | 'oif' | 'isByOif'>;

/** A machine's own routes and those that it shares with its segment, from the longest prefix down. */
function longest(fib: Fib, sought: Sought, devices: Devices): Found {
  const found: Found = { route: null, dead: null };
  search(fib.routes, null, sought, devices, found);
  if (fib.shared !== null) search(fib.shared, fib.hides, sought, devices, found);
  return found;
}

function search(table: PrefixTable<Route>, hides: Fib['hides'] | null, sought: Sought, devices: Devices, found: Found): void {
  const { destination } = sought;
  for (const length of table.lengths) {
    if (found.route !== null && length < found.route.prefix.length) return;
    const routes = table.at(destination, length);
    if (routes === undefined) continue;
    for (const route of routes) {
      if (hides?.(route) === true) continue;
      if (!isAlive(route, devices)) found.dead ??= route;
      else if (found.route === null || better(route, found.route, sought)) found.route = route;
    }
  }
}

function better(a: Route, b: Route, sought: Sought): boolean {
  if (a.prefix.length !== b.prefix.length) return a.prefix.length > b.prefix.length;
  if (a.metric === b.metric) return isNearer(a, b, sought);
  return sought.isByOif === true && isNearer(a, b, sought) !== isNearer(b, a, sought) ? isNearer(a, b, sought) : a.metric < b.metric;
}

/**
 * Is the first of two equal IPv6 routes, which are no multipath route, the nearer one? It is by the device that the packet came in by, or
 * is to leave by: rt6_score_route, net/ipv6/route.c.
 */
function isNearer(a: Route, b: Route, { destination, iif, oif }: Sought): boolean {
  const device = oif ?? iif;
  return device !== null && isBy(a, device) && !isBy(b, device) && familyOf(destination) === 'IPv6';
}

const isBy = ({ nextHops }: Route, device: string): boolean => nextHops.some((hop) => hop.device === device);

/** All routes of a table, those shared with other machines included. */
export function* routesOf(fib: Fib): Iterable<Route> {
  yield* fib.routes.values();
  if (fib.shared !== null) for (const route of fib.shared.values()) if (!fib.hides(route)) yield route;
}
