import type { IpAddress } from '../../net/address.ts';
import { contains, lastAddress, type Prefix } from '../../net/prefix.ts';
import type { Origin } from '../../source/origin.ts';
import { type Interval, intervalIndex } from './interval-index.ts';

/** A field of a packet that a set or a map is asked for, in nft's words. */
export type Selector =
  | 'ip saddr'
  | 'ip daddr'
  | 'ip6 saddr'
  | 'ip6 daddr'
  | 'meta l4proto'
  | 'meta mark'
  | 'th sport'
  | 'th dport'
  | 'tcp sport'
  | 'tcp dport'
  | 'udp sport'
  | 'udp dport'
  /** ipset's: of ICMP the type and the code (`type << 8 | code`), of a protocol without ports 0. */
  | 'set sport'
  | 'set dport'
  | 'iifname'
  | 'oifname'
  | FoundSelector;

/** Fields that only found rules use. A packet never has the port of a protocol that is not modelled. */
export type FoundSelector =
  | 'meta nfproto'
  | 'meta protocol'
  | 'meta length'
  | 'meta pkttype'
  | 'meta skuid'
  | 'meta skgid'
  | 'meta cgroup'
  | 'ip protocol'
  | 'ip6 nexthdr'
  | 'ip length'
  | 'ip6 length'
  | 'ip ttl'
  | 'ip6 hoplimit'
  | 'ip version'
  | 'ip6 version'
  | 'ip frag-off'
  | 'sctp sport'
  | 'sctp dport'
  | 'dccp sport'
  | 'dccp dport'
  | 'udplite sport'
  | 'udplite dport'
  | 'tcp flags'
  | 'icmp type'
  | 'icmp code'
  | 'icmpv6 type'
  | 'icmpv6 code'
  | 'ct state'
  | 'ct status'
  | 'ct mark'
  | 'ct direction'
  | `ct ${'original' | 'reply'} ${'ip saddr' | 'ip daddr' | 'ip6 saddr' | 'ip6 daddr' | 'proto-src' | 'proto-dst' | 'protocol'}`
  | `fib ${'saddr' | 'daddr'}${'' | ' . iif' | ' . oif'} type`
  | 'fib saddr . iif oif';

/** A type of nft, which says how a part of a key is written. */
export type KeyType = 'ipv4_addr' | 'ipv6_addr' | 'inet_proto' | 'inet_service' | 'mark' | 'ifname' | 'integer';

/** A name that begins so, as `cali*`. */
export interface NamesFrom {
  readonly starts: string;
}

/** Of one family, both ends included. */
export interface AddressRange {
  readonly from: IpAddress;
  readonly to: IpAddress;
}

/** The value of a field: an address; a protocol's or a device's name; a port, a mark or a number. */
export type KeyValue = IpAddress | string | number;

/** A part of an element's key: one value, or an interval of them. */
export type KeyPart = KeyValue | Prefix | NamesFrom | AddressRange | { readonly first: number; readonly last: number };

/** `CONTINUE`: the rule goes on, as if it had no map. */
export type MapVerdict =
  | { readonly kind: 'ACCEPT' | 'DROP' | 'RETURN' | 'CONTINUE' }
  | { readonly kind: 'jump' | 'goto'; readonly chain: string };

/** The effect on a packet that finds the element of a map of addresses, ports or marks: `dnat to ip daddr map { … }`. */
export type MapData =
  | { readonly kind: 'DNAT'; readonly address: IpAddress; readonly port: number | null }
  /** `within`: one of these stays as it is. */
  | { readonly kind: 'SNAT'; readonly address: IpAddress; readonly within?: AddressRange }
  | { readonly kind: 'DNAT-PORT'; readonly port: number }
  | { readonly kind: 'NETMAP'; readonly prefix: Prefix }
  | { readonly kind: 'MARK'; readonly value: number; readonly mask: number };

export interface SetElement {
  readonly key: readonly KeyPart[];
  readonly comment: string | null;
}

export interface MapElement extends SetElement {
  readonly verdict: MapVerdict | MapData;
  readonly origin: Origin;
}

interface Keyed<E extends SetElement> {
  /** Null: it stands in its rule. */
  readonly name: string | null;
  readonly type: readonly KeyType[];
  readonly flags: readonly ('constant' | 'interval' | 'dynamic' | 'timeout')[];
  /** Seconds. */
  readonly timeout: number | null;
  readonly comment: string | null;
  /** Its text in the listing of a machine. */
  readonly listed?: string;
  /** All of them, in any order: for printing. */
  elements(): Iterable<E>;
  /** The element that a packet with these values hits. */
  find(values: readonly KeyValue[]): E | undefined;
}

export interface NamedSet extends Keyed<SetElement> {
  readonly kind: 'set';
}

export interface VerdictMap extends Keyed<MapElement> {
  readonly kind: 'map';
}

type Stated<K> = Partial<Pick<NamedSet, 'flags' | 'timeout' | 'comment' | 'listed'>> &
  Pick<NamedSet, 'name' | 'type'> & { readonly elements: K };

/** A set with these elements. One that packets fill (`dynamic`) starts empty. */
export function namedSet({ elements, ...stated }: Stated<readonly SetElement[]>): NamedSet {
  return { kind: 'set', flags: [], timeout: null, comment: null, ...stated, ...indexed(elements) };
}

export function verdictMap({ elements, ...stated }: Stated<readonly MapElement[]>): VerdictMap {
  return { kind: 'map', flags: [], timeout: null, comment: null, ...stated, ...indexed(elements) };
}

type Find<E> = (values: readonly KeyValue[]) => E | undefined;

/** A listing has many sets that no packet comes to: the index is made when the first does. */
function indexed<E extends SetElement>(elements: readonly E[]): Pick<Keyed<E>, 'elements' | 'find'> {
  let find: Find<E> | null = null;
  return {
    elements: () => elements,
    find: (values) => {
      find ??= finderOf(elements);
      return find(values);
    },
  };
}

/** Finds elements by an index of their keys; beginnings of names, and keys of several parts with an interval, are compared one by one. */
function finderOf<E extends SetElement>(elements: readonly E[]): Find<E> {
  const exact = new Map<KeyValue, E>();
  const intervals: Interval<E>[] = [];
  const others: E[] = [];
  for (const element of elements) {
    const { key } = element;
    const [part] = key;
    const ends = part === undefined || key.length > 1 ? null : endsOf(part);
    if (key.every(isValue)) exact.set(keyOf(key), element);
    else if (ends !== null) intervals.push({ ...ends, element });
    else others.push(element);
  }
  const within = intervalIndex(intervals);
  const inTurn = (values: readonly KeyValue[]) => others.find((e) => e.key.every((part, i) => holds(part, values[i])));
  return (values) => exact.get(keyOf(values)) ?? within(values[0]) ?? (others.length === 0 ? undefined : inTurn(values));
}

const isValue = (part: KeyPart): part is KeyValue => typeof part !== 'object';

/** Null: it is no interval of numbers or addresses. */
function endsOf(part: KeyPart): { readonly first: number | bigint; readonly last: number | bigint } | null {
  if (typeof part !== 'object' || 'starts' in part) return null;
  if ('first' in part) return part;
  return 'from' in part ? { first: part.from, last: part.to } : { first: part.address, last: lastAddress(part) };
}

/** A value alone is its own key: a set has one type of them. */
const keyOf = (values: readonly KeyValue[]): KeyValue => (values.length === 1 && values[0] !== undefined ? values[0] : keyText(values));

/** Values as one text, which no other values have. */
export const keyText = (values: readonly KeyValue[]): string => values.join(' ');

function holds(part: KeyPart, value: KeyValue | undefined): boolean {
  if (value === undefined) return false;
  if (typeof part !== 'object') return part === value;
  if ('starts' in part) return typeof value === 'string' && value.startsWith(part.starts);
  if ('first' in part) return typeof value === 'number' && value >= part.first && value <= part.last;
  if ('from' in part) return typeof value === typeof part.from && typeof value !== 'string' && value >= part.from && value <= part.to;
  return typeof value !== 'string' && contains(part, value as IpAddress);
}
