import type { PolicyDecision, PolicyDirection, PolicyPacket, PolicySkip } from '../../datapath/policy-point.ts';
import type { Cluster } from '../cluster.ts';
import type { Pod } from '../pod.ts';
import type { Enforcement } from './enforcement.ts';
import type { Enforcer } from './enforcer.ts';
import { ANY_ENFORCER, enforcerNamed, isOlder, takes } from './enforcers.ts';
import { type PolicyIndex, policyIndex } from './index.ts';
import type { Policy } from './policy.ts';

/** The policies of a cluster, and who makes them hold. */
export interface Policing {
  /** Null: nobody does. */
  readonly enforcer: Enforcer | null;
  /** Those that are about the pod, and that the enforcer knows. */
  selecting(pod: Pod, direction: PolicyDirection): readonly Policy[];
  /** With those of which the input does not say whether they are. */
  concerning(pod: Pod, direction: PolicyDirection): readonly Policy[];
  /** Those that are about the pod, and that are of a kind which its version does not know. */
  ignored(pod: Pod, direction: PolicyDirection): readonly WrongVersion[];
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

/** The same cluster, with somebody else to ask about its policies. */
export function policedBy(cluster: Cluster, policing: Policing): Cluster {
  const copy = { ...cluster };
  KNOWN.set(copy, policing);
  return copy;
}

function policing(cluster: Cluster): Policing {
  const { enforcer: enforcement, policies } = cluster;
  const { name, version } = enforcement;
  const enforcer = name === null ? ANY_ENFORCER : name === 'none' ? null : enforcerNamed(name);
  const profile = enforcer ?? ANY_ENFORCER;
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
      ignoredIndex === null || version === null ? [] : untaken(ignoredIndex.selecting(pod, direction), profile, version),
    decide: name === null ? byAnybody(cluster, index, enforcement) : index.decide,
    instead,
  };
}

type WrongVersion = Extract<PolicySkip, { why: 'too-old' | 'too-new' }>;

/** One entry for each kind. */
function untaken(policies: readonly Policy[], profile: Enforcer, version: string): readonly WrongVersion[] {
  const kinds = [...new Set(policies.map((p) => p.kind))];
  return kinds.flatMap((kind): readonly WrongVersion[] => {
    const of = policies.filter((p) => p.kind === kind);
    const [since, until] = [profile.since[kind], profile.until[kind]];
    if (since !== undefined && isOlder(version, since)) return [{ why: 'too-old', policies: of, version, since }];
    return until === undefined ? [] : [{ why: 'too-new', policies: of, version, until }];
  });
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
