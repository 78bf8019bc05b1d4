import type { IpAddress } from '../../net/address.ts';
import type { Mac } from '../../net/mac.ts';
import { contains, networkOf, type Prefix } from '../../net/prefix.ts';

/** The kinds of an element's parts; `ip` and `net` differ only in that the latter is written with a length. */
export type PartKind = 'ip' | 'net' | 'port' | 'mark' | 'iface' | 'mac';

/** A part of an element. An address is a prefix, as long as it is or as the set's netmask. */
export type Part =
  | { readonly kind: 'net'; readonly prefix: Prefix }
  /** Protocol null: TCP, UDP or SCTP. For ICMP `type << 8 | code`. */
  | { readonly kind: 'port'; readonly protocol: string | null; readonly first: number; readonly last: number }
  | { readonly kind: 'mark'; readonly mark: number }
  | { readonly kind: 'iface'; readonly name: string; readonly isPrefix: boolean }
  /** Null: of any. */
  | { readonly kind: 'mac'; readonly mac: Mac | null };

export interface IpsetElement {
  readonly parts: readonly Part[];
  /** A packet that fits it is not in the set, whatever shorter prefixes say. */
  readonly nomatch: boolean;
  readonly comment: string | null;
}

/** The packet's value for a part. */
export type Value =
  | { readonly kind: 'ip'; readonly address: IpAddress }
  | { readonly kind: 'port'; readonly protocol: string; readonly port: number }
  | { readonly kind: 'mark'; readonly mark: number }
  | { readonly kind: 'iface'; readonly name: string };

/** The elements with prefixes of these lengths: those found by equal values, and those with a range of ports. */
interface SameLengths {
  readonly lengths: readonly number[];
  readonly byKey: Map<string, IpsetElement[]>;
  readonly ranges: IpsetElement[];
}

/**
 * The element that decides, as the kernel looks for it: from the longest first prefix down, and of each from the longest second one. A set
 * with devices ends at the longest prefix that is there for any of them. Source: mtype_test_cidrs, net/netfilter/ipset/ip_set_hash_gen.h.
 */
export function ipsetIndex(
  elements: readonly IpsetElement[],
  kinds: readonly PartKind[],
): (values: readonly Value[]) => IpsetElement | undefined {
  const groups = grouped(elements);
  const isByDevice = kinds.includes('iface');
  const isOfAnyProtocol = elements.some(({ parts }) => parts.some((p) => p.kind === 'port' && p.protocol === null));
  return (values) => {
    for (const { lengths, byKey, ranges } of groups) {
      const fits = ({ parts }: IpsetElement) => parts.every((part, i) => holds(part, values[i]));
      const alike = byKey.get(keyOfValues(values, lengths, isOfAnyProtocol));
      const found = alike?.find(fits) ?? ranges.find(fits);
      if (found !== undefined || (isByDevice && alike !== undefined)) return found;
    }
    return undefined;
  };
}

function grouped(elements: readonly IpsetElement[]): readonly SameLengths[] {
  const groups = new Map<string, SameLengths>();
  for (const element of elements) {
    const lengths = element.parts.flatMap((p) => (p.kind === 'net' ? [p.prefix.length] : []));
    const name = lengths.join(' ');
    const group = groups.get(name) ?? { lengths, byKey: new Map<string, IpsetElement[]>(), ranges: [] };
    groups.set(name, group);
    if (element.parts.some((p) => p.kind === 'port' && p.first !== p.last)) {
      group.ranges.push(element);
      continue;
    }
    const key = element.parts.map(keyOfPart).join(' ');
    const alike = group.byKey.get(key);
    if (alike === undefined) group.byKey.set(key, [element]);
    else alike.push(element);
  }
  return [...groups.values()].sort((a, b) => longestFirst(a.lengths, b.lengths));
}

function longestFirst(a: readonly number[], b: readonly number[]): number {
  for (const [i, length] of a.entries()) if (length !== b[i]) return (b[i] ?? 0) - length;
  return 0;
}

function keyOfPart(part: Part): string {
  if (part.kind === 'net') return `${part.prefix.address}`;
  if (part.kind === 'port') return `${part.protocol ?? ''}:${part.first}`;
  return part.kind === 'mark' ? `${part.mark}` : '';
}

const WITH_PORTS: readonly string[] = ['tcp', 'udp', 'sctp'];

function keyOfValues(values: readonly Value[], lengths: readonly number[], isOfAnyProtocol: boolean): string {
  let net = 0;
  const keys = values.map((v) => {
    if (v.kind === 'ip') return `${networkOf(v.address, lengths[net++] ?? 0)}`;
    if (v.kind === 'port') return `${isOfAnyProtocol && WITH_PORTS.includes(v.protocol) ? '' : v.protocol}:${v.port}`;
    return v.kind === 'mark' ? `${v.mark}` : '';
  });
  return keys.join(' ');
}

function holds(part: Part, value: Value | undefined): boolean {
  if (value === undefined) return false;
  switch (part.kind) {
    case 'net':
      return value.kind === 'ip' && contains(part.prefix, value.address);
    case 'port': {
      if (value.kind !== 'port' || value.port < part.first || value.port > part.last) return false;
      return part.protocol === null ? WITH_PORTS.includes(value.protocol) : part.protocol === value.protocol;
    }
    case 'mark':
      return value.kind === 'mark' && value.mark === part.mark;
    case 'iface':
      if (value.kind !== 'iface' || value.name === '') return false;
      return part.isPrefix ? value.name.startsWith(part.name) : value.name === part.name;
    case 'mac':
      return false;
  }
}
