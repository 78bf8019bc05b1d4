import type { PolicyDirection } from '../datapath/policy-point.ts';
import type { Failure } from '../hop/failure.ts';
import { podAt } from '../k8s/address-index.ts';
import { key, type Pod } from '../k8s/pod.ts';
import { foreignPoliciesOn, foreignText } from '../k8s/policy/foreign.ts';
import { declared } from '../source/origin.ts';
import type { FlowPath } from '../walk/flow-path.ts';
import type { Context } from './context.ts';
import { undecided } from './undecided.ts';

/** Policies of an enforcer's own kinds are not evaluated: where one may be about an end, whether a packet passes is not known. */
export function foreignPoliced(context: Context, path: FlowPath): FlowPath {
  if (context.cluster.foreignPolicies.length === 0) return path;
  for (const [pod, direction] of endsOf(context, path)) {
    const policies = foreignPoliciesOn(context.cluster, pod, direction);
    const [first] = policies;
    if (first === undefined) continue;
    const facts = { why: 'foreign-policy', policies: policies.map(foreignText), pod: key(pod), direction } as const;
    const failure: Failure<'FACT_MISSING'> = { code: 'FACT_MISSING', facts, origin: declared(first.locus) };
    return { ...undecided(path, failure, 'forward'), reply: null, ack: null, data: null };
  }
  return path;
}

/** The pods of a path whose verdict policies of other APIs could change; a failure of another kind stays one. */
function endsOf({ cluster, question }: Context, path: FlowPath): readonly (readonly [Pod, PolicyDirection])[] {
  const { failure, forward, outcome } = path;
  if (failure?.code === 'POLICY_DEFAULT_DENY' || failure?.code === 'POLICY_EXPLICIT_DENY') {
    const pod = cluster.pods.get(failure.facts.pod);
    return pod === undefined || failure.walk !== 'forward' ? [] : [[pod, failure.facts.direction]];
  }
  if (outcome !== 'delivered' && outcome !== 'exits') return [];
  const { source } = question;
  const from = source.kind === 'Pod' ? cluster.pods.get(`${source.namespace}/${source.name}`) : undefined;
  const to = podAt(cluster, forward.packet.destination) ?? undefined;
  // A packet of a pod to itself does not leave it.
  if (from !== undefined && from === to) return [];
  return [...(from === undefined ? [] : [[from, 'egress'] as const]), ...(to === undefined ? [] : [[to, 'ingress'] as const])];
}
