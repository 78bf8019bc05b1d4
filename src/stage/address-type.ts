import { findIn, LOCAL_TABLE, type RouteType } from '../datapath/fib.ts';
import type { AddressType } from '../datapath/netfilter/ruleset.ts';
import type { Device, Netns } from '../datapath/netns.ts';
import { type IpAddress, isUnicast } from '../net/address.ts';
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

/** What the local table says of an address; null: nothing. */
function localType(netns: Netns, a: IpAddress): RouteType | null {
  const fib = netns.tables.get(LOCAL_TABLE);
  return fib === undefined ? null : (findIn(fib, a, netns.devices)?.type ?? null);
}
