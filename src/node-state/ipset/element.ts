import type { IpsetElement, Part, PartKind } from '../../datapath/netfilter/ipset-index.ts';
import { familyOf, type IpAddress, type IpFamily, parseAddress } from '../../net/address.ts';
import { parseMac } from '../../net/mac.ts';
import { LAST_PORT } from '../../net/port.ts';
import { addressBits, contains, type Prefix, prefixOf } from '../../net/prefix.ts';
import { ICMP_NAMES, ICMPV6_NAMES } from './icmp-names.ts';
import { ELEMENT_OPTIONS, optionsOf } from './types.ts';

/** The settings of a set that its elements are read by. */
export interface Shape {
  readonly family: IpFamily | null;
  readonly dimensions: readonly PartKind[];
  /** The `netmask` of the set, in bits; null: addresses are kept whole. */
  readonly length: number | null;
  readonly markmask: number;
}

/** The element of a line; a text: the reason why it is none. */
export function elementOf(shape: Shape, words: readonly string[]): IpsetElement | string {
  const [first = '', ...rest] = words;
  const options = optionsOf(rest, ELEMENT_OPTIONS);
  if (typeof options === 'string') return options;
  const texts = first.split(',');
  // In bitmap:ip,mac the kernel fills in the MAC address of the first packet.
  const least = shape.dimensions.at(-1) === 'mac' ? shape.dimensions.length - 1 : shape.dimensions.length;
  if (texts.length > shape.dimensions.length || texts.length < least) return `"${first}" is not ${shape.dimensions.join(',')}`;
  const parts: Part[] = [];
  for (const [i, kind] of shape.dimensions.entries()) {
    const text = texts[i];
    const part = text === undefined ? ({ kind: 'mac', mac: null } as const) : partOf(kind, text, shape, options.has('wildcard'));
    if (typeof part === 'string') return part;
    parts.push(part);
  }
  return { parts, nomatch: options.has('nomatch'), comment: options.get('comment') ?? null };
}

function partOf(kind: PartKind, text: string, shape: Shape, isPrefix: boolean): Part | string {
  switch (kind) {
    case 'ip':
    case 'net':
      return netOf(text, shape);
    case 'port':
      return portOf(text, shape.dimensions.length === 1);
    case 'mark':
      return /^(0x[0-9a-f]{1,8}|\d{1,10})$/i.test(text) ? { kind, mark: (Number(text) & shape.markmask) >>> 0 } : `"${text}" is not a mark`;
    case 'iface':
      return text.startsWith('physdev:') ? 'ports of a bridge are not modelled' : { kind, name: text, isPrefix };
    case 'mac': {
      const mac = parseMac(text);
      return mac === null ? `"${text}" is not a MAC address` : { kind, mac };
    }
  }
}

function netOf(text: string, { family, length }: Shape): Part | string {
  const prefix = prefixOfText(text, length);
  if (prefix === null) return `"${text}" is not an address or a prefix`;
  if (family !== null && familyOf(prefix.address) !== family) return `"${text}" is not of ${family}`;
  return { kind: 'net', prefix };
}

function prefixOfText(text: string, length: number | null): Prefix | null {
  const [left = '', right, ...more] = text.split('/');
  const address = parseAddress(left);
  if (address === null || more.length > 0) return rangeOf(text);
  const bits = addressBits(address);
  if (right === undefined) return prefixOf(address, length ?? bits);
  return /^\d{1,3}$/.test(right) && Number(right) <= bits ? prefixOf(address, Number(right)) : null;
}

/** A range that is a prefix; ipset itself prints only such. */
function rangeOf(text: string): Prefix | null {
  const [first, last] = endsOf(text);
  if (first === null || last === null || familyOf(first) !== familyOf(last)) return null;
  for (let length = addressBits(first); length >= 0; length--) {
    const prefix = prefixOf(first, length);
    if (prefix.address !== first) return null;
    if (contains(prefix, last)) return BigInt(last) === BigInt(first) + (1n << BigInt(addressBits(first) - length)) - 1n ? prefix : null;
  }
  return null;
}

function endsOf(text: string): readonly [IpAddress | null, IpAddress | null] {
  const [first = '', last = '', ...rest] = text.split('-');
  return rest.length > 0 ? [null, null] : [parseAddress(first), parseAddress(last)];
}

/** The names that ipset prints from /etc/protocols, and the numbers that it prints without that file, as the datapath calls them. */
const PROTOCOLS: Readonly<Record<string, string>> = {
  icmp: 'icmp',
  '1': 'icmp',
  ipencap: 'ipip',
  '4': 'ipip',
  tcp: 'tcp',
  '6': 'tcp',
  udp: 'udp',
  '17': 'udp',
  'ipv6-icmp': 'ipv6-icmp',
  icmpv6: 'ipv6-icmp',
  '58': 'ipv6-icmp',
  sctp: 'sctp',
  '132': 'sctp',
};

/** `tcp:80`. A port without a protocol is a TCP port, except in bitmap:port, where it is one of any protocol with ports. */
function portOf(text: string, isAlone: boolean): Part | string {
  const [left = '', right, ...rest] = text.split(':');
  if (rest.length > 0 || (isAlone && right !== undefined)) return `"${text}" is not a port`;
  if (right === undefined) return ports(text, left, isAlone ? null : 'tcp');
  const protocol = Object.hasOwn(PROTOCOLS, left) ? (PROTOCOLS[left] ?? left) : left;
  if (protocol === 'icmp') return icmp(text, right, protocol, ICMP_NAMES);
  if (protocol === 'ipv6-icmp') return icmp(text, right, protocol, ICMPV6_NAMES);
  return ports(text, right, protocol);
}

function ports(whole: string, text: string, protocol: string | null): Part | string {
  const found = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(text);
  const first = Number(found?.[1]);
  const last = Number(found?.[2] ?? found?.[1]);
  if (found === null || first > last || last > LAST_PORT) return `"${whole}" is not a port`;
  return { kind: 'port', protocol, first, last };
}

function icmp(whole: string, text: string, protocol: string, names: Readonly<Record<string, readonly [number, number]>>): Part | string {
  const numbers = /^(\d{1,3})\/(\d{1,3})$/.exec(text);
  const named = Object.hasOwn(names, text) ? names[text] : undefined;
  const [type, code] = named ?? [Number(numbers?.[1]), Number(numbers?.[2])];
  // The type and the code in one number of 16 bits.
  if (/^\d{1,5}$/.test(text)) return ports(whole, text, protocol);
  if (!(type <= 255 && code <= 255)) return `"${whole}" is not a type of ICMP`;
  const value = (type << 8) | code;
  return { kind: 'port', protocol, first: value, last: value };
}
