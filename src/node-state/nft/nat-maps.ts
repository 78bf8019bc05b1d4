import type { IpAddress } from '../../net/address.ts';
import { parseAddress } from '../../net/address.ts';
import { hostPrefix, parseCidr, prefixOf } from '../../net/prefix.ts';
import { numberOf, TYPES } from './data-types.ts';
import type { Gives } from './maps.ts';
import { isVerdict } from './syntax.ts';

/** What maps of addresses and ports give to `dnat` and `snat`. */

/** An address, or an address and a port. */
export const givesDestination =
  (port: number | null): Gives =>
  (data) => {
    if (isVerdict(data)) return null;
    const [first, second] = data.kind === 'concat' ? data.parts : [data];
    const address = first?.kind === 'word' ? parseAddress(first.text) : null;
    const own = second === undefined ? port : second.kind === 'word' ? numberOf(second.text) : null;
    if (address === null || (second !== undefined && own === null)) return null;
    return { kind: 'DNAT', address, port: own };
  };

export const givesSource: Gives = (data) => {
  if (isVerdict(data)) return null;
  const first = data.kind === 'concat' ? data.parts[0] : data;
  const address = first?.kind === 'word' ? parseAddress(first.text) : null;
  return address === null ? null : { kind: 'SNAT', address };
};

/** The port alone is looked up; `address`: null, where it stays. */
export const givesPort =
  (address: IpAddress | null): Gives =>
  (data) => {
    const port = !isVerdict(data) && data.kind === 'word' ? TYPES.inet_service.value(data.text) : null;
    if (port === null) return null;
    return address === null ? { kind: 'DNAT-PORT', port } : { kind: 'DNAT', address, port };
  };

/** The bits of a prefix replace those of the address; a single address replaces all. */
export const givesPrefix: Gives = (data) => {
  if (isVerdict(data) || data.kind !== 'word') return null;
  const cidr = parseCidr(data.text);
  if (cidr !== null) return { kind: 'NETMAP', prefix: prefixOf(cidr.address, cidr.length) };
  const address = parseAddress(data.text);
  return address === null ? null : { kind: 'NETMAP', prefix: hostPrefix(address) };
};
