import { familyOf, formatAddress, formatEndpoint, type IpAddress } from '../../net/address.ts';
import { formatPrefix } from '../../net/prefix.ts';
import type { ConnectionState, Match, PortRange } from './match.ts';
import { hex, printPrefix, printSet, printVerdict, quoted } from './nft-set.ts';
import type { RejectWith } from './reject-with.ts';
import type { Condition, Rule } from './ruleset.ts';
import type { Target } from './target.ts';
import { tcpFlagNames } from './tcp-flags.ts';
import { untoldText } from './untold.ts';

/** A rule as `nft list ruleset` prints it (nftables 1.0.6). */
export const printNftRule = (rule: Rule): string =>
  rule.then === undefined ? printPart(rule) : `${printPart(rule)} ${printNftRule(rule.then)}`;

function printPart({ matches, target, comment, listed }: Rule): string {
  if (listed !== undefined) return listed;
  const words = [...matches.map(printNftMatch), ...(target === null ? [] : [printNftTarget(target)])];
  return [...words, ...(comment === null ? [] : [`comment ${quoted(comment)}`])].join(' ');
}

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
    case 'sports':
    case 'dports':
      return `th ${m.kind === 'sports' ? 'sport' : 'dport'} ${is}{ ${m.ports.map(ports).join(', ')} }`;
    case 'src-range':
    case 'dst-range':
      return `${ipOf(m.first)} ${m.kind === 'src-range' ? 'saddr' : 'daddr'} ${is}${formatAddress(m.first)}-${formatAddress(m.last)}`;
    case 'tcp-flags':
      return `tcp flags ${is}${flagNames(m.set)} / ${flagNames(m.mask)}`;
    case 'ttl':
      return `ip ttl ${m.negated ? '!=' : { eq: '==', lt: '<', gt: '>' }[m.compare]} ${m.value}`;
    case 'ct-direction':
      return `ct direction ${is}${m.direction}`;
    case 'ct-protocol':
      return `ct protocol ${is}${m.protocol}`;
    case 'mark':
      return `meta mark ${masked(m)}`;
    case 'connmark':
      return `ct mark ${masked(m)}`;
    case 'ctstate':
      return conntrack(m);
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
    case 'bits':
      return `${m.field} & ${bitsText(m.mask)} ${m.negated ? '!=' : '=='} ${bitsText(m.value)}`;
    case 'rpfilter':
      return `fib saddr${m.unmarked === true ? '' : ' . mark'}${m.loose === true ? '' : ' . iif'} oif ${m.negated ? 'missing' : 'exists'}`;
    case 'statistic':
      return m.text ?? `numgen random mod 1000000 < ${Math.round(m.probability * 1e6)}`;
    case 'owner':
    case 'socket':
    case 'fixed':
    case 'unknown':
      return m.text;
    case 'ports':
    case 'icmp-type':
    case 'addrtype':
    case 'ct-address':
    case 'ct-port':
    case 'ct-status':
    case 'tos':
    case 'length':
    case 'ipvs':
    case 'recent':
    case 'physdev-in':
    case 'physdev-out':
    case 'physdev-is-bridged':
    case 'physdev-is-in':
    case 'physdev-is-out':
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
    case 'DNAT-PORT':
      return `dnat to :${t.port}`;
    case 'REDIRECT':
      return `redirect${t.port === null ? '' : ` to :${t.port}`}`;
    case 'NETMAP':
      return `${ipOf(t.prefix.address) === 'ip' ? 'dnat ip' : 'dnat ip6'} prefix to ${formatPrefix(t.prefix)}`;
    case 'TTL':
      return `${t.family === 'IPv4' ? 'ip ttl' : 'ip6 hoplimit'} ${t.action} ${t.value}`;
    case 'NOTRACK':
      return 'notrack';
    case 'SNAT':
      return `snat to ${formatAddress(t.address)}${t.randomFully === true ? ' fully-random' : ''}`;
    case 'MASQUERADE':
      return `masquerade${t.randomFully ? ' fully-random' : ''}`;
    case 'vmap':
      return `${t.key.join(' . ')} vmap ${printSet(t.map)}`;
    case 'numgen':
      return `${t.hashed === true ? 'symhash' : 'numgen random'} mod ${t.modulus} vmap ${printSet(t.map)}`;
    case 'unmodelled':
      return t.text;
    case 'untold':
      return untoldText(t);
    default:
      return printVerdict(t);
  }
}

const bitsText = (bits: number | bigint) => (typeof bits === 'bigint' ? formatAddress(bits as IpAddress) : hex(bits));
const ports = (p: number | PortRange) => (typeof p === 'number' ? p : `${p.first}-${p.last}`);
const flagNames = (bits: number) => tcpFlagNames(bits).join(',').toLowerCase() || '0x0';

const ipOf = (a: IpAddress) => (familyOf(a) === 'IPv4' ? 'ip' : 'ip6');
const device = (name: string) => `"${name.endsWith('+') ? `${name.slice(0, -1)}*` : name}"`;

const ALL_BITS = 0xffffffff;

function masked({ value, mask, negated }: { readonly value: number; readonly mask: number; readonly negated: boolean }): string {
  const low = ~mask >>> 0;
  // The highest bits alone are a prefix to nft.
  const isPrefix = mask !== 0 && (low & (low + 1)) === 0;
  if (isPrefix) return `${negated ? '!= ' : ''}${hex(value)}${low === 0 ? '' : `/${Math.clz32(low)}`}`;
  return `& ${hex(mask)} ${negated ? '!=' : '=='} ${hex(value)}`;
}

/** mark = (mark & ~mask) ^ value, in nft's operators. Source: netlink_parse_bitwise_mask_xor, src/netlink_delinearize.c. */
function setMark(what: string, { value, mask }: { readonly value: number; readonly mask: number }): string {
  if (mask === ALL_BITS) return hex(value);
  const [kept, or, xor] = [(~mask | value) >>> 0, (mask & value) >>> 0, (~mask & value) >>> 0];
  return [what, ...operator('&', kept, ALL_BITS), ...operator('^', xor, 0), ...operator('|', or, 0)].join(' ');
}

const operator = (sign: string, value: number, neutral: number) => (value === neutral ? [] : [sign, hex(value)]);

const part = (what: string, mask: number) => (mask === ALL_BITS ? what : `${what} & ${hex(mask)}`);

/** In the order of their bits. Source: nf_conntrack_common.h. */
const STATES = ['INVALID', 'ESTABLISHED', 'RELATED', 'NEW', 'UNTRACKED'] as const;
const STATUSES = ['SNAT', 'DNAT'] as const;

/** nft has a list of bits for any of them, and a set for none of them. */
function conntrack({ states, negated }: Extract<Match, { kind: 'ctstate' }>): string {
  const among = (all: readonly ConnectionState[]) => all.filter((s) => states.includes(s)).map((s) => s.toLowerCase());
  const names = among(STATES);
  const [what, list] = names.length > 0 ? ['state', names] : ['status', among(STATUSES)];
  if (!negated) return `ct ${what} ${list.join(',')}`;
  return `ct ${what} != ${list.length === 1 ? list[0] : `{ ${list.join(', ')} }`}`;
}

const REJECTS: Readonly<Record<RejectWith, string>> = {
  'icmp-net-unreachable': ' with icmp net-unreachable',
  'icmp-host-unreachable': ' with icmp host-unreachable',
  'icmp-proto-unreachable': ' with icmp prot-unreachable',
  'icmp-port-unreachable': '',
  'icmp-net-prohibited': ' with icmp net-prohibited',
  'icmp-host-prohibited': ' with icmp host-prohibited',
  'icmp-admin-prohibited': ' with icmp admin-prohibited',
  'icmp6-no-route': ' with icmpv6 no-route',
  'icmp6-adm-prohibited': ' with icmpv6 admin-prohibited',
  'icmp6-addr-unreachable': ' with icmpv6 addr-unreachable',
  'icmp6-port-unreachable': '',
  'icmp6-policy-fail': ' with icmpv6 policy-fail',
  'icmp6-reject-route': ' with icmpv6 reject-route',
  'tcp-reset': ' with tcp reset',
  'icmpx-no-route': ' with icmpx no-route',
  'icmpx-port-unreachable': '',
  'icmpx-host-unreachable': ' with icmpx host-unreachable',
  'icmpx-admin-prohibited': ' with icmpx admin-prohibited',
};

const printReject = (how: RejectWith) => `reject${REJECTS[how]}`;
