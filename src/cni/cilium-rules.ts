import type { Match } from '../datapath/netfilter/match.ts';
import type { Rule } from '../datapath/netfilter/ruleset.ts';
import type { Host } from '../k8s/cni.ts';
import { prefixesIn } from '../k8s/families.ts';
import { FAMILIES, familyOf, type IpFamily } from '../net/address.ts';
import { hostPrefix, type Prefix } from '../net/prefix.ts';
import { inferred, type Origin } from '../source/origin.ts';

export interface CiliumMasquerade {
  readonly on: Readonly<Record<IpFamily, boolean>>;
  readonly byBpf: boolean;
  /** The destinations that may see addresses of pods, of either family; of one without any, the range of all pods; where that is not known, the node's own. */
  readonly kept: readonly Prefix[];
}

/**
 * What passes FORWARD for pods, and their masquerading but into the tunnel; the agent puts its chains before others'.
 * Source: cilium, pkg/datapath/iptables/iptables.go.
 */
export function ciliumRules(host: Host, { on, kept }: CiliumMasquerade, { locus }: Origin): void {
  const origin = inferred(locus);
  const rule = (matches: readonly Match[], target: Rule['target'], comment: string): Rule => ({ matches, target, comment, origin });
  const accept = (kind: 'in-interface' | 'out-interface', name: string) =>
    rule([{ kind, name, negated: false }], { kind: 'ACCEPT' }, 'cilium: any->cluster on its devices forward accept');
  for (const family of FAMILIES) {
    if (!host.addresses.some((a) => familyOf(a) === family)) continue;
    const rules = host.rules[family];
    rules.prepend('filter', 'FORWARD', rule([], { kind: 'jump', chain: 'CILIUM_FORWARD' }, 'cilium-feeder: CILIUM_FORWARD'));
    for (const name of ['cilium_+', 'lxc+'])
      rules.append('filter', 'CILIUM_FORWARD', accept('out-interface', name), accept('in-interface', name));
    if (!on[family]) continue;
    const ranges = prefixesIn(host.node.podCidrs, family);
    const sources = ranges.length > 0 ? ranges : addressesIn(host, family);
    const [keep = ranges] = [kept, host.clusterCidrs].map((k) => prefixesIn(k, family)).filter((k) => k.length > 0);
    rules.prepend('nat', 'POSTROUTING', rule([], { kind: 'jump', chain: CHAIN }, 'cilium-feeder: CILIUM_POST_nat'));
    for (const prefix of keep) rules.append('nat', CHAIN, rule([to(prefix)], { kind: 'RETURN' }, 'cilium: may see addresses of pods'));
    for (const prefix of sources)
      rules.append(
        'nat',
        CHAIN,
        rule(
          [
            { kind: 'source', prefix, negated: false },
            { kind: 'out-interface', name: 'cilium_+', negated: true },
          ],
          { kind: 'MASQUERADE', randomFully: false },
          'cilium masquerade non-cluster',
        ),
      );
  }
}

const CHAIN = 'CILIUM_POST_nat';

const to = (prefix: Prefix): Match => ({ kind: 'destination', prefix, negated: false });

const addressesIn = ({ pods }: Host, family: IpFamily): readonly Prefix[] =>
  pods.flatMap((p) => p.addresses.flatMap((a) => (familyOf(a.address) === family ? [hostPrefix(a.address)] : [])));
