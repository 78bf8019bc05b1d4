import type { Match } from '../../datapath/netfilter/match.ts';
import type { RejectWith } from '../../datapath/netfilter/reject-with.ts';
import type { Target } from '../../datapath/netfilter/target.ts';
import { numberOf } from './data-types.ts';
import type { Statement } from './syntax.ts';

/** The effect of a statement, and the matches that it implies: `reject with icmp` matches only IPv4. */
export interface Deed {
  readonly needs: readonly Match[];
  readonly target: Target;
}

export const isOf = (family: 'ip' | 'ip6'): Match => ({
  kind: 'lookup',
  key: ['meta nfproto'],
  set: {
    kind: 'set',
    name: null,
    type: ['ifname'],
    flags: [],
    timeout: null,
    comment: null,
    elements: () => [{ key: [family === 'ip' ? 'ipv4' : 'ipv6'], comment: null }],
    find: ([value]) => (value === (family === 'ip' ? 'ipv4' : 'ipv6') ? { key: [value], comment: null } : undefined),
  },
  negated: false,
});

const TCP: Match = { kind: 'protocol', protocol: 'tcp', negated: false };

/** The codes of `reject` by their names, and by the numbers that `nft -n` prints. */
const ICMP: Readonly<Record<string, RejectWith>> = {
  'net-unreachable': 'icmp-net-unreachable',
  '0': 'icmp-net-unreachable',
  'host-unreachable': 'icmp-host-unreachable',
  '1': 'icmp-host-unreachable',
  'prot-unreachable': 'icmp-proto-unreachable',
  '2': 'icmp-proto-unreachable',
  'port-unreachable': 'icmp-port-unreachable',
  '3': 'icmp-port-unreachable',
  'net-prohibited': 'icmp-net-prohibited',
  '9': 'icmp-net-prohibited',
  'host-prohibited': 'icmp-host-prohibited',
  '10': 'icmp-host-prohibited',
  'admin-prohibited': 'icmp-admin-prohibited',
  '13': 'icmp-admin-prohibited',
};
const ICMPV6: Readonly<Record<string, RejectWith>> = {
  'no-route': 'icmp6-no-route',
  '0': 'icmp6-no-route',
  'admin-prohibited': 'icmp6-adm-prohibited',
  '1': 'icmp6-adm-prohibited',
  'addr-unreachable': 'icmp6-addr-unreachable',
  '3': 'icmp6-addr-unreachable',
  'port-unreachable': 'icmp6-port-unreachable',
  '4': 'icmp6-port-unreachable',
  'policy-fail': 'icmp6-policy-fail',
  '5': 'icmp6-policy-fail',
  'reject-route': 'icmp6-reject-route',
  '6': 'icmp6-reject-route',
};
const ICMPX: Readonly<Record<string, RejectWith>> = {
  'no-route': 'icmpx-no-route',
  '0': 'icmpx-no-route',
  'port-unreachable': 'icmpx-port-unreachable',
  '1': 'icmpx-port-unreachable',
  'host-unreachable': 'icmpx-host-unreachable',
  '2': 'icmpx-host-unreachable',
  'admin-prohibited': 'icmpx-admin-prohibited',
  '3': 'icmpx-admin-prohibited',
};

const USUAL: Readonly<Record<string, RejectWith>> = { ip: 'icmp-port-unreachable', ip6: 'icmp6-port-unreachable' };

/** Null: the kind is not known. */
export function rejectOf({ type, code }: Extract<Statement, { kind: 'reject' }>, family: string): Deed | null {
  if (type === null) return { needs: [], target: { kind: 'REJECT', with: USUAL[family] ?? 'icmpx-port-unreachable' } };
  if (type === 'tcp') return { needs: [TCP], target: { kind: 'REJECT', with: 'tcp-reset' } };
  const table = type === 'icmp' ? ICMP : type === 'icmpv6' ? ICMPV6 : type === 'icmpx' ? ICMPX : {};
  const how = Object.hasOwn(table, code ?? '') ? table[code ?? ''] : undefined;
  if (how === undefined) return null;
  const of = type === 'icmpx' ? family : type === 'icmp' ? 'ip' : 'ip6';
  return { needs: of === family ? [] : [isOf(of === 'ip' ? 'ip' : 'ip6')], target: { kind: 'REJECT', with: how } };
}

/** `ip ttl set 64`, or the hop limit of IPv6; null: it is neither, or not by a number. */
export function ttlOf(field: string, value: string, family: string): Deed | null {
  if (field !== 'ip ttl' && field !== 'ip6 hoplimit') return null;
  const number = numberOf(value);
  const of = field === 'ip ttl' ? 'ip' : 'ip6';
  const target = { kind: 'TTL', family: of === 'ip' ? 'IPv4' : 'IPv6', action: 'set' } as const;
  return number === null ? null : { needs: of === family ? [] : [isOf(of)], target: { ...target, value: number } };
}

/** Does setting the field leave the packet's way as it is? */
export const isHarmless = (field: string): boolean =>
  /^ip6? (?:dscp|ecn|tos|flowlabel)$/.test(field) ||
  /^(?:tcp|ip6?) option /.test(field) ||
  /^(?:meta (?:priority|nftrace|rtclassid|secmark)|ct (?:label|event|secmark))$/.test(field);
