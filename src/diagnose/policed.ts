import type { Failure } from '../hop/failure.ts';
import { podAt } from '../k8s/address-index.ts';
import type { Cluster } from '../k8s/cluster.ts';
import { labelSelectorMatches } from '../k8s/label-selector.ts';
import { namespaceLabels } from '../k8s/namespace.ts';
import { key, type Pod } from '../k8s/pod.ts';
import type { Policy } from '../k8s/policy/policy.ts';
import { declared } from '../source/origin.ts';
import type { FlowPath } from '../walk/flow.ts';
import type { Context } from './context.ts';
import { undecided } from './undecided.ts';

type Direction = 'ingress' | 'egress';

/** Policies are not followed: whether a packet that arrives would pass those that are about its ends is not known. */
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
    pod === undefined ? [] : policiesOn(cluster, pod, direction).map((policy) => ({ pod: key(pod), direction, policy })),
  );
  const [first] = found;
  if (first === undefined) return path;
  const names = [...new Set(found.map(({ policy: { namespace, name } }) => (namespace === null ? name : `${namespace}/${name}`)))];
  const facts = { why: 'policy', names, pod: first.pod, direction: first.direction } as const;
  const failure: Failure<'FACT_MISSING'> = { code: 'FACT_MISSING', facts, origin: declared(first.policy.locus) };
  return { ...undecided(path, failure, 'forward'), reply: null, ack: null, data: null };
}

/** The policies that decide about a pod's packets in a direction; none: all pass. A pod on its node's network has none. */
function policiesOn(cluster: Cluster, pod: Pod, direction: Direction): readonly Policy[] {
  if (pod.hostNetwork) return [];
  const own = cluster.policies.filter((p) => p[direction] !== null && isAbout(p, cluster, pod));
  const isOpen = own.some((p) => p.kind === 'NetworkPolicy' && p[direction]?.some((r) => r.peers === null && r.ports === null));
  return isOpen && own.every((p) => p.kind === 'NetworkPolicy') ? [] : own;
}

function isAbout({ namespace, subject }: Policy, cluster: Cluster, pod: Pod): boolean {
  if (namespace !== null && namespace !== pod.namespace) return false;
  const isOfNamespace = subject.namespaces === null || labelSelectorMatches(subject.namespaces, namespaceLabels(cluster, pod.namespace));
  return isOfNamespace && labelSelectorMatches(subject.pods, pod.labels);
}
