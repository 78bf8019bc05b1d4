import { familyOf, formatAddress, type IpAddress, type IpFamily, parseAddress } from './address.ts';

/** A network prefix; `address` has no host bits. */
export interface Prefix {
  readonly address: IpAddress;
  readonly length: number;
}

const BITS: Readonly<Record<IpFamily, number>> = { IPv4: 32, IPv6: 128 };

/** How many bits an address of this one's family has. */
export const addressBits = (a: IpAddress): number => BITS[familyOf(a)];

const MASKS: readonly bigint[] = Array.from({ length: 129 }, (_, length) => ((1n << BigInt(length)) - 1n) << BigInt(128 - length));

/** The first address of the prefix of this length that holds `a`. */
export function networkOf(a: IpAddress, length: number): IpAddress {
  if (typeof a === 'bigint') return (a & (MASKS[length] ?? 0n)) as IpAddress;
  return (length === 0 ? 0 : (a & (-1 << (BITS.IPv4 - length))) >>> 0) as IpAddress;
}

export function prefixOf(a: IpAddress, length: number): Prefix {
  return { address: networkOf(a, length), length };
}

export const hostPrefix = (a: IpAddress): Prefix => ({ address: a, length: addressBits(a) });
export const isHostPrefix = (p: Prefix): boolean => p.length === addressBits(p.address);
export const DEFAULT_PREFIX: Readonly<Record<IpFamily, Prefix>> = {
  IPv4: { address: 0 as IpAddress, length: 0 },
  IPv6: { address: 0n as IpAddress, length: 0 },
};

export const MULTICAST: Readonly<Record<IpFamily, Prefix>> = { IPv4: cidr('224.0.0.0/4'), IPv6: cidr('ff00::/8') };

/** `ADDRESS/LENGTH` without masking, so that the caller can complain about host bits; null when it is neither. */
export function parseCidr(text: string): { readonly address: IpAddress; readonly length: number } | null {
  const [left, right, ...rest] = text.split('/');
  if (left === undefined || right === undefined || rest.length > 0 || !/^(0|[1-9]\d{0,2})$/.test(right)) return null;
  const address = parseAddress(left);
  const length = Number(right);
  return address === null || length > addressBits(address) ? null : { address, length };
}

/** The prefix of a literal in this program's own text. */
export function cidr(text: string): Prefix {
  const parsed = parseCidr(text);
  if (parsed === null) throw new Error(`not a prefix: ${text}`);
  return prefixOf(parsed.address, parsed.length);
}

/** The length of the prefix that a mask stands for: of 255.255.255.0 it is 24; null: the ones do not all come first. */
export function maskLength(mask: IpAddress): number | null {
  const bits = BigInt(mask).toString(2).padStart(addressBits(mask), '0');
  return /^1*0*$/.test(bits) ? bits.lastIndexOf('1') + 1 : null;
}

export function formatPrefix(p: Prefix): string {
  return `${formatAddress(p.address)}/${p.length}`;
}

/** As `ip route` has it. */
export function formatDestination(p: Prefix): string {
  return p.length === 0 ? 'default' : formatPrefix(p);
}

export function contains(p: Prefix, a: IpAddress): boolean {
  return networkOf(a, p.length) === p.address;
}

export function overlaps(a: Prefix, b: Prefix): boolean {
  return a.length <= b.length ? contains(a, b.address) : contains(b, a.address);
}

export function samePrefix(a: Prefix, b: Prefix): boolean {
  return a.address === b.address && a.length === b.length;
}

/** How many bits two addresses of one family have in common, from the left. */
export function commonBits(a: IpAddress, b: IpAddress): number {
  let length = addressBits(a);
  while (networkOf(a, length) !== networkOf(b, length)) length--;
  return length;
}

/** The address whose first bits are the prefix's, and whose others are those of `a`. */
export function hostIn(p: Prefix, a: IpAddress): IpAddress {
  if (typeof a === 'bigint' && typeof p.address === 'bigint') return (p.address | (a & ~(MASKS[p.length] ?? 0n))) as IpAddress;
  return (Number(p.address) + (Number(a) - Number(networkOf(a, p.length)))) as IpAddress;
}

export function lastAddress(p: Prefix): IpAddress {
  if (typeof p.address === 'bigint') return (p.address | (~(MASKS[p.length] ?? 0n) & ((1n << 128n) - 1n))) as IpAddress;
  return (p.address + 2 ** (BITS.IPv4 - p.length) - 1) as IpAddress;
}
