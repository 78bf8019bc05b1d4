import type { Netns } from '../datapath/netns.ts';
import { familyOf, type IpAddress, ip, isLinkLocal, isLoopback } from '../net/address.ts';
import { cidr, contains, type Prefix } from '../net/prefix.ts';
import { sourceTowards } from '../stage/routing.ts';

/** Destination address selection: which of the addresses that a name stands for a program calls first. Source: RFC 6724, 6. */

interface Policy {
  readonly prefix: Prefix;
  readonly precedence: number;
  readonly label: number;
}

const policy = (prefix: string, precedence: number, label: number): Policy => ({ prefix: cidr(prefix), precedence, label });

/** RFC 6724, 2.1; the longest prefix of an address counts. An IPv4 address is looked up as IPv4-mapped. */
const RFC_6724: readonly Policy[] = [
  policy('::1/128', 50, 0),
  policy('::ffff:0:0/96', 35, 4),
  policy('::/96', 1, 3),
  policy('2001::/32', 5, 5),
  policy('2002::/16', 30, 2),
  policy('3ffe::/16', 1, 12),
  policy('fec0::/10', 1, 11),
  policy('fc00::/7', 3, 13),
  policy('::/0', 40, 1),
];

/** glibc's table where /etc/gai.conf has none: RFC 3484's precedences, in which fc00::/7 is no less than other IPv6. Source: getaddrinfo.c. */
const GLIBC: readonly Policy[] = [
  policy('::1/128', 50, 0),
  policy('::ffff:0:0/96', 10, 4),
  policy('::/96', 20, 3),
  policy('2001::/32', 40, 7),
  policy('2002::/16', 30, 2),
  policy('fec0::/10', 40, 5),
  policy('fc00::/7', 40, 6),
  policy('::/0', 40, 1),
];

const TABLES = { 'RFC 6724': RFC_6724, glibc: GLIBC };

/** Sorts what has addresses by the best of them, as a program in this namespace sees them. Of equals the first one stays first. */
export function inDestinationOrder<T>(
  netns: Netns,
  items: readonly T[],
  addressesOf: (item: T) => readonly IpAddress[],
  table: keyof typeof TABLES,
): readonly T[] {
  const policies = TABLES[table];
  const ranked = items.map((item) => {
    const [best] = addressesOf(item)
      .map((a) => rank(netns, a, policies))
      .sort(compare);
    return { item, rank: best ?? [] };
  });
  return ranked.sort((a, b) => compare(a.rank, b.rank)).map((r) => r.item);
}

/** The larger number comes first, at the first place where two ranks differ. */
const compare = (a: readonly number[], b: readonly number[]): number => {
  const i = a.findIndex((value, at) => value !== b[at]);
  return i === -1 ? 0 : (b[i] ?? 0) - (a[i] ?? 0);
};

/** Rules 1 (is there a route, with a source?), 2 (scope), 5 (label), 6 (precedence) and 8 (smaller scope); the others need what is not here. */
function rank(netns: Netns, destination: IpAddress, policies: readonly Policy[]): readonly number[] {
  const source = sourceTowards(netns, destination);
  const { label, precedence } = policyOf(destination, policies);
  const scope = scopeOf(destination);
  const sameScope = source !== null && scopeOf(source) === scope;
  const sameLabel = source !== null && policyOf(source, policies).label === label;
  return [Number(source !== null), Number(sameScope), Number(sameLabel), precedence, -scope];
}

const MAPPED = ip('::ffff:0.0.0.0');

function policyOf(address: IpAddress, policies: readonly Policy[]): Policy {
  const found = policies.find((p) => contains(p.prefix, familyOf(address) === 'IPv4' ? MAPPED : address));
  if (found === undefined) throw new Error('::/0 contains every address');
  return found;
}

const LINK_LOCAL = 2;
const SITE_LOCAL = 5;
const GLOBAL = 14;
const DEPRECATED_SITE_LOCAL = cidr('fec0::/10');

/** RFC 6724, 3.1 and 3.2: private addresses of IPv4 are of global scope, and fc00::/7 too. */
function scopeOf(address: IpAddress): number {
  if (isLoopback(address) || isLinkLocal(address)) return LINK_LOCAL;
  return contains(DEPRECATED_SITE_LOCAL, address) ? SITE_LOCAL : GLOBAL;
}
