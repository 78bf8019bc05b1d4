import type { Failure } from '../hop/failure.ts';
import { podAt } from '../k8s/address-index.ts';
import { key } from '../k8s/pod.ts';
import { type Direction, policiesOn } from '../k8s/policy.ts';
import { declared } from '../source/origin.ts';
import type { FlowPath } from '../walk/flow.ts';
import type { Context } from './context.ts';
import { undecided } from './undecided.ts';

/** NetworkPolicies are not followed: whether a packet that arrives would pass those that are about its ends is not known. */
export function policed({ cluster, question }: Context, path: FlowPath): FlowPath {
  if (cluster.policies.length === 0 || (path.outcome !== 'delivered' && path.outcome !== 'exits')) return path;
  const { source } = question;
  const from = source.kind === 'Pod' ? cluster.pods.get(`${source.namespace}/${source.name}`) : undefined;
  const to = podAt(cluster, path.forward.packet.destination);
  // What a pod sends to itself never leaves it.
  if (from !== undefined && from === to) return path;
  const ends: readonly (readonly [typeof from, Direction])[] = [
    [from, 'egress'],
    [to ?? undefined, 'ingress'],
  ];
  const found = ends.flatMap(([pod, direction]) =>
    pod === undefined ? [] : policiesOn(cluster.policies, pod, direction).map((policy) => ({ pod: key(pod), direction, policy })),
  );
  const [first] = found;
  if (first === undefined) return path;
  const names = [...new Set(found.map(({ policy }) => `${policy.namespace}/${policy.name}`))];
  const facts = { why: 'policy', names, pod: first.pod, direction: first.direction } as const;
  const failure: Failure<'FACT_MISSING'> = { code: 'FACT_MISSING', facts, origin: declared(first.policy.locus) };
  return { ...undecided(path, failure, 'forward'), reply: null, ack: null, data: null };
}
