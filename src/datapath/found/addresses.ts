import { FAMILIES, familyOf, type IpAddress, type IpFamily, isLinkLocal } from '../../net/address.ts';
import { contains } from '../../net/prefix.ts';
import { addAddress, addAddressWithoutLink, addAnycast } from '../add-address.ts';
import type { NetnsBuilder } from '../builder.ts';
import type { FoundAddress, FoundState } from '../found-state.ts';
import type { InterfaceAddress } from '../netns.ts';
import type { Route } from '../route.ts';
import type { WithAddresses } from './routes.ts';

/**
 * Gives the devices the addresses that they were found with; answers the routes that come with these. Link-local addresses of IPv6 are as
 * they were compiled, of the few that matter: each device has one.
 */
export function foundAddresses(builder: NetnsBuilder, { addresses, routes }: FoundState): WithAddresses {
  const { devices } = builder.netns;
  const families = FAMILIES.filter((f) => addresses[f] !== null);
  const scratch: NetnsBuilder = { ...builder, routes: new Map<number, Route[]>() };
  for (const device of devices.values()) {
    const kept = device.addresses.splice(0).filter(({ address }) => !families.includes(familyOf(address)) || isLinkLocal6(address));
    for (const { address, prefix, origin } of kept) addAddress(scratch, device, address, prefix, origin);
  }
  for (const { device: name, address, prefix, flags, isOfHost, origin } of families.flatMap((f) =>
    inOrderOfComing(addresses[f] ?? [], f),
  )) {
    const device = devices.get(name);
    const add = flags.includes('noprefixroute') ? addAddressWithoutLink : addAddress;
    if (device === undefined || isLinkLocal6(address)) continue;
    add(scratch, device, address, prefix, origin);
    const given = device.addresses.pop();
    if (given !== undefined) device.addresses.push(isOfHost === undefined ? given : { ...given, isOfHost });
  }
  for (const family of FAMILIES) {
    if (addresses[family] === null) addToldByRoutes(scratch, [...routes[family].values()].flat());
  }
  addAnycast(scratch);
  return { families, routes: scratch.routes };
}

/** Where addresses are not given: the route of a device's link has its address for a source, which a masquerade takes. */
function addToldByRoutes(builder: NetnsBuilder, routes: readonly Route[]): void {
  const { devices } = builder.netns;
  const isHeld = (address: IpAddress) => [...devices.values()].some((d) => d.addresses.some((a) => a.address === address));
  for (const { type, prefix, source, nextHops, origin } of routes) {
    const [hop, ...others] = nextHops;
    const device = hop === undefined || hop.via !== null || others.length > 0 ? undefined : devices.get(hop.device);
    if (type !== 'unicast' || device === undefined || source === null || !contains(prefix, source) || isHeld(source)) continue;
    addAddress(builder, device, source, prefix, origin);
  }
}

/** Of IPv6's, the newest is listed first. Source: ipv6_link_dev_addr, net/ipv6/addrconf.c. */
const inOrderOfComing = (listed: readonly FoundAddress[], family: IpFamily): readonly FoundAddress[] =>
  family === 'IPv6' ? listed.toReversed() : listed;

const isLinkLocal6 = (address: InterfaceAddress['address']): boolean => familyOf(address) === 'IPv6' && isLinkLocal(address);
