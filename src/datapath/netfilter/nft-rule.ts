import { familyOf, formatAddress, formatEndpoint, type IpAddress } from '../../net/address.ts';
import { formatPrefix, isHostPrefix, type Prefix } from '../../net/prefix.ts';
import type { Condition, ConnectionState, Match, RejectWith, Rule, Target } from './ruleset.ts';
import type { KeyPart, KeyType, MapElement, MapVerdict, NamedSet, VerdictMap } from './sets.ts';

/** A rule as `nft list ruleset` prints it (nftables 1.0.6). */
export function printNftRule({ matches, target, comment }: Rule): string {
  const words = [...matches.map(printNftMatch), ...(target === null ? [] : [printNftTarget(target)])];
  return [...words, ...(comment === null ? [] : [`comment ${quoted(comment)}`])].join(' ');
}

/** nft has no escapes in strings. */
export const quoted = (text: string): string => `"${text.replace(/[\p{Cc}"]/gu, '?')}"`;

export function printNftCondition(c: Condition): string {
  return c.kind === 'vmap' || c.kind === 'numgen' ? printNftTarget(c) : printNftMatch(c);
}

function printNftMatch(m: Match): string {
  const is = 'negated' in m && m.negated ? '!= ' : '';
  switch (m.kind) {
    case 'source':
      return `${ipOf(m.prefix.address)} saddr ${is}${printPrefix(m.prefix)}`;
    case 'destination':
      return `${ipOf(m.prefix.address)} daddr ${is}${printPrefix(m.prefix)}`;
    case 'protocol':
      return `meta l4proto ${is}${m.protocol}`;
    case 'sport':
    case 'dport':
      return `${m.protocol} ${m.kind} ${is}${m.first === m.last ? m.first : `${m.first}-${m.last}`}`;
    case 'dports':
      return `th dport ${is}{ ${m.ports.join(', ')} }`;
    case 'mark':
      return `meta mark ${masked(m)}`;
    case 'connmark':
      return `ct mark ${masked(m)}`;
    case 'ctstate':
      return `${conntrack(m.states)[0]} ${is}${conntrack(m.states)[1]}`;
    case 'src-type':
      return `fib saddr type ${is}${m.type.toLowerCase()}`;
    case 'dst-type':
      return `fib daddr type ${is}${m.type.toLowerCase()}`;
    case 'in-interface':
      return `iifname ${is}${device(m.name)}`;
    case 'out-interface':
      return `oifname ${is}${device(m.name)}`;
    case 'lookup':
      return `${m.key.join(' . ')} ${is}${printSet(m.set)}`;
    case 'update':
      return `update @${m.set.name} { ${m.key.join(' . ')} }`;
    case 'unknown':
      return m.text;
    case 'recent':
    case 'statistic':
    case 'physdev-in':
    case 'physdev-out':
    case 'physdev-is-bridged':
      throw new Error(`nft has no ${m.kind}`);
  }
}

function printNftTarget(t: Target): string {
  switch (t.kind) {
    case 'REJECT':
      return printReject(t.with);
    case 'MARK':
      return `meta mark set ${setMark('meta mark', t)}`;
    case 'CONNMARK':
      if (t.action === 'set') return `ct mark set ${setMark('ct mark', t)}`;
      return t.action === 'save' ? `ct mark set ${part('meta mark', t.mask)}` : `meta mark set ${part('ct mark', t.mask)}`;
    case 'DNAT':
      return `dnat to ${t.port === null ? formatAddress(t.address) : formatEndpoint(t.address, t.port)}`;
    case 'SNAT':
      return `snat to ${formatAddress(t.address)}${t.randomFully === true ? ' fully-random' : ''}`;
    case 'MASQUERADE':
      return `masquerade${t.randomFully ? ' fully-random' : ''}`;
    case 'vmap':
      return `${t.key.join(' . ')} vmap ${printSet(t.map)}`;
    case 'numgen':
      return `numgen random mod ${t.modulus} vmap ${printSet(t.map)}`;
    default:
      return printVerdict(t);
  }
}

export function printVerdict(v: MapVerdict): string {
  return v.kind === 'jump' || v.kind === 'goto' ? `${v.kind} ${v.chain}` : v.kind.toLowerCase();
}

const ipOf = (a: IpAddress) => (familyOf(a) === 'IPv4' ? 'ip' : 'ip6');
const printPrefix = (p: Prefix) => (isHostPrefix(p) ? formatAddress(p.address) : formatPrefix(p));
const device = (name: string) => `"${name.endsWith('+') ? `${name.slice(0, -1)}*` : name}"`;

const ALL_BITS = 0xffffffff;
const hex = (n: number) => `0x${n.toString(16).padStart(8, '0')}`;

function masked({ value, mask, negated }: { readonly value: number; readonly mask: number; readonly negated: boolean }): string {
  if (mask === ALL_BITS) return `${negated ? '!= ' : ''}${hex(value)}`;
  return `& ${hex(mask)} ${negated ? '!=' : '=='} ${hex(value)}`;
}

/** mark = (mark & ~mask) ^ value, in the operators that nft has for it. */
function setMark(what: string, { value, mask }: { readonly value: number; readonly mask: number }): string {
  if (mask === ALL_BITS) return hex(value);
  if (value === mask) return `${what} | ${hex(value)}`;
  if (mask === 0) return `${what} ^ ${hex(value)}`;
  if (value === 0) return `${what} & ${hex(~mask >>> 0)}`;
  return `${what} & ${hex(~mask >>> 0)} ^ ${hex(value)}`;
}

const part = (what: string, mask: number) => (mask === ALL_BITS ? what : `${what} & ${hex(mask)}`);

/** In the order of their bits. Source: nf_conntrack_common.h. */
const STATES: readonly ConnectionState[] = ['INVALID', 'ESTABLISHED', 'RELATED', 'NEW', 'UNTRACKED'];

function conntrack(states: readonly ConnectionState[]): readonly [key: string, values: string] {
  const names = STATES.filter((s) => states.includes(s));
  const statuses = states.filter((s) => s === 'DNAT' || s === 'SNAT');
  return names.length > 0 ? ['ct state', names.join(',').toLowerCase()] : ['ct status', statuses.join(',').toLowerCase()];
}

const REJECTS: Readonly<Record<RejectWith, string>> = {
  'icmp-net-unreachable': ' with icmp net-unreachable',
  'icmp-host-unreachable': ' with icmp host-unreachable',
  'icmp-port-unreachable': '',
  'icmp-net-prohibited': ' with icmp net-prohibited',
  'icmp-host-prohibited': ' with icmp host-prohibited',
  'icmp-admin-prohibited': ' with icmp admin-prohibited',
  'icmp6-no-route': ' with icmpv6 no-route',
  'icmp6-adm-prohibited': ' with icmpv6 admin-prohibited',
  'icmp6-addr-unreachable': ' with icmpv6 addr-unreachable',
  'icmp6-port-unreachable': '',
  'tcp-reset': ' with tcp reset',
};

const printReject = (how: RejectWith) => `reject${REJECTS[how]}`;

/** `@NAME`, or what stands in the rule itself. */
function printSet(set: NamedSet | VerdictMap): string {
  return set.name === null ? `{ ${printElements(set).join(', ')} }` : `@${set.name}`;
}

/** The elements in the order in which nft prints them. */
export function printElements(set: NamedSet | VerdictMap): readonly string[] {
  const { type } = set;
  if (set.kind === 'set') return inOrder([...set.elements()], type).map((e) => `${keyOf(e.key, type)}${commentOf(e.comment)}`);
  return inOrder<MapElement>([...set.elements()], type).map(
    (e) => `${keyOf(e.key, type)}${commentOf(e.comment)} : ${printVerdict(e.verdict)}`,
  );
}

const commentOf = (comment: string | null) => (comment === null ? '' : ` comment ${quoted(comment)}`);
const keyOf = (key: readonly KeyPart[], type: readonly KeyType[]) => key.map((p, i) => printPart(p, type[i] ?? 'integer')).join(' . ');

function printPart(p: KeyPart, type: KeyType): string {
  if (typeof p === 'object') return 'first' in p ? `${p.first}-${p.last}` : printPrefix(p);
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
 * A key of one part goes by its value. Of a key of several, nft puts the bytes together as the network has them, and compares that as a
 * number of the machine: the last byte counts most (concat_expr_msort_value, src/mergesort.c).
 */
function inOrder<E extends { readonly key: readonly KeyPart[] }>(elements: readonly E[], type: readonly KeyType[]): readonly E[] {
  const bytes = (e: E) => e.key.flatMap((p, i) => bytesOf(p, type[i] ?? 'integer'));
  const weighed = elements.map((e) => ({ e, weight: type.length > 1 ? bytes(e).reverse() : bytes(e) }));
  return weighed.sort((a, b) => compare(a.weight, b.weight)).map(({ e }) => e);
}

function compare(a: readonly number[], b: readonly number[]): number {
  for (const [i, byte] of a.entries()) if (byte !== b[i]) return byte - (b[i] ?? 0);
  return 0;
}

const PROTOCOLS: Readonly<Record<string, number>> = { icmp: 1, tcp: 6, udp: 17, 'ipv6-icmp': 58, sctp: 132 };

/** A part's (first) value as bytes, the most significant first. */
function bytesOf(p: KeyPart, type: KeyType): readonly number[] {
  const value = typeof p !== 'object' ? p : 'first' in p ? p.first : p.address;
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
      return number(BigInt(value), 4);
    case 'ifname':
      return [...new TextEncoder().encode(String(value).padEnd(16, '\0'))];
  }
}

const number = (n: bigint, bytes: number): readonly number[] =>
  Array.from({ length: bytes }, (_, i) => Number((n >> BigInt(8 * (bytes - 1 - i))) & 255n));
