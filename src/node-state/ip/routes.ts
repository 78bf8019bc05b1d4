import { type NextHop, type Route, type RouteType, usualMetric } from '../../datapath/route.ts';
import { familyOf, type IpAddress, type IpFamily } from '../../net/address.ts';
import { contains, DEFAULT_PREFIX, MULTICAST, type Prefix } from '../../net/prefix.ts';
import type { Origin } from '../../source/origin.ts';
import { type Entry, prefixFrom } from './entry.ts';
import { ROUTE_FLAGS } from './route-flags.ts';
import { tableNumber } from './tables.ts';

/** A route of `ip route`, and its table; null: none is printed. */
export interface TabledRoute {
  readonly family: IpFamily;
  readonly table: number | null;
  readonly route: Route;
}

const GOING: readonly RouteType[] = ['unicast', 'local', 'broadcast', 'anycast'];
const REFUSING: readonly RouteType[] = ['blackhole', 'unreachable', 'prohibit', 'throw'];

const isType = (word: string): word is RouteType => [...GOING, ...REFUSING].some((type) => type === word);

/** Fields without effect on a packet's way: the route's maker, settings of TCP, offloading to hardware. */
const WITHOUT_EFFECT = [
  'protocol',
  'pref',
  'nhid',
  'nh_info',
  'flow',
  'flow_to',
  'flow_from',
  'realm',
  'expires',
  'error',
  'cache',
  'metrics',
  'users',
  'age',
  'used',
  'ttl-propagate',
];

/** The table of the entry that IPv6 keeps for the case that there is no route. */
const NO_TABLE = 0;

/**
 * Reads a route. `family`: of a route without an address. Null: it is a multicast route, which no modelled packet takes, or it lacks its
 * destination, of which the entry complains.
 */
export function readRoute(entry: Entry, family: IpFamily, origin: Origin): TabledRoute | null {
  const [word, named] = [entry.word('dst'), entry.word('type') ?? 'unicast'];
  const tableName = entry.word('table');
  const table = tableName === null ? null : tableNumber(tableName);
  const [source, scope, metric] = [entry.address('prefsrc'), entry.word('scope'), entry.number('metric')];
  const hops = hopsOf(entry);
  const [metrics] = entry.objects('metrics');
  const mtu = metrics?.number('mtu') ?? null;
  entry.leave(WITHOUT_EFFECT);
  const own = familyBy(entry) ?? family;
  const prefix = word === null ? null : word === 'default' ? DEFAULT_PREFIX[own] : prefixFrom(word);
  if (prefix === null) entry.wrong.push(word === null ? 'no destination' : `"${word}" is no destination`);
  if (prefix === null || table === NO_TABLE || (named === 'multicast' && isMulticast(prefix))) return null;
  if (!isType(named)) entry.wrong.push(`unknown type "${named}"`);
  const type = isType(named) ? named : 'unicast';
  if (GOING.includes(type) && hops.length === 0) entry.wrong.push('no device');
  const unmodelled = [...entry.unknown.map((key) => entry.said(key)), ...entry.wrong];
  const route: Route = {
    prefix,
    type,
    metric: metric ?? usualMetric(own),
    nextHops: REFUSING.includes(type) ? [] : hops,
    source,
    ...(mtu === null || mtu === 0 ? {} : { mtu: { bytes: mtu, isLocked: metrics?.flag('mtu_lock') === true } }),
    ...(type === 'unicast' && scope === 'host' ? { scope } : {}),
    origin,
    ...(unmodelled.length === 0 ? {} : { unmodelled: unmodelled.join(', ') }),
  };
  return { family: own, table, route };
}

const isMulticast = (prefix: Prefix) => contains(MULTICAST[familyOf(prefix.address)], prefix.address);

/** Parts that are known and not modelled: routes for a type of service, for some sources only, and with a header to be added. */
const UNMODELLED = ['tos', 'from', 'encap'];

export const unreadOfRoute = (entry: Entry): readonly string[] => [...entry.unknownWords(UNMODELLED), ...entry.wrong];

/** The family, from an address of the route; that of a next hop (`via inet6`) may be the other one. Null: it has no address. */
export function familyBy({ fields }: Entry): IpFamily | null {
  for (const key of ['dst', 'prefsrc', 'gateway', 'from']) {
    const value = fields[key];
    const prefix = typeof value === 'string' ? prefixFrom(value) : null;
    if (prefix !== null) return familyOf(prefix.address);
  }
  const { nexthops, pref, error } = fields;
  const first: unknown = Array.isArray(nexthops) ? nexthops[0] : null;
  const gateway: unknown = typeof first === 'object' && first !== null && 'gateway' in first ? first.gateway : null;
  const prefix = typeof gateway === 'string' ? prefixFrom(gateway) : null;
  if (prefix !== null) return familyOf(prefix.address);
  return pref === undefined && error === undefined ? null : 'IPv6';
}

function hopsOf(entry: Entry): readonly NextHop[] {
  const several = entry.objects('nexthops');
  if (several.length === 0) return hopOf(entry, 1);
  checkFlags(entry, entry.words('flags'));
  return several.flatMap((hop) => {
    const hops = hopOf(hop, hop.number('weight') ?? 1);
    hop.leave(WITHOUT_EFFECT);
    entry.wrong.push(...hop.wrong, ...hop.unknownWords().map((why) => `${why} of a next hop`));
    return hops;
  });
}

function hopOf(entry: Entry, weight: number): readonly NextHop[] {
  const [device, via, flags] = [entry.word('dev'), gatewayOf(entry), entry.words('flags')];
  checkFlags(entry, flags);
  if (device === null) return [];
  const onlink = flags.includes('onlink') ? { onlink: true } : {};
  return [{ via, device, weight, ...onlink, ...(flags.includes('dead') ? { dead: true } : {}) }];
}

function checkFlags(entry: Entry, flags: readonly string[]): void {
  for (const flag of flags) if (!ROUTE_FLAGS.includes(flag)) entry.wrong.push(`unknown flag "${flag}"`);
}

function gatewayOf(entry: Entry): IpAddress | null {
  const via = entry.object('via');
  if (via === null) return entry.address('gateway');
  via.leave(['family']);
  const host = via.address('host');
  entry.wrong.push(...via.wrong);
  return host;
}
