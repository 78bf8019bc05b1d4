import type { Endpoint } from '../k8s/service.ts';
import { familyOf, formatAddress } from '../net/address.ts';
import { base32Hash } from './names.ts';

/** Source of all: servicePortChainNameBase and those after it, pkg/proxy/nftables/proxier.go. */

/** A name has at most 256 characters, and the prefix may take 16 of them. */
const LONGEST = 240;

/** A service port: `namespace/name/protocol/port`. */
export const portPath = (namespace: string, name: string, protocol: string, port: string): string =>
  `${namespace}/${name}/${protocol}/${port}`;

/** The chain of a service port: `service` for all endpoints, `local` the node's own, `external` the way in from outside, `firewall` the sources that may. */
export const portChain = (kind: 'service' | 'local' | 'external' | 'firewall', path: string): string => `${kind}-${hashed(path)}`;

/** The chain of an endpoint, or the set of the clients that it keeps. A name has no colon: an IPv6 address has dots in their place. */
export function endpointName(kind: 'endpoint' | 'affinity', path: string, { ip, port }: Pick<Endpoint, 'ip' | 'port'>): string {
  const address = formatAddress(ip);
  return `${kind}-${hashed(`${path}__${familyOf(ip) === 'IPv6' ? address.replaceAll(':', '.') : address}/${port}`)}`;
}

/** The hash is that of the whole name, so that one that is cut is unique too. */
export function hashed(name: string): string {
  const whole = `${base32Hash(name, 8)}-${name}`;
  return whole.length > LONGEST ? `${whole.slice(0, LONGEST - 3)}...` : whole;
}
