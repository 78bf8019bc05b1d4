import { FAMILIES, familyOf, type IpAddress, type IpFamily, isLinkLocal } from '../../net/address.ts';
import { contains, isHostPrefix } from '../../net/prefix.ts';
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
  const links = FAMILIES.filter((f) => addresses[f] === null).flatMap((f) => [...routes[f].values()].flat().flatMap(toldByLink));
  for (const device of devices.values()) {
    const kept = device.addresses.splice(0).filter(({ address }) => !families.includes(familyOf(address)) || isLinkLocal6(address));
    for (const { address, prefix, origin } of kept) {
      const link = links.find((l) => l.address === address && l.device === device.name);
      addAddress(scratch, device, address, link?.prefix ?? prefix, origin);
    }
  }
  for (const { device: name, address, prefix, flags, scope, origin } of families.flatMap((f) => inOrderOfComing(addresses[f] ?? [], f))) {
    const device = devices.get(name);
    const add = flags.includes('noprefixroute') ? addAddressWithoutLink : addAddress;
    if (device === undefined || isLinkLocal6(address)) continue;
    add(scratch, device, address, prefix, origin);
    const given = device.addresses.pop();
    if (given !== undefined) device.addresses.push(scope === undefined ? given : { ...given, scope });
  }
  for (const family of FAMILIES) {
    if (addresses[family] === null) addToldByRoutes(scratch, [...routes[family].values()].flat());
  }
  addAnycast(scratch);
  return { families, routes: scratch.routes };
}

/**
 * Adds addresses where none were collected: the route of a device's link has its address as the source, and the local table has each with
 * its device. They are the machine's, and masquerading takes them.
 */
function addToldByRoutes(builder: NetnsBuilder, routes: readonly Route[]): void {
  const { devices } = builder.netns;
  const isHeld = (address: IpAddress) => [...devices.values()].some((d) => d.addresses.some((a) => a.address === address));
  for (const told of [...routes.flatMap(toldByLink), ...routes.flatMap(toldByLocal)]) {
    const device = devices.get(told.device);
    if (device !== undefined && !isHeld(told.address) && !isLinkLocal6(told.address))
      addAddress(builder, device, told.address, told.prefix, told.origin);
  }
}

interface Told extends InterfaceAddress {
  readonly device: string;
}

function toldByLink({ type, prefix, source, nextHops, origin }: Route): readonly Told[] {
  const [hop, ...others] = nextHops;
  if (type !== 'unicast' || hop === undefined || hop.via !== null || others.length > 0) return [];
  return source !== null && contains(prefix, source) ? [{ address: source, prefix, device: hop.device, origin }] : [];
}

function toldByLocal({ type, prefix, nextHops: [hop], origin }: Route): readonly Told[] {
  return type === 'local' && hop !== undefined && isHostPrefix(prefix)
    ? [{ address: prefix.address, prefix, device: hop.device, origin }]
    : [];
}

/**
 * Addresses in the order in which they were added: `ip` lists the newest IPv6 address first. Source: ipv6_link_dev_addr,
 * net/ipv6/addrconf.c.
 */
const inOrderOfComing = (listed: readonly FoundAddress[], family: IpFamily): readonly FoundAddress[] =>
  family === 'IPv6' ? listed.toReversed() : listed;

const isLinkLocal6 = (address: InterfaceAddress['address']): boolean => familyOf(address) === 'IPv6' && isLinkLocal(address);
