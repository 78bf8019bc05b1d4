import type { PortRange } from '../../datapath/netfilter/match.ts';
import { type AddressRange, type MapData, verdictMap } from '../../datapath/netfilter/sets.ts';
import type { Target } from '../../datapath/netfilter/target.ts';
import { type IpAddress, nextAddress, parseAddress } from '../../net/address.ts';
import { lastAddress, parseCidr, prefixOf } from '../../net/prefix.ts';
import type { Origin } from '../../source/origin.ts';
import { lookedUp, type Maps } from './maps.ts';
import { FOR_PREFIX, FOR_SOURCE, forDestination, forPort } from './nat-maps.ts';
import type { Expr, Statement } from './syntax.ts';
import { type Deed, isOf } from './targets.ts';

type Nat = Extract<Statement, { kind: 'nat' }>;

/** The effect of a nat statement; null: it is not modelled, as where an address is chosen from a large range. */
export function natOf(s: Nat, maps: Maps, origin: Origin): Deed | null {
  const needs = s.family === null ? [] : [isOf(s.family)];
  const target = translation(s, maps, origin);
  return target === null ? null : { needs, target };
}

const PORTS = /^(\d+)(?:-(\d+))?$/;

/** The ports of an expression; null: it is neither a port nor an interval. */
function portsOf(port: Expr): PortRange | null {
  const [, first, last] = PORTS.exec(port.kind === 'word' ? port.text : '') ?? [];
  return first === undefined ? null : { first: Number(first), last: Number(last ?? first) };
}

function translation(s: Nat, maps: Maps, origin: Origin): Target | null {
  const { action, to, port } = s;
  if (port?.kind === 'map') return s.action === 'dnat' ? byPort(to, port, maps) : null;
  const ports = port === null ? null : portsOf(port);
  if (port !== null && ports === null) return null;
  if (s.isPrefix) return ports === null ? byPrefix(s, maps) : null;
  switch (action) {
    case 'masquerade':
      return to === null ? { kind: 'MASQUERADE', randomFully: s.isFullyRandom, ...chosen(s, ports) } : null;
    case 'redirect':
      return to === null && !isByChance(s, ports) ? { kind: 'REDIRECT', ...toPort(ports) } : null;
    case 'dnat':
      return isByChance(s, ports) ? null : destination(to, ports, maps, origin);
    case 'snat':
      return source(s, ports, maps, origin);
  }
}

const chosen = ({ isRandom }: Nat, ports: PortRange | null) => ({
  ...(isRandom ? { random: true as const } : {}),
  ...(ports === null ? {} : { ports }),
});

/** Does the kernel choose the destination's port at random? Without the flags it takes the first of the interval. */
const isByChance = ({ isRandom, isFullyRandom }: Nat, ports: PortRange | null): boolean =>
  (isRandom || isFullyRandom) && ports !== null && ports.first !== ports.last;

function toPort(ports: PortRange | null): { readonly port: number | null; readonly ports?: PortRange } {
  if (ports === null) return { port: null };
  return ports.first === ports.last ? { port: ports.first } : { port: ports.first, ports };
}

function destination(to: Expr | null, ports: PortRange | null, maps: Maps, origin: Origin): Target | null {
  const only = ports === null ? null : ports.first === ports.last ? ports.first : undefined;
  if (to === null) return only === null || only === undefined ? null : { kind: 'DNAT-PORT', port: only };
  if (to.kind === 'map') return only === undefined ? null : lookedUp(to, forDestination(only), maps);
  const range = rangeOf(to);
  if (range === null) return null;
  if (range.from === range.to) return { kind: 'DNAT', address: range.from, ...toPort(ports) };
  return only === undefined ? null : anyOf(range, (address) => ({ kind: 'DNAT', address, port: only }), origin);
}

function source(s: Nat, ports: PortRange | null, maps: Maps, origin: Origin): Target | null {
  const { to } = s;
  if (to?.kind === 'map') return ports === null ? lookedUp(to, FOR_SOURCE, maps) : null;
  const range = to === null ? null : rangeOf(to);
  if (range === null) return null;
  if (range.from === range.to) {
    const random = s.isFullyRandom ? { randomFully: true as const } : {};
    return { kind: 'SNAT', address: range.from, ...random, ...chosen(s, ports) };
  }
  // A source within the range is kept, unless the port is to be random: get_unique_tuple, net/netfilter/nf_nat_core.c.
  const within = s.isRandom || s.isFullyRandom ? {} : { within: range };
  return ports === null ? anyOf(range, (address) => ({ kind: 'SNAT', address, ...within }), origin) : null;
}

/** The addresses of an expression: one, an interval, or a prefix, as nft prints an interval that is one. */
function rangeOf(to: Expr): AddressRange | null {
  if (to.kind !== 'word') return null;
  const cidr = to.text.includes('/') ? parseCidr(to.text) : null;
  if (cidr !== null) {
    const prefix = prefixOf(cidr.address, cidr.length);
    return { from: prefix.address, to: lastAddress(prefix) };
  }
  const [first = '', last = first, ...more] = to.text.split('-');
  const [from, until] = [parseAddress(first), parseAddress(last)];
  if (more.length > 0 || from === null || until === null || typeof from !== typeof until || from > until) return null;
  return { from, to: until };
}

/** The most addresses of a range that the walk follows one by one. */
const MOST = 16;

/** Any address of the range: the kernel chooses by a hash with a random seed (find_best_ips_proto, net/netfilter/nf_nat_core.c). */
function anyOf({ from, to }: AddressRange, verdict: (address: IpAddress) => MapData, origin: Origin): Target | null {
  const addresses: IpAddress[] = [];
  for (let a = from; a <= to; a = nextAddress(a)) if (addresses.push(a) > MOST) return null;
  const elements = addresses.map((address, i) => ({ key: [i], comment: null, verdict: verdict(address), origin }));
  return { kind: 'numgen', modulus: addresses.length, hashed: true, map: verdictMap({ name: null, type: ['integer'], elements }) };
}

/** `snat ip prefix to 10.1.0.0/16`, `dnat ip prefix to ip daddr map { 192.0.2.0/24 : 10.0.0.0/24 }` */
function byPrefix({ action, to }: Nat, maps: Maps): Target | null {
  if (action !== 'snat' && action !== 'dnat') return null;
  if (to?.kind === 'map') return lookedUp(to, FOR_PREFIX, maps);
  const prefix = to?.kind === 'word' ? parseCidr(to.text) : null;
  return prefix === null ? null : { kind: 'NETMAP', prefix: prefixOf(prefix.address, prefix.length) };
}

/** The port is looked up in a map; the address is a fixed one, or the packet keeps its own. */
function byPort(to: Expr | null, port: Extract<Expr, { kind: 'map' }>, maps: Maps): Target | null {
  const range = to === null ? null : rangeOf(to);
  if (to !== null && (range === null || range.from !== range.to)) return null;
  return lookedUp(port, forPort(range?.from ?? null), maps);
}
