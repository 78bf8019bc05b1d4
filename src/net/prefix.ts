import { formatAddress, type IpAddress, parseAddress } from './address.ts';

/** A network prefix; `address` has no host bits. */
export interface Prefix {
  readonly address: IpAddress;
  readonly length: number;
}

const ADDRESS_BITS = 32;

/** The first address of the prefix of this length that holds `a`. */
export function networkOf(a: IpAddress, length: number): IpAddress {
  return (length === 0 ? 0 : (a & (-1 << (ADDRESS_BITS - length))) >>> 0) as IpAddress;
}

export function prefixOf(a: IpAddress, length: number): Prefix {
  return { address: networkOf(a, length), length };
}

export const hostPrefix = (a: IpAddress): Prefix => ({ address: a, length: ADDRESS_BITS });
export const DEFAULT_PREFIX: Prefix = { address: 0 as IpAddress, length: 0 };

/** `ADDRESS/LENGTH` without masking, so that the caller can complain about host bits; null when it is neither. */
export function parseCidr(text: string): { readonly address: IpAddress; readonly length: number } | null {
  const [left, right, ...rest] = text.split('/');
  if (left === undefined || right === undefined || rest.length > 0 || !/^(0|[1-9]\d?)$/.test(right)) return null;
  const address = parseAddress(left);
  const length = Number(right);
  return address === null || length > ADDRESS_BITS ? null : { address, length };
}

/** The prefix of a literal in this program's own text. */
export function cidr(text: string): Prefix {
  const parsed = parseCidr(text);
  if (parsed === null) throw new Error(`not a prefix: ${text}`);
  return prefixOf(parsed.address, parsed.length);
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

/** How many addresses the prefix has. */
function prefixSize(p: Prefix): number {
  return 2 ** (ADDRESS_BITS - p.length);
}

export function lastAddress(p: Prefix): IpAddress {
  return (p.address + prefixSize(p) - 1) as IpAddress;
}
