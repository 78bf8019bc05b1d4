import type { PolicyDecision, PolicyDirection, PolicyPacket, PolicySkip } from '../../datapath/policy-point.ts';
import type { Cluster } from '../cluster.ts';
import type { Pod } from '../pod.ts';
import type { Enforcement } from './enforcement.ts';
import type { Enforcer } from './enforcer.ts';
import { ANY_ENFORCER, enforcerNamed, takes } from './enforcers.ts';
import { type PolicyIndex, policyIndex } from './index.ts';
import type { Policy, PolicyKind } from './policy.ts';

/** The policies of a cluster, and who makes them hold. */
export interface Policing {
  /** Null: nobody does. */
  readonly enforcer: Enforcer | null;
  /** Those that are about the pod, and that the enforcer knows. */
  selecting(pod: Pod, direction: PolicyDirection): readonly Policy[];
  /** With those of which the input does not say whether they are. */
  concerning(pod: Pod, direction: PolicyDirection): readonly Policy[];
  /** Those that are about the pod, and that are of a kind which its version does not know. */
  ignored(pod: Pod, direction: PolicyDirection): readonly Extract<PolicySkip, { why: 'too-old' }>[];
  decide(pod: Pod, direction: PolicyDirection, packet: PolicyPacket): PolicyDecision;
  /** The same cluster with these policies instead of its own. */
  instead(policies: readonly Policy[]): PolicyIndex;
}

const KNOWN = new WeakMap<Cluster, Policing>();

/** Null: the input has no policy. */
export function policingOf(cluster: Cluster): Policing | null {
  if (cluster.policies.length === 0) return null;
  const known = KNOWN.get(cluster) ?? policing(cluster);
  KNOWN.set(cluster, known);
  return known;
}

function policing(cluster: Cluster): Policing {
  const { enforcer: enforcement, policies } = cluster;
  const { name, version } = enforcement;
  const enforcer = name === null ? ANY_ENFORCER : name === 'none' ? null : enforcerNamed(name);
  const profile = enforcer ?? ANY_ENFORCER;
  const sinceOf = (kind: PolicyKind) => profile.since[kind] ?? null;
  const isTaken = ({ kind }: Policy) => takes(profile, version, kind);
  const instead = (others: readonly Policy[]) => policyIndex(cluster, others.filter(isTaken), profile);
  const index = instead(policies);
  const others = policies.filter((p) => !isTaken(p));
  const ignoredIndex = others.length === 0 ? null : policyIndex(cluster, others, profile);
  return {
    enforcer,
    selecting: index.selecting,
    concerning: index.concerning,
    ignored: (pod, direction) =>
      ignoredIndex === null || version === null ? [] : tooOld(ignoredIndex.selecting(pod, direction), version, sinceOf),
    decide: name === null ? byAnybody(cluster, index, enforcement) : index.decide,
    instead,
  };
}

/** One entry for each kind. */
function tooOld(
  policies: readonly Policy[],
  version: string,
  sinceOf: (kind: PolicyKind) => string | null,
): readonly Extract<PolicySkip, { why: 'too-old' }>[] {
  const kinds = [...new Set(policies.map((p) => p.kind))];
  return kinds.map((kind) => ({ why: 'too-old', policies: policies.filter((p) => p.kind === kind), version, since: sinceOf(kind) ?? '' }));
}

/** What nobody may keep out passes; all else hangs on who enforces, if anybody does. */
function byAnybody(cluster: Cluster, index: PolicyIndex, { origin }: Enforcement): PolicyIndex['decide'] {
  // Address blocks of some are about addresses of pods and nodes, those of others are not.
  const narrow = policyIndex(cluster, cluster.policies, { ...ANY_ENFORCER, networksMatch: { pods: false, nodes: false } });
  const text = 'who enforces network policies';
  const command = 'kubectl get daemonsets -A -o wide; and say it with --network-policy';
  return (pod, direction, packet) => {
    const decisions = [index, narrow].map((i) => i.decide(pod, direction, packet));
    const [first] = decisions;
    const worst = decisions.find((d) => d.verdict === 'deny' || d.verdict === 'unknown') ?? first;
    if (worst === undefined) throw new Error('there are two readings');
    if (worst.verdict !== 'deny') return worst;
    return { ...worst, verdict: 'unknown', decidedBy: null, missing: { text, command, origin } };
  };
}
