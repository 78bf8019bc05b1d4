import type { Match } from '../datapath/netfilter/match.ts';
import { nftRule } from '../datapath/netfilter/nft-table.ts';
import type { RejectWith } from '../datapath/netfilter/reject-with.ts';
import { type BaseChainSpec, type Chain, plainChain, type Rule } from '../datapath/netfilter/ruleset.ts';
import type { NamedSet, VerdictMap } from '../datapath/netfilter/sets.ts';
import type { Target } from '../datapath/netfilter/target.ts';
import type { IpFamily } from '../net/address.ts';
import { LOOPBACK } from '../net/address.ts';
import { cidr, hostPrefix, type Prefix } from '../net/prefix.ts';
import type { Origin } from '../source/origin.ts';
import { jump, WORDS } from './nftables-port.ts';

/** What the chains refer to that do not depend on a service. */
export interface Shared {
  readonly family: IpFamily;
  readonly origin: Origin;
  readonly masqueradeBit: number;
  readonly serviceCidrs: readonly Prefix[];
  readonly clusterIps: NamedSet;
  /** The addresses that answer node ports; null: all of the node's. */
  readonly nodePortIps: NamedSet | null;
  readonly maps: Readonly<
    Record<'service-ips' | 'service-nodeports' | 'no-endpoint-services' | 'no-endpoint-nodeports' | 'firewall-ips', VerdictMap>
  >;
}

const NEW: Match = { kind: 'ctstate', states: ['NEW'], negated: false };

/** Before addresses are translated, and right after it. Source: nftablesBaseChains, pkg/proxy/nftables/proxier.go. */
const BEFORE_DNAT = -110;
const AFTER_DNAT = -90;

/** Each base chain, and where it jumps to; filter chains for the first packet of a connection only. */
const BASE: readonly (Pick<BaseChainSpec, 'type' | 'hook' | 'priority'> & { readonly name: string; readonly jumps: readonly string[] })[] =
  [
    { name: 'filter-prerouting', type: 'filter', hook: 'PREROUTING', priority: BEFORE_DNAT, jumps: ['firewall-check'] },
    {
      name: 'filter-input',
      type: 'filter',
      hook: 'INPUT',
      priority: BEFORE_DNAT,
      jumps: ['nodeport-endpoints-check', 'service-endpoints-check'],
    },
    {
      name: 'filter-forward',
      type: 'filter',
      hook: 'FORWARD',
      priority: BEFORE_DNAT,
      jumps: ['service-endpoints-check', 'cluster-ips-check'],
    },
    { name: 'filter-output', type: 'filter', hook: 'OUTPUT', priority: BEFORE_DNAT, jumps: ['service-endpoints-check', 'firewall-check'] },
    { name: 'filter-output-post-dnat', type: 'filter', hook: 'OUTPUT', priority: AFTER_DNAT, jumps: ['cluster-ips-check'] },
    { name: 'nat-prerouting', type: 'nat', hook: 'PREROUTING', priority: -100, jumps: ['services'] },
    { name: 'nat-output', type: 'nat', hook: 'OUTPUT', priority: -100, jumps: ['services'] },
    { name: 'nat-postrouting', type: 'nat', hook: 'POSTROUTING', priority: 100, jumps: ['masquerading'] },
  ];

export const baseChains = (origin: Origin): readonly BaseChainSpec[] =>
  BASE.map(({ name, type, hook, priority, jumps }) => {
    const rules = jumps.map((chain) => nftRule(type === 'filter' ? [NEW] : [], jump(chain), origin));
    return { type, hook, priority, policy: 'ACCEPT', chain: plainChain(name, rules) };
  });

const PORT_UNREACHABLE: Readonly<Record<IpFamily, RejectWith>> = { IPv4: 'icmp-port-unreachable', IPv6: 'icmp6-port-unreachable' };
const LOOPBACK_NET = { IPv4: cidr('127.0.0.0/8'), IPv6: hostPrefix(LOOPBACK.IPv6) } as const;

/** The chains that base chains and maps lead to. Source: setupNFTables, pkg/proxy/nftables/proxier.go. */
export function staticChains({ family, origin, masqueradeBit, serviceCidrs, clusterIps, nodePortIps, maps }: Shared): readonly Chain[] {
  const { destination } = WORDS[family];
  const rule = (matches: readonly Match[], target: Target, comment: string | null = null): Rule => ({
    ...nftRule(matches, target, origin),
    comment,
  });
  const byAddress = (map: VerdictMap): Target => ({ kind: 'vmap', key: [destination, 'meta l4proto', 'th dport'], map });
  const byPort = (map: VerdictMap): Target => ({ kind: 'vmap', key: ['meta l4proto', 'th dport'], map });
  const isLocal: Match = { kind: 'dst-type', type: 'LOCAL', negated: false };
  const notLoopback: Match = { kind: 'destination', prefix: LOOPBACK_NET[family], negated: true };
  const isOne = (set: NamedSet): Match => ({ kind: 'lookup', key: [destination], set, negated: false });
  const answers = nodePortIps === null ? [notLoopback] : [isOne(nodePortIps)];
  const mark = 2 ** masqueradeBit;
  return [
    plainChain('nodeport-endpoints-check', [rule(answers, byPort(maps['no-endpoint-nodeports']))]),
    plainChain('service-endpoints-check', [rule([], byAddress(maps['no-endpoint-services']))]),
    plainChain('firewall-check', [rule([], byAddress(maps['firewall-ips']))]),
    plainChain('services', [
      rule([], byAddress(maps['service-ips'])),
      rule(nodePortIps === null ? [isLocal, ...answers] : answers, byPort(maps['service-nodeports'])),
    ]),
    plainChain('masquerading', [
      rule([{ kind: 'mark', value: 0, mask: mark, negated: false }], { kind: 'RETURN' }),
      rule([], { kind: 'MARK', value: mark, mask: 0 }),
      rule([], { kind: 'MASQUERADE', randomFully: true }),
    ]),
    plainChain('cluster-ips-check', [
      rule([isOne(clusterIps)], { kind: 'REJECT', with: PORT_UNREACHABLE[family] }, 'Reject traffic to invalid ports of ClusterIPs'),
      ...serviceCidrs.map((prefix) =>
        rule([{ kind: 'destination', prefix, negated: false }], { kind: 'DROP' }, 'Drop traffic to unallocated ClusterIPs'),
      ),
    ]),
    plainChain('mark-for-masquerade', [rule([], { kind: 'MARK', value: mark, mask: mark })]),
    {
      ...plainChain('reject-chain', [rule([], { kind: 'REJECT', with: PORT_UNREACHABLE[family] })]),
      comment: 'helper for @no-endpoint-services / @no-endpoint-nodeports',
    },
  ];
}
