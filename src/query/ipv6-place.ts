import { formatAddress, formatEndpoint, type IpAddress, isLinkLocal, parseAddress, unmapped } from '../net/address.ts';
import { PROTOCOLS } from '../net/packet.ts';
import { orList } from '../source/suggest.ts';
import { badPort, fail, type Parsed, readPort } from './result.ts';

/** An IPv6 address begins with a bracket, or has more colons than a name with its port: `fd00::1`, `[fd00::1]:80`. */
export const looksLikeIpv6 = (place: string): boolean => /^\[|^[^/]*:[^/]*:/.test(place);

interface Ipv6Place {
  readonly kind: null;
  readonly namespace: null;
  readonly name: string;
  readonly address: IpAddress;
  readonly port: number | string | null;
}

/** A bare address has no port: its last group would look the same. */
export function readIpv6(text: string, place: string): Parsed<Ipv6Place> {
  const [, inside, colon, after = ''] = /^\[([^\]]*)\](:)?(.*)$/.exec(place) ?? [];
  if (place.startsWith('[') && inside === undefined)
    return fail(`${text}: the bracket is not closed`, `write ${place}], and a port after it: ${place}]:80`);
  const literal = inside ?? place;
  const address = readLiteral(text, literal, inside !== undefined);
  if (!address.ok) return address;
  if (colon === undefined && after !== '')
    return fail(`${text}: after the bracket comes a colon and a port`, `as ${formatEndpoint(address.value, 80)}`);
  const port = colon === undefined ? null : readPort(after);
  if (port === undefined) return badPort(text);
  return { ok: true, value: { kind: null, namespace: null, name: formatAddress(address.value), address: address.value, port } };
}

function readLiteral(text: string, literal: string, inBrackets: boolean): Parsed<IpAddress> {
  const zone = literal.indexOf('%');
  if (zone !== -1)
    return fail(
      `${text}: ${literal.slice(zone)} is a zone, which only link-local addresses have, and those mean nothing beyond their link`,
      'write a name, or a global address without a zone',
    );
  const address = parseAddress(literal);
  if (address === null) return notAnAddress(text, literal, inBrackets);
  if (typeof address === 'number' && inBrackets)
    return fail(`${text}: brackets are for IPv6 addresses`, `write ${text.replace(/[[\]]/g, '')}`);
  const mapped = unmapped(address);
  if (mapped !== null)
    return fail(`${text}: an IPv4-mapped address is never on the wire, where it is IPv4`, `write ${formatAddress(mapped)}`);
  if (isLinkLocal(address))
    return fail(`${text} is a link-local address, which means nothing beyond its link`, 'write a name, or a global address');
  return { ok: true, value: address };
}

function notAnAddress(text: string, literal: string, inBrackets: boolean) {
  const hint = 'groups of hexadecimal digits, as fd00:10:244::10; with a port in brackets, as [fd00:10:244::10]:80';
  if (inBrackets) return fail(`${text}: in brackets stands an IPv6 address`, hint);
  if (literal.includes('/')) return fail(`${text}: what comes after the slash is a protocol`, orList(PROTOCOLS));
  return fail(`${text} is not an IPv6 address`, hint);
}
