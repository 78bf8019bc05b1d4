import type { Match } from '../datapath/netfilter/match.ts';
import { nftRule, nftTable } from '../datapath/netfilter/nft-table.ts';
import type { NftTable, Rule } from '../datapath/netfilter/ruleset.ts';
import type { Target } from '../datapath/netfilter/target.ts';
import type { Host } from '../k8s/cni.ts';
import { prefixIn } from '../k8s/families.ts';
import { familyOf, type IpFamily } from '../net/address.ts';
import { MULTICAST, type Prefix } from '../net/prefix.ts';
import { inferred, type Origin } from '../source/origin.ts';

/** What flanneld writes. */
export interface FlannelRules {
  readonly ipMasq: boolean;
  readonly enableNFTables: boolean;
}

type Words = readonly [matches: readonly Match[], target: Target];

/**
 * flanneld's rules: what the pods' network sends and gets is let through, and with --ip-masq what crosses its border is masqueraded. It
 * knows the cluster's range and its own node's only, so that what one node hands on between two others is masqueraded, too. Those of
 * iptables are appended to what is there. Source: flannel-io/flannel, pkg/trafficmngr.
 */
export function flannelRules({ rules, clusterCidrs, ranges }: Host, { ipMasq, enableNFTables }: FlannelRules, { locus }: Origin): void {
  const origin = inferred(locus);
  const own = ranges.map((r) => r.podCidr);
  for (const cluster of clusterCidrs) {
    const family = familyOf(cluster.address);
    const node = prefixIn(own, family);
    const networks = ipMasq && node !== null ? { family, cluster, own: node } : null;
    if (enableNFTables) rules[family].nft(asNft(family, forwarded(cluster), networks === null ? [] : masqueradedByNft(networks), origin));
    else {
      asIptables(rules[family], ['filter', 'FORWARD', 'FLANNEL-FWD', 'flanneld forward'], forwarded(cluster), origin);
      if (networks !== null)
        asIptables(rules[family], ['nat', 'POSTROUTING', 'FLANNEL-POSTRTG', 'flanneld masq'], masqueradedByIptables(networks), origin);
    }
  }
}

interface Networks {
  readonly family: IpFamily;
  readonly cluster: Prefix;
  /** The range of the node. */
  readonly own: Prefix;
}

const from = (prefix: Prefix, negated = false): Match => ({ kind: 'source', prefix, negated });
const to = (prefix: Prefix, negated = false): Match => ({ kind: 'destination', prefix, negated });
const STAYS = { kind: 'RETURN' } as const;
const CHANGES = { kind: 'MASQUERADE', randomFully: true } as const;

/** That of kube-proxy's default bit; flanneld knows no other, and with nft asks for this one alone. */
const PROXY_MARK = 0x4000;
const marked = (mask: number): Match => ({ kind: 'mark', value: PROXY_MARK, mask, negated: false });

const forwarded = (cluster: Prefix): readonly Words[] => [
  [[from(cluster)], { kind: 'ACCEPT' }],
  [[to(cluster)], { kind: 'ACCEPT' }],
];

const masqueradedByIptables = ({ family, cluster, own }: Networks): readonly Words[] => [
  [[marked(PROXY_MARK)], STAYS],
  [[from(own), to(cluster)], STAYS],
  [[from(cluster), to(own)], STAYS],
  [[from(cluster, true), to(own)], STAYS],
  [[from(cluster), to(MULTICAST[family], true)], CHANGES],
  [[from(cluster, true), to(cluster)], CHANGES],
];

/** The fourth rule is about the whole cluster, not about the node's range, so that nothing gets to the last one. */
const masqueradedByNft = ({ family, cluster, own }: Networks): readonly Words[] => [
  [[marked(0xffffffff)], STAYS],
  [[from(own), to(cluster)], STAYS],
  [[from(cluster), to(own)], STAYS],
  [[from(own, true), to(cluster)], STAYS],
  [[from(cluster), to(MULTICAST[family], true)], CHANGES],
  [[from(cluster, true), to(cluster)], CHANGES],
];

type Place = readonly [table: 'filter' | 'nat', hook: 'FORWARD' | 'POSTROUTING', chain: string, comment: string];

function asIptables(
  { append }: Host['rules'][IpFamily],
  [table, hook, chain, comment]: Place,
  words: readonly Words[],
  origin: Origin,
): void {
  const rule = ([matches, target]: Words): Rule => ({ matches, target, comment, origin });
  append(table, hook, rule([[], { kind: 'jump', chain }]));
  append(table, chain, ...words.map(rule));
}

function asNft(family: IpFamily, forward: readonly Words[], masquerade: readonly Words[], origin: Origin): NftTable {
  const name = family === 'IPv4' ? 'flannel-ipv4' : 'flannel-ipv6';
  const rulesOf = (words: readonly Words[]) => words.map(([matches, target]) => nftRule(matches, target, origin));
  const postrouting = { name: 'postrtg', rules: rulesOf(masquerade), base: { type: 'nat', hook: 'POSTROUTING', priority: 100 } } as const;
  return nftTable({
    family: family === 'IPv4' ? 'ip' : 'ip6',
    name,
    comment: `rules for ${name}`,
    chains: [
      ...(masquerade.length === 0 ? [] : [postrouting]),
      { name: 'forward', rules: rulesOf(forward), base: { type: 'filter', hook: 'FORWARD', priority: 0 } },
    ],
  });
}
