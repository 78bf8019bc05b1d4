import { familyOf, type IpAddress, type IpFamily } from '../net/address.ts';
import { contains, formatPrefix, type Prefix } from '../net/prefix.ts';
import type { PrefixTable } from '../net/prefix-table.ts';
import type { Origin } from '../source/origin.ts';
import type { BalancerRole } from './roles.ts';

export const LOCAL_TABLE = 255;
export const MAIN_TABLE = 254;
export const DEFAULT_TABLE = 253;

/** The metric of a route that states none: `ip -6 route` and the kernel make 0 of IPv6 1024 (IP6_RT_PRIO_USER, include/net/ip6_fib.h). */
export const usualMetric = (family: IpFamily): number => (family === 'IPv4' ? 0 : 1024);

export type RouteType = 'unicast' | 'local' | 'broadcast' | 'anycast' | 'blackhole' | 'unreachable' | 'prohibit' | 'throw';

export interface NextHop {
  /** Null: the destination itself is on the link. */
  readonly via: IpAddress | null;
  readonly device: string;
  /** Share among the next hops of one route, at least 1. */
  readonly weight: number;
  /** RTNH_F_ONLINK: `via` is taken to be on the device's link, whatever the routes say. Left out: the kernel looks. */
  readonly onlink?: boolean;
  /** RTNH_F_DEAD: it is written down, and passed over, as its device is down. */
  readonly dead?: true;
}

export interface Route {
  readonly prefix: Prefix;
  readonly type: RouteType;
  readonly metric: number;
  /** Empty for types that go nowhere; more than one for ECMP. */
  readonly nextHops: readonly NextHop[];
  readonly source: IpAddress | null;
  /** Where it is not as far away as the kernel takes it to be by its next hops: such a route outlives its device's going down. */
  readonly scope?: 'host';
  readonly origin: Origin;
  /** Undefined: none beside what it does. */
  readonly role?: BalancerRole;
  /** What of it is not modelled, as `tos 0x10`: whether and how it sends a packet on is not known. */
  readonly unmodelled?: string;
}

/** A route that was taken away: kept so that 'no route' can say why. */
export interface RemovedRoute {
  readonly prefix: Prefix;
  readonly origin: Origin;
}

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

/** What becomes of a packet that a rule selects; `goto`: the next rule is the first with that priority or a greater one. */
export type RuleAction =
  | { readonly kind: 'lookup' }
  | { readonly kind: 'nop' | 'blackhole' | 'unreachable' | 'prohibit' }
  | { readonly kind: 'goto'; readonly priority: number };

/** First and last. */
export type PortSpan = readonly [number, number];

export interface RoutingRule {
  readonly priority: number;
  readonly from: Prefix | null;
  readonly to: Prefix | null;
  readonly iif: string | null;
  /** A null mask: none is stated. */
  readonly mark: { readonly value: number; readonly mask: number | null } | null;
  /** Where the action is not to look up a table, it has no meaning. */
  readonly table: number;
  /** Left out: of the family of its prefixes; without any, of both. */
  readonly family?: IpFamily;
  readonly origin: Origin;
  /** `not`: it selects what its selectors do not. */
  readonly inverted?: true;
  readonly oif?: string;
  /** Of a protocol by its number; ports are those of any protocol that has them. */
  readonly protocol?: number;
  readonly sourcePorts?: PortSpan;
  readonly destinationPorts?: PortSpan;
  /** A route that it finds with a prefix of this length or a shorter one is none. */
  readonly suppressPrefixLength?: number;
  /** Left out: it looks up its table. */
  readonly action?: RuleAction;
  /** Selectors that are not modelled, as they are written: `uidrange 1000-2000`. Whether it selects a packet is not known then. */
  readonly unmodelled?: string;
}

/** Rules that are taken away: those with this priority and these selectors. Undefined: whatever the rule has there. */
export type RemovedRule = Pick<RoutingRule, 'priority' | 'origin'> & Partial<Omit<RoutingRule, 'priority' | 'origin'>>;

/** The parts of a packet that a rule may look at. `iif` is null for a packet that is sent from here (rules call that `lo`). */
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
  /** A `throw` route that handed the packet on, to no avail. */
  readonly thrown: Route | null;
}

interface Tables {
  readonly rules: readonly RoutingRule[];
  readonly tables: ReadonlyMap<number, Fib>;
  readonly devices: ReadonlyMap<string, { readonly down: Origin | null; readonly neverUp?: true }>;
}

/**
 * fib_lookup: rules by priority, in each table the longest prefix, then the lowest metric. A route whose devices are all down is not
 * there (the kernel has removed it); `throw` goes on with the next rule.
 */
export function lookUp(netns: Tables, flow: FlowKey): RouteMatch | NoRoute {
  let dead: Route | null = null;
  let removed: RemovedRoute | null = null;
  let thrown: Route | null = null;
  for (const rule of netns.rules) {
    if (!selects(rule, flow)) continue;
    const fib = netns.tables.get(rule.table);
    if (fib === undefined) continue;
    const found = longest(fib, flow.destination, netns.devices);
    dead ??= found.dead;
    const { route } = found;
    if (route !== null && route.type !== 'throw') return { route, rule, table: rule.table, nextHops: liveHops(route, netns.devices), dead };
    thrown ??= route;
    removed ??= removedFor(fib.removed, flow.destination);
  }
  return { route: null, dead, removed, thrown };
}

/** Of the routes that are missing, the one that would have been taken: that with the longest prefix. */
export const removedFor = (removed: readonly RemovedRoute[], destination: IpAddress): RemovedRoute | null =>
  removed
    .filter(({ prefix }) => contains(prefix, destination))
    .reduce<RemovedRoute | null>((best, r) => (best === null || r.prefix.length > best.prefix.length ? r : best), null);

function selects(rule: RoutingRule, flow: FlowKey): boolean {
  if (rule.family !== undefined && rule.family !== familyOf(flow.destination)) return false;
  if (rule.from !== null && (flow.source === null || !contains(rule.from, flow.source))) return false;
  if (rule.to !== null && !contains(rule.to, flow.destination)) return false;
  if (rule.iif !== null && rule.iif !== (flow.iif ?? 'lo')) return false;
  return rule.mark === null || hasMark(rule.mark, flow.mark);
}

/** `from 10.244.1.10/32 iif eth0`, as iproute2 prints what a rule selects. */
export const selectorText = (r: Partial<Pick<RoutingRule, 'from' | 'to' | 'iif' | 'mark'>>): string =>
  [
    `from ${r.from == null ? 'all' : formatPrefix(r.from)}`,
    ...(r.to == null ? [] : [`to ${formatPrefix(r.to)}`]),
    ...(r.iif == null ? [] : [`iif ${r.iif}`]),
    ...(r.mark == null ? [] : [`fwmark ${fwmarkText(r.mark)}`]),
  ].join(' ');

/** As iproute2 takes it, and as it is stated: what a mark without a mask means is the kernel's business. */
export const fwmarkText = ({ value, mask }: NonNullable<RoutingRule['mark']>): string =>
  `0x${value.toString(16)}${mask === null ? '' : `/0x${mask.toString(16)}`}`;

/**
 * fib_rule_match: the bits of the mask are alike; what the value has beside them does not count. Without a mask all bits count, but for a
 * value of 0, which is then no selector at all. Source: net/core/fib_rules.c, fib_nl2rule.
 */
function hasMark({ value, mask }: NonNullable<RoutingRule['mark']>, mark: number): boolean {
  const bits = mask ?? (value === 0 ? 0 : 0xffffffff);
  return ((mark ^ value) & bits) === 0;
}

/** For the machine itself, whatever it makes of it. */
export const isForHere = ({ type }: Route): boolean => type === 'local' || type === 'broadcast' || type === 'anycast';

/**
 * A link of IPv6 that is on `lo` holds the machine's own addresses and nobody else: what is left is refused like a packet without a route
 * (fib6_is_reject, net/ipv6/route.c). IPv4 takes all of such a prefix for its own.
 */
export const isRejected = ({ type, prefix, nextHops }: Route): boolean =>
  type === 'unicast' && familyOf(prefix.address) === 'IPv6' && nextHops.some((n) => n.device === 'lo');

type Devices = Tables['devices'];

interface Found {
  route: Route | null;
  dead: Route | null;
}

/** The route of one table for an address, by devices that are up. */
export const findIn = (fib: Fib, address: IpAddress, devices: Devices): Route | null => longest(fib, address, devices).route;

/** A machine's own routes and those that it shares with its segment, from the longest prefix down. */
function longest(fib: Fib, destination: IpAddress, devices: Devices): Found {
  const found: Found = { route: null, dead: null };
  search(fib.routes, null, destination, devices, found);
  if (fib.shared !== null) search(fib.shared, fib.hides, destination, devices, found);
  return found;
}

function search(table: PrefixTable<Route>, hides: Fib['hides'] | null, destination: IpAddress, devices: Devices, found: Found): void {
  for (const length of table.lengths) {
    if (found.route !== null && length < found.route.prefix.length) return;
    const routes = table.at(destination, length);
    if (routes === undefined) continue;
    for (const route of routes) {
      if (hides?.(route) === true) continue;
      if (!isAlive(route, devices)) found.dead ??= route;
      else if (found.route === null || better(route, found.route)) found.route = route;
    }
  }
}

const better = (a: Route, b: Route) => a.prefix.length > b.prefix.length || (a.prefix.length === b.prefix.length && a.metric < b.metric);

const isUp = (hop: NextHop, devices: Devices) => devices.get(hop.device)?.down === null;

/** Nothing took it away, and without ARP no duplicate was looked for: addrconf_dad_begin, addrconf_f6i_alloc, net/ipv6/addrconf.c, route.c. */
function isOfNeverUp({ type, nextHops }: Route, devices: Devices): boolean {
  return type === 'local' && devices.get(nextHops[0]?.device ?? '')?.neverUp === true;
}

/**
 * When a device goes down, the routes by it are taken away. A machine's own IPv4 addresses stay its own, and so do routes of scope host
 * (fib_sync_down_dev passes over next hops of scope nowhere, net/ipv4/fib_semantics.c); those of IPv6 all go (addrconf_ifdown,
 * net/ipv6/addrconf.c).
 */
export function isAlive(route: Route, devices: Devices): boolean {
  if (staysWhenDown(route) || route.nextHops.length === 0 || isOfNeverUp(route, devices)) return true;
  for (const hop of route.nextHops) if (isUp(hop, devices)) return true;
  return false;
}

const staysWhenDown = ({ type, scope, prefix }: Route) => (type === 'local' || scope === 'host') && familyOf(prefix.address) === 'IPv4';

function liveHops(route: Route, devices: Devices): readonly NextHop[] {
  if (isForHere(route) || staysWhenDown(route) || route.nextHops.every((hop) => isUp(hop, devices))) return route.nextHops;
  return route.nextHops.filter((hop) => isUp(hop, devices));
}

/** All routes of a table, those shared with other machines included. */
export function* routesOf(fib: Fib): Iterable<Route> {
  yield* fib.routes.values();
  if (fib.shared !== null) for (const route of fib.shared.values()) if (!fib.hides(route)) yield route;
}
