import { type IpAddress, type IpFamily, isLinkLocal, parseAddress, UNSPECIFIED, unmapped } from '../../net/address.ts';
import { parsePort } from '../../net/port.ts';

/** The local end of a socket. Null: any address, either family, any device. */
export interface Local {
  readonly address: IpAddress | null;
  readonly family: IpFamily | null;
  readonly port: number;
  readonly device: string | null;
}

/**
 * Reads a local end. ss prints `*:80` for a socket of both families and `[::]:80` for one of IPv6 alone; `star`: the family of `*`, null:
 * both. netstat's `:::80` may be either, and is taken for both, as net.ipv6.bindv6only is 0. A text as result: the reason why it is no such
 * end.
 */
export function localOf(text: string, star: IpFamily | null): Local | string {
  const end = text.lastIndexOf(':');
  const [digits, host] = [text.slice(end + 1), text.slice(0, Math.max(end, 0))];
  const port = end === -1 ? null : parsePort(digits);
  if (port === null) return digits === '*' ? 'it has no port' : `"${text}" is not ADDRESS:PORT (-n has numbers)`;
  const [name = '', device = null] = host.split('%').map((part) => part.replace(/^\[|\]$/g, ''));
  if (name === '*') return { address: null, family: star, port, device };
  // A link-local address may have its device within the brackets or after them.
  const address = parseAddress(name);
  if (address === null) return `"${text}" is not ADDRESS:PORT (-n has numbers)`;
  if (address === UNSPECIFIED.IPv4) return { address: null, family: 'IPv4', port, device };
  if (address === UNSPECIFIED.IPv6) return { address: null, family: host.startsWith('[') ? 'IPv6' : null, port, device };
  return { address: unmapped(address) ?? address, family: null, port, device: isLinkLocal(address) ? null : device };
}
