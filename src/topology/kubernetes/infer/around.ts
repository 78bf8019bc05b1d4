import { FAMILIES, familyOf, type IpAddress, type IpFamily } from '../../../net/address.ts';
import { commonBits, formatPrefix, type Prefix, prefixOf } from '../../../net/prefix.ts';

/** Of each family, IPv4 first; no longer than `longest` in IPv4, and /64 in IPv6. */
export function smallest(addresses: readonly IpAddress[], longest: number): readonly string[] {
  return FAMILIES.flatMap((family) => {
    const held = around(addresses, family, family === 'IPv4' ? longest : 64);
    return held === null ? [] : [formatPrefix(held)];
  });
}

export function around(addresses: readonly IpAddress[], family: IpFamily, longest: number): Prefix | null {
  const own = addresses.filter((a) => familyOf(a) === family);
  const [first] = own;
  if (first === undefined) return null;
  return prefixOf(
    first,
    own.reduce((length, a) => Math.min(length, commonBits(first, a)), longest),
  );
}
