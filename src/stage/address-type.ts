import { findIn, LOCAL_TABLE } from '../datapath/fib.ts';
import type { AddressType, Match } from '../datapath/netfilter/match.ts';
import type { Device, Netns } from '../datapath/netns.ts';
import type { RouteType } from '../datapath/route.ts';
import { familyOf, type IpAddress, isUnicast } from '../net/address.ts';
import { yes } from './answer.ts';
import type { Skb } from './skb.ts';

/** An address of another device than the one that is asked about is one like any other (inet_dev_addr_type, net/ipv4/fib_frontend.c). */
export function typeOn({ netns, input, output }: Skb, a: IpAddress, on: 'in' | 'out' | undefined): AddressType {
  const type = addressType(netns, a);
  if (on === undefined || type !== 'LOCAL') return type;
  return (on === 'in' ? input : output)?.addresses.some((own) => own.address === a) === true ? type : 'UNICAST';
}

function addressType(netns: Netns, a: IpAddress): AddressType {
  const type = localType(netns, a);
  if (type === 'local') return 'LOCAL';
  if (type === 'broadcast') return 'BROADCAST';
  return isUnicast(a) ? 'UNICAST' : 'MULTICAST';
}

/** Is this an address of the namespace's own? */
export function isLocalAddress(netns: Netns, a: IpAddress): boolean {
  return localType(netns, a) === 'local';
}

/** Does the device answer for it as any router of its link does? */
export const isAnycastOn = ({ netns, name, down }: Device, a: IpAddress): boolean =>
  down === null &&
  (netns.tables.get(LOCAL_TABLE)?.routes.longest(a) ?? []).some((r) => r.type === 'anycast' && r.nextHops[0]?.device === name);

/** The type of an address in the local table; null: it is not there. */
function localType(netns: Netns, a: IpAddress): RouteType | null {
  const fib = netns.tables.get(LOCAL_TABLE);
  return fib === undefined ? null : (findIn(fib, a, netns.devices)?.type ?? null);
}

/** Types that an address of IPv6 must have all of, where it is asked for them; of the others it must have one. */
const OF_THE_ADDRESS: Readonly<Record<string, (a: IpAddress) => boolean>> = {
  MULTICAST: (a) => typeof a === 'bigint' && a >> 120n === 0xffn,
  UNICAST: (a) => typeof a === 'bigint' && a >> 120n !== 0xffn && a !== 0n,
  UNSPEC: (a) => a === 0n,
};

/** Source: match_type and match_type6, net/netfilter/xt_addrtype.c. */
export function addressTypeMatches(m: Extract<Match, { kind: 'addrtype' }>, skb: Skb): number {
  const a = m.end === 'src' ? skb.packet.source : skb.packet.destination;
  if (familyOf(a) === 'IPv4') return yes(m.types.includes(typeOn(skb, a, m.on)), m.negated);
  const looked = m.types.filter((t) => OF_THE_ADDRESS[t] === undefined && t !== 'BROADCAST');
  const has = m.types.every((t) => OF_THE_ADDRESS[t]?.(a) ?? true);
  return yes(has && (looked.length === 0 || looked.includes(routeTypeOf(skb, a, m.on))), m.negated);
}

/** The type of the route to an address. For IPv6 xt_addrtype looks in all routing tables; only the local one is modelled. */
function routeTypeOf(skb: Skb, a: IpAddress, on: 'in' | 'out' | undefined): string {
  const type = localType(skb.netns, a);
  return type === 'anycast' ? 'ANYCAST' : typeOn(skb, a, on);
}
