import { policyText } from '../hop/policy-names.ts';
import type { Policy } from '../k8s/policy/policy.ts';
import { workloadLabels } from '../k8s/policy/workload.ts';
import { append, type Value } from '../source/edit.ts';
import { flowStyle } from '../source/flow-style.ts';
import { parentOf } from '../source/origin.ts';
import type { Change, Kept } from './policy-changes.ts';
import { peerTerm, portTerms, ruleTerm, selectorValue } from './policy-terms.ts';
import { place } from './scene.ts';

/** A policy of its own beside the one that isolates the pod, for its workload alone. */
export function policyBeside(kept: Kept, isolating: Policy): readonly Change[] {
  const { cluster, direction, pod, party } = kept;
  const labels = workloadLabels(cluster, pod);
  const peer = peerTerm(cluster, isolating, party);
  if (peer === null || labels.size === 0) return [];
  const rule = ruleTerm(isolating, direction, 'allow', peer, portTerms(isolating, kept.packet, kept.isDns));
  const name = freeName(kept);
  const spec = {
    podSelector: selectorValue(labels),
    policyTypes: [direction === 'ingress' ? 'Ingress' : 'Egress'],
    [direction]: [rule.value],
  };
  const list = parentOf(isolating.locus);
  const isShort = list.path.at(-1) === 'networkPolicies';
  const short = { name, ...(pod.namespace === 'default' ? {} : { namespace: pod.namespace }), ...spec };
  const object: Value = {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name, namespace: pod.namespace },
    spec,
  };
  const value = isShort ? short : object;
  const to: Policy = {
    ...isolating,
    name,
    subject: { namespaces: null, pods: { matchLabels: labels, matchExpressions: [] } },
    ingress: direction === 'ingress' ? [rule.meant] : null,
    egress: direction === 'egress' ? [rule.meant] : null,
  };
  const words = `add a NetworkPolicy beside ${policyText(isolating)} (${place(isolating.locus)}): ${flowStyle(value)}`;
  return [{ words, edits: [append(list, value)], from: null, to }];
}

/** Text as the name of an object (RFC 1123). */
const nameable = (text: string) =>
  text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 40);

function freeName({ cluster, direction, pod, party, isDns }: Kept): string {
  const other = isDns ? 'dns' : party.kind === 'pods' ? nameOf(party.pods[0]?.labels, party.pods[0]?.name ?? '') : party.kind;
  const own = nameOf(pod.labels, pod.name);
  const [from, to] = direction === 'ingress' ? [other, own] : [own, other];
  const base = `${nameable(from)}-to-${nameable(to)}`;
  const taken = new Set(cluster.policies.filter((p) => p.namespace === pod.namespace).map((p) => p.name));
  for (let i = 1; ; i++) {
    const name = i === 1 ? base : `${base}-${i}`;
    if (!taken.has(name)) return name;
  }
}

const nameOf = (labels: ReadonlyMap<string, string> | undefined, name: string): string =>
  labels?.get('app.kubernetes.io/name') ?? labels?.get('app') ?? labels?.get('k8s-app') ?? name;
