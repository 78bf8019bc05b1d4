import { formatAddress, type IpAddress, parseAddress } from '../../net/address.ts';
import { hostPrefix, parseCidr, prefixOf } from '../../net/prefix.ts';
import { numberOf, TYPES } from './data-types.ts';
import type { MapUse } from './maps.ts';
import { isVerdict } from './syntax.ts';

/** The uses that `dnat` and `snat` make of maps. */

/** For an address, or for an address and a port; `port`: the one that the rule itself says, where the map has none. */
export const forDestination = (port: number | null): MapUse => ({
  name: `dnat ${port}`,
  gives: (data) => {
    if (isVerdict(data)) return null;
    const [first, second] = data.kind === 'concat' ? data.parts : [data];
    const address = first?.kind === 'word' ? parseAddress(first.text) : null;
    const own = second === undefined ? port : second.kind === 'word' ? numberOf(second.text) : null;
    if (address === null || (second !== undefined && own === null)) return null;
    return { kind: 'DNAT', address, port: own };
  },
});

export const FOR_SOURCE: MapUse = {
  name: 'snat',
  gives: (data) => {
    if (isVerdict(data)) return null;
    const first = data.kind === 'concat' ? data.parts[0] : data;
    const address = first?.kind === 'word' ? parseAddress(first.text) : null;
    return address === null ? null : { kind: 'SNAT', address };
  },
};

/** For a port alone; `address`: the one that the rule itself says; null: the packet keeps its own. */
export const forPort = (address: IpAddress | null): MapUse => ({
  name: `dnat to ${address === null ? '' : formatAddress(address)}`,
  gives: (data) => {
    const port = !isVerdict(data) && data.kind === 'word' ? TYPES.inet_service.value(data.text) : null;
    if (port === null) return null;
    return address === null ? { kind: 'DNAT-PORT', port } : { kind: 'DNAT', address, port };
  },
});

/** For a prefix, whose bits replace those of the packet's address; a single address replaces all of them. */
export const FOR_PREFIX: MapUse = {
  name: 'prefix',
  gives: (data) => {
    if (isVerdict(data) || data.kind !== 'word') return null;
    const cidr = parseCidr(data.text);
    if (cidr !== null) return { kind: 'NETMAP', prefix: prefixOf(cidr.address, cidr.length) };
    const address = parseAddress(data.text);
    return address === null ? null : { kind: 'NETMAP', prefix: hostPrefix(address) };
  },
};
