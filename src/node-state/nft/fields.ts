import type { Selector } from '../../datapath/netfilter/sets.ts';
import { type DataType, TYPES, type TypeName } from './data-types.ts';

export interface ModelledField {
  readonly selector: Selector;
  readonly type: DataType;
}

const CONNECTION: readonly (readonly [Selector, TypeName])[] = (['original', 'reply'] as const).flatMap((d) => [
  [`ct ${d} ip saddr`, 'ipv4_addr'] as const,
  [`ct ${d} ip daddr`, 'ipv4_addr'] as const,
  [`ct ${d} ip6 saddr`, 'ipv6_addr'] as const,
  [`ct ${d} ip6 daddr`, 'ipv6_addr'] as const,
  [`ct ${d} proto-src`, 'inet_service'] as const,
  [`ct ${d} proto-dst`, 'inet_service'] as const,
  [`ct ${d} protocol`, 'inet_proto'] as const,
]);

const PORTS: readonly (readonly [Selector, TypeName])[] = (['tcp', 'udp', 'sctp', 'dccp', 'udplite', 'th'] as const).flatMap((p) => [
  [`${p} sport`, 'inet_service'] as const,
  [`${p} dport`, 'inet_service'] as const,
]);

const FIB: readonly (readonly [Selector, TypeName])[] = (['saddr', 'daddr'] as const).flatMap((end) => [
  [`fib ${end} type`, 'fib_addrtype'] as const,
  [`fib ${end} . iif type`, 'fib_addrtype'] as const,
  [`fib ${end} . oif type`, 'fib_addrtype'] as const,
]);

/** The fields that the walk knows the value of, with their types. */
const MODELLED: ReadonlyMap<string, ModelledField> = new Map(
  (
    [
      ['ip saddr', 'ipv4_addr'],
      ['ip daddr', 'ipv4_addr'],
      ['ip6 saddr', 'ipv6_addr'],
      ['ip6 daddr', 'ipv6_addr'],
      ['meta l4proto', 'inet_proto'],
      ['ip protocol', 'inet_proto'],
      ['ip6 nexthdr', 'inet_proto'],
      ['meta mark', 'mark'],
      ['iifname', 'ifname'],
      ['oifname', 'ifname'],
      ['meta nfproto', 'nf_proto'],
      ['meta protocol', 'ether_type'],
      ['meta length', 'integer'],
      ['meta pkttype', 'pkt_type'],
      ['meta skuid', 'ifname'],
      ['meta skgid', 'ifname'],
      ['meta cgroup', 'integer'],
      ['ip length', 'integer'],
      ['ip6 length', 'integer'],
      ['ip ttl', 'integer'],
      ['ip6 hoplimit', 'integer'],
      ['ip version', 'integer'],
      ['ip6 version', 'integer'],
      ['ip frag-off', 'integer'],
      ['tcp flags', 'tcp_flag'],
      ['icmp type', 'icmp_type'],
      ['icmp code', 'icmp_code'],
      ['icmpv6 type', 'icmpv6_type'],
      ['icmpv6 code', 'icmpv6_code'],
      ['ct state', 'ct_state'],
      ['ct status', 'ct_status'],
      ['ct mark', 'mark'],
      ['ct direction', 'ct_dir'],
      ...CONNECTION,
      ...PORTS,
      ...FIB,
    ] as const satisfies readonly (readonly [Selector, TypeName])[]
  ).map(([selector, type]) => [selector, { selector, type: TYPES[type] }]),
);

/**
 * Other names of modelled fields. The FIB is asked for the type of an address without a mark, even where the rule has the mark among its
 * keys: nft_fib4_eval_type, net/ipv4/netfilter/nft_fib_ipv4.c, and nft_fib6_eval_type.
 */
const SAME: readonly (readonly [written: RegExp, same: string])[] = [
  [/^ether type$/, 'meta protocol'],
  [/^ct protocol$/, 'ct original protocol'],
  [/^ct (proto-(?:src|dst))$/, 'ct original $1'],
  [/^fib ([sd]addr) \. mark( \. [io]if)? type$/, 'fib $1$2 type'],
];

/** The field of this name in a table of this family; null: the walk does not know its value. */
export function modelled(name: string, family: string): ModelledField | null {
  // In a table of one family nft leaves the family out: `ct original saddr`.
  const isOfOne = family === 'ip' || family === 'ip6';
  const whole = isOfOne ? name.replace(/^(ct (?:original|reply)) ([sd]addr)$/, `$1 ${family} $2`) : name;
  return MODELLED.get(SAME.reduce((word, [written, same]) => word.replace(written, same), whole)) ?? null;
}
