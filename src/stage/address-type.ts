import { findIn, LOCAL_TABLE } from '../datapath/fib.ts';
import type { AddressType, Match } from '../datapath/netfilter/match.ts';
import type { Device, Netns } from '../datapath/netns.ts';
import type { RouteType } from '../datapath/route.ts';
import { familyOf, type IpAddress, isLoopback, isUnicast } from '../net/address.ts';
import { yes } from './answer.ts';
import { isUnnamed } from './device-name.ts';
import { UNKNOWN } from './field-value.ts';
import type { Skb } from './skb.ts';

/**
 * An address of another device than the one that is asked about is one like any other (inet_dev_addr_type, net/ipv4/fib_frontend.c). Null: it is the
 * address of one machine, which may be this one.
 */
export function typeOn(skb: Skb, a: IpAddress, on: 'in' | 'out' | undefined): AddressType | null {
  const type = addressType(skb.netns, a);
  if (type === 'UNICAST' && mayBeOwn(skb, a)) return null;
  if (on === undefined || type !== 'LOCAL') return type;
  const device = on === 'in' ? skb.input : skb.output;
  if (skb.netns.unrouted !== undefined && isUnnamed(device)) return null;
  return device?.addresses.some((own) => own.address === a) === true ? type : 'UNICAST';
}

/** Is it this type? Of what may be the machine's own only that it is not that of many machines is known. */
export const typeIs = (type: AddressType | null, m: { readonly type: AddressType; readonly negated: boolean }): number =>
  type === null && m.type !== 'MULTICAST' ? UNKNOWN : yes(type === m.type, m.negated);

/** May this, the address of one machine, be the machine's own? Not that of a packet that came in, nor that of the client that waits for it. */
export function mayBeOwn({ netns, packet, input, tracked, awaited }: Skb, a: IpAddress): boolean {
  if (netns.unrouted?.addresses.includes(familyOf(a)) !== true) return false;
  if (a === packet.source && input !== null && input.kind !== 'loopback') return false;
  return a !== awaited?.tuple.destination && a !== tracked?.connection?.original.source;
}

/** Is it the address that was made up for the machine? */
export const isStandIn = ({ netns }: Skb, a: IpAddress): boolean =>
  netns.unrouted?.addresses.includes(familyOf(a)) === true && !isLoopback(a) && isLocalAddress(netns, a);

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
  const type = typeOn(skb, a, m.on);
  if (familyOf(a) === 'IPv4')
    return type === null && m.types.some(isOfOne) ? UNKNOWN : yes(type !== null && m.types.includes(type), m.negated);
  const looked = m.types.filter((t) => OF_THE_ADDRESS[t] === undefined && t !== 'BROADCAST');
  const has = m.types.every((t) => OF_THE_ADDRESS[t]?.(a) ?? true);
  if (has && type === null && looked.some(isOfOne)) return UNKNOWN;
  return yes(has && (looked.length === 0 || looked.some((t) => t === routeTypeOf(skb, a, type))), m.negated);
}

const isOfOne = (type: string): boolean => type !== 'MULTICAST';

/** The type of the route to an address. For IPv6 xt_addrtype looks in all routing tables; only the local one is modelled. */
function routeTypeOf(skb: Skb, a: IpAddress, type: AddressType | null): string | null {
  return localType(skb.netns, a) === 'anycast' ? 'ANYCAST' : type;
}
