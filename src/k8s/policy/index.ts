import type { PolicyDecision, PolicyDirection, PolicyPacket, PolicyVerdict } from '../../datapath/policy-point.ts';
import type { Cluster } from '../cluster.ts';
import type { Pod } from '../pod.ts';
import { candidates } from './candidates.ts';
import type { Enforcer } from './enforcer.ts';
import { namespaceLabelled } from './labelled.ts';
import { type Outcome, type Outcomes, thenTier } from './outcome.ts';
import { type Party, partyAt } from './party.ts';
import type { PeerContext } from './peer-fit.ts';
import type { Policy, PolicyRule } from './policy.ts';
import { type RuleFit, ruleFit, type Seen } from './rule-fit.ts';
import type { Labelled } from './selector-fit.ts';
import { type Selected, subjects } from './subjects.ts';
import { networkPolicyTier, rankedTier } from './tiers.ts';

/** What the policies of a cluster mean, as one enforcer reads them. Nothing in here knows where a packet is looked at. */
export interface PolicyIndex {
  /** The policies that are about a pod in a direction, in the order of evaluation. */
  selecting(pod: Pod, direction: PolicyDirection): readonly Policy[];
  /** With those of which the input does not say whether they are. */
  concerning(pod: Pod, direction: PolicyDirection): readonly Policy[];
  /**
   * May the pod get (ingress) or send (egress) the packet? Addresses and ports are those that the enforcer sees. Not to be asked where the API says that
   * everything passes, or nothing: of a pod's packet to its own address, of one from the pod's own node, of answers.
   */
  decide(pod: Pod, direction: PolicyDirection, packet: PolicyPacket): PolicyDecision;
}

export function policyIndex(
  cluster: Cluster,
  policies: readonly Policy[],
  enforcer: Pick<Enforcer, 'name' | 'networksMatch'>,
): PolicyIndex {
  const context: PeerContext = { labels: cluster, namespace: namespacesOf(cluster), enforcer };
  const selected = subjects(policies, cluster, context.namespace);
  return {
    selecting: (pod, direction) => certain(selected(pod, direction)),
    concerning: (pod, direction) => selected(pod, direction).map((s) => s.policy),
    decide: (pod, direction, packet) => decision(context, selected(pod, direction), seen(cluster, pod, direction, packet)),
  };
}

/** Each is asked about again and again. */
function namespacesOf(cluster: Cluster): (name: string) => Labelled {
  const known = new Map<string, Labelled>();
  return (name) => {
    const labelled = known.get(name) ?? namespaceLabelled(cluster, name);
    known.set(name, labelled);
    return labelled;
  };
}

function seen(cluster: Cluster, pod: Pod, direction: PolicyDirection, packet: PolicyPacket): Seen {
  const { source, destination, fromWorld } = packet;
  if (direction === 'egress') {
    const to = partyAt(cluster, destination, false);
    return { direction, packet, peer: to, to };
  }
  const peer: Party = fromWorld === true ? { kind: 'world', address: source } : partyAt(cluster, source, fromWorld === null);
  return { direction, packet, peer, to: { kind: 'pods', address: destination, pods: [pod] } };
}

const certain = (selected: readonly Selected[]): readonly Policy[] => selected.filter((s) => s.doubt === null).map((s) => s.policy);

function decision(context: PeerContext, all: readonly Selected[], packet: Seen): PolicyDecision {
  const rules = (policy: Policy): readonly PolicyRule[] => policy[packet.direction] ?? [];
  const fitOf = (policy: Policy, rule: PolicyRule): RuleFit => ruleFit(context, policy, rule, packet);
  const inTier = (tier: Policy['tier']) => all.filter(({ policy }) => policy.tier === tier);
  const outcomes = thenTier(
    thenTier(rankedTier(inTier('Admin'), rules, fitOf), () => networkPolicyTier(inTier('NetworkPolicy'), rules, fitOf)),
    () => rankedTier(inTier('Baseline'), rules, fitOf),
  );
  const selected = certain(all);
  const { verdict, decider: decidedBy, missing } = verdictOf(outcomes);
  const isLet = verdict === 'allow';
  return {
    verdict: isLet && selected.length === 0 ? 'none' : verdict,
    selected,
    decidedBy: isLet && selected.length === 0 ? null : decidedBy,
    // Thousands of questions want the verdict, and one of them the reasons.
    get candidates() {
      return isLet ? [] : candidates(selected, rules, fitOf, decidedBy);
    },
    missing,
  };
}

type Verdict = Pick<PolicyDecision, 'missing'> & { readonly verdict: PolicyVerdict; readonly decider: PolicyDecision['decidedBy'] };

/** What nobody denies is allowed. Where the outcomes differ, it is not known, and the first thing that would make a difference is missing. */
function verdictOf(outcomes: Outcomes): Verdict {
  const isDenied = ({ result }: Outcome) => result === 'deny';
  const sure = outcomes.find((o) => o.doubt === null) ?? outcomes[0];
  if (sure === undefined) return { verdict: 'allow', decider: null, missing: null };
  const differs = outcomes.some((o) => isDenied(o) !== isDenied(sure));
  if (!differs) return { verdict: isDenied(sure) ? 'deny' : 'allow', decider: sure.decider, missing: null };
  const deciding = outcomes.find((o) => o.doubt !== null && isDenied(o) !== isDenied(sure)) ?? outcomes.find((o) => o.doubt !== null);
  return { verdict: 'unknown', decider: null, missing: deciding?.doubt ?? null };
}
