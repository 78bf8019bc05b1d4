import type { RulesetBuilder } from '../datapath/netfilter/builder.ts';
import type { Match, Rule } from '../datapath/netfilter/ruleset.ts';
import type { Host } from '../k8s/cni.ts';
import { prefixesIn } from '../k8s/families.ts';
import { familyOf, type IpFamily } from '../net/address.ts';
import { MULTICAST, type Prefix } from '../net/prefix.ts';
import { inferred, type Origin } from '../source/origin.ts';

const POSTROUTING = 'FLANNEL-POSTRTG';
const FORWARD = 'FLANNEL-FWD';

/** That of kube-proxy's default bit; flanneld knows no other. */
const PROXY_MARK = 0x4000;

/**
 * flanneld's rules, appended to what is there: what the pods' network sends and gets is let through, and with --ip-masq what crosses its
 * border is masqueraded. It knows the cluster's range and its own node's only, so that what one node hands on between two others is
 * masqueraded, too. Source: flannel-io/flannel, pkg/trafficmngr/iptables/iptables.go.
 */
export function flannelRules({ rules, clusterCidrs, ranges }: Host, ipMasq: boolean, origin: Origin): void {
  for (const cluster of clusterCidrs) {
    const family = familyOf(cluster.address);
    const own = prefixesIn(
      ranges.map((r) => r.podCidr),
      family,
    )[0];
    forward(rules[family], cluster, origin);
    if (ipMasq && own !== undefined) masquerade(rules[family], { family, cluster, own }, origin);
  }
}

function forward({ append }: RulesetBuilder, cluster: Prefix, origin: Origin): void {
  const rule = (matches: readonly Match[], target: Rule['target']) => commented(matches, target, 'flanneld forward', origin);
  append('filter', 'FORWARD', rule([], { kind: 'jump', chain: FORWARD }));
  append('filter', FORWARD, rule([from(cluster)], { kind: 'ACCEPT' }), rule([to(cluster)], { kind: 'ACCEPT' }));
}

interface Network {
  readonly family: IpFamily;
  readonly cluster: Prefix;
  /** The range of the node. */
  readonly own: Prefix;
}

function masquerade({ append }: RulesetBuilder, { family, cluster, own }: Network, origin: Origin): void {
  const rule = (matches: readonly Match[], target: Rule['target']) => commented(matches, target, 'flanneld masq', origin);
  const stays = { kind: 'RETURN' } as const;
  const changes = { kind: 'MASQUERADE', randomFully: true } as const;
  append('nat', 'POSTROUTING', rule([], { kind: 'jump', chain: POSTROUTING }));
  append(
    'nat',
    POSTROUTING,
    rule([{ kind: 'mark', value: PROXY_MARK, mask: PROXY_MARK, negated: false }], stays),
    rule([from(own), to(cluster)], stays),
    rule([from(cluster), to(own)], stays),
    rule([from(cluster, true), to(own)], stays),
    rule([from(cluster), to(MULTICAST[family], true)], changes),
    rule([from(cluster, true), to(cluster)], changes),
  );
}

const from = (prefix: Prefix, negated = false): Match => ({ kind: 'source', prefix, negated });
const to = (prefix: Prefix, negated = false): Match => ({ kind: 'destination', prefix, negated });

const commented = (matches: readonly Match[], target: Rule['target'], comment: string, { locus }: Origin): Rule => ({
  matches,
  target,
  comment,
  origin: inferred(locus),
});
