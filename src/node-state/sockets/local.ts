import { type IpAddress, type IpFamily, isLinkLocal, parseAddress, UNSPECIFIED, unmapped } from '../../net/address.ts';
import { parsePort } from '../../net/port.ts';

/** Where a socket is bound. Null: to any address; in either family, by any device. */
export interface Local {
  readonly address: IpAddress | null;
  readonly family: IpFamily | null;
  readonly port: number;
  readonly device: string | null;
}

/**
 * `*:80` hears both families (`star` null), `[::]:80` IPv6 alone, as ss has them; netstat's `:::80` tells neither, and is taken for both
 * (net.ipv6.bindv6only is 0). A text: what is wrong with it.
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
