import type { Netns } from '../datapath/netns.ts';
import { FAMILIES, familyOf, type IpFamily, isLoopback } from '../net/address.ts';

/** Which families a namespace speaks. It has 127.0.0.1 in any case, but ::1 only where IPv6 is on. */
export function spokenFamilies(netns: Netns): readonly IpFamily[] {
  const own = [...netns.devices.values()].flatMap((d) => d.addresses.map((a) => a.address));
  const has: Readonly<Record<IpFamily, boolean>> = {
    IPv4: own.some((a) => familyOf(a) === 'IPv4' && !isLoopback(a)),
    IPv6: own.some((a) => familyOf(a) === 'IPv6'),
  };
  // One that has no addresses at all is as IPv4 has it.
  return has.IPv6 ? FAMILIES.filter((f) => has[f]) : ['IPv4'];
}
