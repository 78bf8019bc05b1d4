import { familyOf, type IpAddress, type IpFamily } from '../net/address.ts';
import type { Prefix } from '../net/prefix.ts';
import type { Origin } from '../source/origin.ts';
import type { BalancerRole } from './roles.ts';
import type { Untold } from './untold.ts';

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
  /** The scope, where it is not the one that follows from the next hops: a route of scope host is kept when its device goes down. */
  readonly scope?: 'host';
  /** RTAX_MTU: the most that packets by it may have, where that is less than its device takes. `isLocked`: no ICMP error changes it. */
  readonly mtu?: { readonly bytes: number; readonly isLocked: boolean };
  readonly origin: Origin;
  /** Undefined: none beside what it does. */
  readonly role?: BalancerRole;
  /** The parts that are not modelled, as `tos 0x10`: it is not known whether and where it sends a packet. */
  readonly unmodelled?: string;
  /** It stands for unknown routes of its table. */
  readonly untold?: Untold;
}

/** A route that was taken away: kept so that 'no route' can say why. */
export interface RemovedRoute {
  readonly prefix: Prefix;
  readonly origin: Origin;
}

/** Does the route deliver to the machine itself? */
export const isForHere = ({ type }: Pick<Route, 'type'>): boolean => type === 'local' || type === 'broadcast' || type === 'anycast';

/**
 * Is it an IPv6 link route on `lo`? The machine's own addresses have routes of their own, and a packet to any other address is refused as
 * one without a route (fib6_is_reject, net/ipv6/route.c). IPv4 takes all of such a prefix for its own.
 */
export const isRejected = ({ type, prefix, nextHops }: Route): boolean =>
  type === 'unicast' && familyOf(prefix.address) === 'IPv6' && nextHops.some((n) => n.device === 'lo');

/** The devices of routes: is a device down, and why? */
export type Devices = ReadonlyMap<string, { readonly down: Origin | null; readonly neverUp?: true }>;

const isUp = (hop: NextHop, devices: Devices) => hop.dead !== true && devices.get(hop.device)?.down === null;

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

/** The next hops whose device is up. */
export function liveHops(route: Route, devices: Devices): readonly NextHop[] {
  if (isForHere(route) || staysWhenDown(route) || route.nextHops.every((hop) => isUp(hop, devices))) return route.nextHops;
  return route.nextHops.filter((hop) => isUp(hop, devices));
}
