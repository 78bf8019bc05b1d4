import type { Ruleset } from '../datapath/netfilter/ruleset.ts';
import type { Netns } from '../datapath/netns.ts';
import type { Cluster } from '../k8s/cluster.ts';
import { enforcerNamed, takes } from '../k8s/policy/enforcers.ts';
import type { Policy } from '../k8s/policy/policy.ts';
import { FAMILIES } from '../net/address.ts';
import { policyChains } from './policy-chains.ts';

/** Input of a program for a node's rules, or the line that stands for what no lab builds (`abilities.ts`). */
export type PolicyPart =
  | { readonly tool: 'iptables-restore' | 'ip6tables-restore'; readonly lines: readonly string[] }
  | { readonly lacks: string };

const TOOLS = { IPv4: 'iptables-restore', IPv6: 'ip6tables-restore' } as const;

/**
 * The policies of a node's pods, beside all other rules of the node. Where nobody is known to enforce any, there are none, nor where the rules that
 * were found on the node are those of the one that does.
 */
export function policyLines(cluster: Cluster, { name: node, rulesets }: Netns): readonly PolicyPart[] {
  const { name, version } = cluster.enforcer;
  if (name === null || name === 'none' || (cluster.podsByNode.get(node) ?? []).length === 0) return [];
  const enforcer = enforcerNamed(name);
  const policies = cluster.policies.filter(({ kind }) => takes(enforcer, version, kind));
  if (policies.length === 0) return [];
  if (enforcer.place === 'device') return [{ lacks: ': policies on the devices of pods' }];
  if (policies.some(namesDomains)) return [{ lacks: ': policies about domain names' }];
  const isFound = cluster.nodes.get(node)?.found != null;
  return FAMILIES.filter((f) => cluster.families.includes(f) && !(isFound && !asksPolicies(rulesets[f]))).flatMap((family) => {
    const lines = policyChains(cluster, node, family, { enforcer, policies });
    return lines.length === 0 ? [] : [{ tool: TOOLS[family], lines }];
  });
}

const asksPolicies = ({ hooks }: Ruleset): boolean => Object.values(hooks).some((entries) => entries.some((e) => e.kind === 'policy'));

const namesDomains = ({ ingress, egress }: Policy): boolean =>
  [...(ingress ?? []), ...(egress ?? [])].some(({ peers }) => peers?.some((p) => p.kind === 'domains'));
