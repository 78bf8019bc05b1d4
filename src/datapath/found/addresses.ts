import { FAMILIES, familyOf, type IpFamily, isLinkLocal } from '../../net/address.ts';
import { addAddress, addAddressWithoutLink, addAnycast } from '../add-address.ts';
import type { NetnsBuilder } from '../builder.ts';
import type { Route } from '../fib.ts';
import type { FoundAddress, FoundState } from '../found-state.ts';
import type { InterfaceAddress } from '../netns.ts';
import type { WithAddresses } from './routes.ts';

/**
 * Gives the devices the addresses that they were found with; answers the routes that come with these. Link-local addresses of IPv6 are as
 * they were compiled, of the few that matter: each device has one.
 */
export function foundAddresses(builder: NetnsBuilder, { addresses }: FoundState): WithAddresses {
  const { devices } = builder.netns;
  const families = FAMILIES.filter((f) => addresses[f] !== null);
  const scratch: NetnsBuilder = { ...builder, routes: new Map<number, Route[]>() };
  for (const device of devices.values()) {
    const kept = device.addresses.splice(0).filter(({ address }) => !families.includes(familyOf(address)) || isLinkLocal6(address));
    for (const { address, prefix, origin } of kept) addAddress(scratch, device, address, prefix, origin);
  }
  for (const { device: name, address, prefix, flags, origin } of families.flatMap((f) => inOrderOfComing(addresses[f] ?? [], f))) {
    const device = devices.get(name);
    const add = flags.includes('noprefixroute') ? addAddressWithoutLink : addAddress;
    if (device !== undefined && !isLinkLocal6(address)) add(scratch, device, address, prefix, origin);
  }
  addAnycast(scratch);
  return { families, routes: scratch.routes };
}

/** Of IPv6's, the newest is listed first. Source: ipv6_link_dev_addr, net/ipv6/addrconf.c. */
const inOrderOfComing = (listed: readonly FoundAddress[], family: IpFamily): readonly FoundAddress[] =>
  family === 'IPv6' ? listed.toReversed() : listed;

const isLinkLocal6 = (address: InterfaceAddress['address']): boolean => familyOf(address) === 'IPv6' && isLinkLocal(address);
