import type { Cluster } from '../k8s/cluster.ts';
import { selects } from '../k8s/label-index.ts';
import { isThere, key, type Pod } from '../k8s/pod.ts';
import { find, isThing } from './find.ts';
import type { Found } from './found.ts';
import { notFound } from './not-found.ts';
import { type PlaceName, parsePlace } from './place.ts';
import { fail, type Parsed } from './result.ts';

/** The pod whose policies are asked about. */
export interface PolicyPod {
  readonly pod: Pod;
  /** What has to be said about the choice; null: nothing. */
  readonly note: string | null;
}

export function findPolicyPod(cluster: Cluster, text: string, namespace: string): Parsed<PolicyPod> {
  const place = parsePlace(text);
  if (!place.ok) return place;
  const { port, container, kind } = place.value;
  if (port !== null)
    return fail(`${text}: policies of a pod are about all of its ports`, `k8s-trace policy ${text.slice(0, text.lastIndexOf(':'))}`);
  if (container !== null)
    return fail(`${text}: policies are about pods, not their containers`, `k8s-trace policy ${text.slice(text.indexOf('@') + 1)}`);
  const here = place.value.namespace ?? namespace;
  const isNothing = kind === null && !isThing(cluster, place.value, here);
  const found = isNothing ? notFound(cluster, { ...place.value, kind: 'pod' }, here, 'source') : find(cluster, place.value, here, 'source');
  return found.ok ? podOf(cluster, place.value, found.value) : found;
}

function podOf(cluster: Cluster, place: PlaceName, found: Found): Parsed<PolicyPod> {
  const { text } = place;
  switch (found.kind) {
    case 'pod':
      return withAddress(found.pod, null);
    case 'workload': {
      const { pods } = found.workload;
      const [first] = pods;
      if (first === undefined) return fail(`${text} has no pod`);
      return withAddress(
        first,
        pods.length === 1 ? null : `${text} has ${pods.length} pods: ${first.name} is asked about, the first by name`,
      );
    }
    case 'service': {
      const { namespace, selector } = found.service;
      const behind = [...cluster.pods.values()].find((p) => p.namespace === namespace && selects(selector, p.labels));
      const hint = behind === undefined ? 'ask about a pod' : `ask about a pod behind it: k8s-trace policy ${key(behind)}`;
      return fail(`${text} is a service, and policies are about pods`, hint);
    }
    case 'node':
      return fail(
        `${text} is a node, and policies are about pods`,
        `what a pod lets reach it: k8s-trace policy POD; one packet: k8s-trace ${found.node.name} POD:PORT`,
      );
    case 'address':
      return found.owner === null ? fail(`no pod has the address ${text}`) : podOf(cluster, place, found.owner);
    default:
      return fail(`${text} is outside of the cluster, and policies are about pods`, 'ask about a pod: k8s-trace policy POD');
  }
}

function withAddress(pod: Pod, note: string | null): Parsed<PolicyPod> {
  if (isThere(pod)) return { ok: true, value: { pod, note } };
  const isOver = pod.phase === 'Succeeded' || pod.phase === 'Failed';
  return isOver
    ? fail(`pod ${key(pod)} has ended (${pod.phase}): it sends and gets nothing, and its address may be another's`)
    : fail(`pod ${key(pod)} has no address yet (${pod.phase}): nothing reaches it`);
}
