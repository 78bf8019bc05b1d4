import type { Cluster } from '../k8s/cluster.ts';
import type { Enforcer } from '../k8s/policy/enforcer.ts';
import type { Policy, PolicyRule, Tier } from '../k8s/policy/policy.ts';
import type { IpFamily } from '../net/address.ts';
import { formatPrefix, hostPrefix } from '../net/prefix.ts';
import { matchesOf, type Way } from './policy-matches.ts';
import { addressIn, isSubject } from './policy-members.ts';

/**
 * The policies of a node's pods as chains of the filter table, for `iptables-restore --noflush` of one family; empty: no pod of the node has any. They are
 * written from the objects, a rule for each peer and port: a lab that asked what judges the packets of a trace would repeat its faults.
 */
export function policyChains(
  cluster: Cluster,
  node: string,
  family: IpFamily,
  { enforcer, policies }: { readonly enforcer: Enforcer; readonly policies: readonly Policy[] },
): readonly string[] {
  const chains = new Map<string, string[]>([
    ['POLICY-OUT', []],
    ['POLICY-IN', []],
  ]);
  for (const [n, pod] of (cluster.podsByNode.get(node) ?? []).entries())
    for (const direction of ['egress', 'ingress'] as const) {
      const address = addressIn(pod, family);
      const own = policies.filter((p) => p[direction] !== null && isSubject(cluster, p, pod));
      if (address === null || own.length === 0) continue;
      const [dispatch, match] = direction === 'egress' ? ['POLICY-OUT', '-s'] : ['POLICY-IN', '-d'];
      const name = `${dispatch}-${n}`;
      chains
        .get(dispatch)
        ?.push(`${match} ${formatPrefix(hostPrefix(address))} -m comment --comment ${pod.namespace}/${pod.name} -j ${name}`);
      for (const [chain, rules] of podChains({ cluster, pod, direction, family }, name, own, enforcer)) chains.set(chain, rules);
    }
  if (chains.size === 2) return [];
  return [
    '*filter',
    ...[...chains.keys()].map((name) => `:${name} - [0:0]`),
    // What a pod sends to its own node is asked, by most; what that node sends it is not.
    ...(enforcer.asksAtInput ? ['-I INPUT -j POLICY-OUT'] : []),
    '-I FORWARD -j POLICY-IN',
    '-I FORWARD -j POLICY-OUT',
    ...[...chains].flatMap(([name, rules]) => rules.map((rule) => `-A ${name} ${rule}`)),
    'COMMIT',
  ];
}

const TIERS: readonly Tier[] = ['Admin', 'NetworkPolicy', 'Baseline'];
/** The kernel takes names of up to 28 letters. */
const SUFFIX: Readonly<Record<Tier, string>> = { Admin: 'admin', NetworkPolicy: 'np', Baseline: 'base' };

/** A chain for each tier that has policies: the first is jumped to, each goes on to the next, and to return is to let the packet pass. */
function podChains(way: Way, name: string, policies: readonly Policy[], enforcer: Enforcer): readonly (readonly [string, string[]])[] {
  const refuse = enforcer.refuses === 'drop' ? '-j DROP' : `-j REJECT --reject-with ${enforcer.refuses[way.family]}`;
  const tiers = TIERS.filter((tier) => policies.some((p) => p.tier === tier));
  return tiers.map((tier, i) => {
    const next = tiers[i + 1];
    const leave = next === undefined ? '-j RETURN' : `-g ${name}-${SUFFIX[next]}`;
    const own = byPriority(policies.filter((p) => p.tier === tier));
    const rules = own.flatMap((policy) => policyRules(way, policy, { allow: '-j RETURN', deny: refuse, pass: leave }));
    const end = tier === 'NetworkPolicy' ? refuse : leave;
    return i === 0 ? [name, [...passing(way, enforcer), ...rules, end]] : [`${name}-${SUFFIX[tier]}`, [...rules, end]];
  });
}

function policyRules(way: Way, policy: Policy, verdicts: Readonly<Record<PolicyRule['action'], string>>): readonly string[] {
  return (policy[way.direction] ?? []).flatMap((rule, index) => {
    // The API: a rule with a peer that nobody knows allows nothing, and denies all where it does not allow.
    if (rule.peers?.some((p) => p.kind === 'unknown')) return rule.action === 'allow' ? [] : [verdicts.deny];
    const comment = `-m comment --comment "${policy.name.slice(0, 200)} ${way.direction}[${index}]"`;
    return matchesOf(way, policy, rule).map((matches) => `${matches} ${comment} ${verdicts[rule.action]}`.trim());
  });
}

const byPriority = (policies: readonly Policy[]) => [...policies].sort((a, b) => (a.priority ?? 0) - (b.priority ?? 0));

/** What no policy is asked about. */
function passing({ pod, direction, family }: Way, { hairpin }: Enforcer): readonly string[] {
  const address = addressIn(pod, family);
  const itself = address === null ? [] : [`${direction === 'ingress' ? '-s' : '-d'} ${formatPrefix(hostPrefix(address))} -j RETURN`];
  return [
    // UNTRACKED is IPv6's neighbour discovery, which is not for policies.
    '-m conntrack --ctstate RELATED,ESTABLISHED,UNTRACKED -j RETURN',
    ...(direction === 'ingress' ? ['-m addrtype --src-type LOCAL -j RETURN'] : []),
    ...(hairpin === 'judged' ? [] : itself),
  ];
}
