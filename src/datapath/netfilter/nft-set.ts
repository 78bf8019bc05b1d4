import { formatAddress, formatEndpoint, type IpAddress } from '../../net/address.ts';
import { formatPrefix, isHostPrefix, type Prefix } from '../../net/prefix.ts';
import type { KeyPart, KeyType, KeyValue, MapData, MapElement, MapVerdict, NamedSet, SetElement, VerdictMap } from './sets.ts';

/** nft has no escapes in strings. */
export const quoted = (text: string): string => `"${text.replace(/[\p{Cc}"]/gu, '?')}"`;
export const hex = (n: number): string => `0x${n.toString(16).padStart(8, '0')}`;
export const printPrefix = (p: Prefix): string => (isHostPrefix(p) ? formatAddress(p.address) : formatPrefix(p));

export function printVerdict(v: MapVerdict | MapData): string {
  if (v.kind === 'DNAT') return `dnat to ${v.port === null ? formatAddress(v.address) : formatEndpoint(v.address, v.port)}`;
  if (v.kind === 'SNAT') return `snat to ${formatAddress(v.address)}`;
  if (v.kind === 'DNAT-PORT') return `dnat to :${v.port}`;
  if (v.kind === 'NETMAP') return `prefix to ${formatPrefix(v.prefix)}`;
  if (v.kind === 'MARK') return `meta mark set ${hex(v.value)}`;
  return v.kind === 'jump' || v.kind === 'goto' ? `${v.kind} ${v.chain}` : v.kind.toLowerCase();
}

/** `@NAME`, or what stands in the rule itself. */
export function printSet(set: NamedSet | VerdictMap): string {
  if (set.name !== null) return `@${set.name}`;
  const elements = printElements(set);
  // nft has no set of one value, except where it is of several parts, or has a verdict.
  const [only] = elements;
  if (set.kind === 'set' && set.type.length === 1 && elements.length === 1 && only !== undefined) return only;
  return `{ ${elements.join(', ')} }`;
}

/** The elements in the order in which nft prints them. */
export function printElements(set: NamedSet | VerdictMap): readonly string[] {
  const { type } = set;
  if (set.kind === 'set') return inOrder([...set.elements()], set).map((e) => `${keyOf(e.key, type)}${commentOf(e.comment)}`);
  return inOrder<MapElement>([...set.elements()], set).map(
    (e) => `${keyOf(e.key, type)}${commentOf(e.comment)} : ${printVerdict(e.verdict)}`,
  );
}

const commentOf = (comment: string | null) => (comment === null ? '' : ` comment ${quoted(comment)}`);
const keyOf = (key: readonly KeyPart[], type: readonly KeyType[]) => key.map((p, i) => printPart(p, type[i] ?? 'integer')).join(' . ');

export function printPart(p: KeyPart, type: KeyType): string {
  if (typeof p === 'object') {
    if ('starts' in p) return `"${p.starts}*"`;
    if ('from' in p) return `${formatAddress(p.from)}-${formatAddress(p.to)}`;
    return 'first' in p ? `${p.first}-${p.last}` : printPrefix(p);
  }
  switch (type) {
    case 'ipv4_addr':
    case 'ipv6_addr':
      return formatAddress(p as IpAddress);
    case 'mark':
      return hex(Number(p));
    case 'ifname':
      return `"${p}"`;
    case 'inet_proto':
    case 'inet_service':
    case 'integer':
      return String(p);
  }
}

/**
 * A value goes by its number. Names of devices, and keys of several parts, are bytes as the network has them, which nft compares as a
 * number of the machine: the last byte counts most (concat_expr_msort_value, src/mergesort.c). Intervals of several parts stay as they are.
 */
function inOrder<E extends SetElement>(elements: readonly E[], { type, flags }: NamedSet | VerdictMap): readonly E[] {
  if (type.length > 1 && flags.includes('interval')) return elements;
  const isOfBytes = type.length > 1 || type[0] === 'ifname';
  const weighed = elements.map((e) => {
    const bytes = e.key.flatMap((p, i) => bytesOf(p, type[i] ?? 'integer'));
    return { e, weight: isOfBytes ? bytes.reverse() : bytes };
  });
  return weighed.sort((a, b) => compare(a.weight, b.weight)).map(({ e }) => e);
}

function compare(a: readonly number[], b: readonly number[]): number {
  for (const [i, byte] of a.entries()) if (byte !== b[i]) return byte - (b[i] ?? 0);
  return 0;
}

const PROTOCOLS: Readonly<Record<string, number>> = { icmp: 1, tcp: 6, udp: 17, 'ipv6-icmp': 58, sctp: 132 };

/** A part's (first) value as bytes, the most significant first. */
function bytesOf(p: KeyPart, type: KeyType): readonly number[] {
  const value = firstOf(p);
  switch (type) {
    case 'ipv4_addr':
      return number(BigInt(value), 4);
    case 'ipv6_addr':
      return number(BigInt(value), 16);
    case 'inet_proto':
      return [PROTOCOLS[String(value)] ?? 0];
    case 'inet_service':
      return number(BigInt(value), 2);
    case 'mark':
    case 'integer':
      // Values with a name, as `established`, keep the order in which they were found.
      return typeof value === 'string' ? [] : number(BigInt(value), 4);
    case 'ifname':
      return [...new TextEncoder().encode(String(value).padEnd(16, '\0'))];
  }
}

function firstOf(p: KeyPart): KeyValue {
  if (typeof p !== 'object') return p;
  if ('starts' in p) return p.starts;
  if ('from' in p) return p.from;
  return 'first' in p ? p.first : p.address;
}

const number = (n: bigint, bytes: number): readonly number[] =>
  Array.from({ length: bytes }, (_, i) => Number((n >> BigInt(8 * (bytes - 1 - i))) & 255n));
