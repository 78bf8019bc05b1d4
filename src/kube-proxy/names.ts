import { sha256 } from '../net/hash.ts';

const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** The first characters of the RFC 4648 base 32 of a SHA-256. */
export function base32Hash(text: string, length: number): string {
  const digest = sha256(text);
  let bits = 0n;
  for (const byte of digest.subarray(0, 10)) bits = (bits << 8n) | BigInt(byte);
  let name = '';
  for (let shift = 75n; name.length < length; shift -= 5n) name += BASE32[Number((bits >> shift) & 31n)];
  return name;
}

/** Source: portProtoHash, pkg/proxy/iptables/proxier.go. */
export const portProtoHash = (text: string): string => base32Hash(text, 16);

/** `namespace/name:port`, as kube-proxy's comments and hashes have it; without a port name just `namespace/name`. */
export function servicePortName(namespace: string, name: string, port: string): string {
  return port === '' ? `${namespace}/${name}` : `${namespace}/${name}:${port}`;
}

/**
 * All chains of a service port share one hash: SVC all endpoints, SVL the node's own, EXT the way in from outside, FW the sources that may.
 */
export function serviceChain(servicePort: string, protocol: string, kind: 'SVC' | 'SVL' | 'EXT' | 'FW' = 'SVC'): string {
  return `KUBE-${kind}-${portProtoHash(servicePort + protocol)}`;
}

export function endpointChain(servicePort: string, protocol: string, endpoint: string): string {
  return `KUBE-SEP-${portProtoHash(servicePort + protocol + endpoint)}`;
}
