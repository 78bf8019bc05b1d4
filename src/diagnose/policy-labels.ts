import type { PolicyCandidate } from '../datapath/policy-point.ts';
import { policyText } from '../hop/policy-names.ts';
import type { Cluster } from '../k8s/cluster.ts';
import { type LabelSelector, labelSelectorMatches } from '../k8s/label-selector.ts';
import { namespaceLabels } from '../k8s/namespace.ts';
import { key, type Pod } from '../k8s/pod.ts';
import { policingOf } from '../k8s/policy/policing.ts';
import type { Policy, PolicyPeer } from '../k8s/policy/policy.ts';
import type { Kept } from './policy-changes.ts';
import { advised, type Fix } from './remedy.ts';

/** In larger clusters a label is not tried. */
const MOST_PODS = 2000;

/** A label that the other end lacks, and with which the packet would pass. It may mean more to others, so it is only advice. */
export function labelsMissing(kept: Kept, candidates: readonly PolicyCandidate[]): readonly Fix[] {
  const { cluster, direction, party, selecting } = kept;
  if (party.kind !== 'pods' || cluster.pods.size > MOST_PODS) return [];
  const [pod] = party.pods;
  if (pod === undefined) return [];
  for (const { policy: ref, rule: index, failed } of candidates) {
    const policy: Policy | undefined = selecting.find((p) => p === ref);
    if (failed !== 'peer' || policy === undefined) continue;
    for (const peer of policy[direction]?.[index]?.peers ?? []) {
      const missing = peer.kind === 'pods' ? missingFor(cluster, policy, peer, pod) : null;
      if (missing === null || !passes(kept, missing.whatIf)) continue;
      const rule = `${direction}[${index}] of ${policyText(policy)}`;
      return [advised('choice', `or give ${missing.what} the label ${missing.label}, if it is one of those that ${rule} means`)];
    }
  }
  return [];
}

interface Missing {
  readonly what: string;
  readonly label: string;
  /** The cluster with the label. */
  readonly whatIf: Cluster;
}

/** One label of the namespace, or of the pod, is all that a peer lacks. */
function missingFor(cluster: Cluster, policy: Policy, peer: Extract<PolicyPeer, { kind: 'pods' }>, pod: Pod): Missing | null {
  const { namespace } = pod;
  const ofNamespace = namespaceLabels(cluster, namespace);
  const isThere = peer.namespaces === null ? namespace === policy.namespace : labelSelectorMatches(peer.namespaces, ofNamespace);
  const isOwn = labelSelectorMatches(peer.pods, pod.labels);
  if (isOwn === isThere || (!isThere && peer.namespaces === null)) return null;
  if (peer.namespaces !== null && !isThere) {
    const labels = lacking(peer.namespaces, ofNamespace);
    if (labels === null) return null;
    const known = cluster.namespaces.get(namespace);
    const then = { name: namespace, locus: known?.locus ?? cluster.locus, labels: labels.whole };
    return {
      what: `namespace ${namespace}`,
      label: labels.text,
      whatIf: { ...cluster, namespaces: new Map([...cluster.namespaces, [namespace, then]]) },
    };
  }
  const labels = lacking(peer.pods, pod.labels);
  if (labels === null) return null;
  const pods = new Map([...cluster.pods, [key(pod), { ...pod, labels: labels.whole }]]);
  return { what: `pod ${key(pod)}`, label: labels.text, whatIf: { ...cluster, pods } };
}

function passes({ pod, direction, packet }: Kept, cluster: Cluster): boolean {
  const verdict = policingOf(cluster)?.decide(pod, direction, packet).verdict;
  return verdict === 'allow' || verdict === 'none';
}

/** The label with which a selector would select it; null: no one label would do. */
function lacking(
  selector: LabelSelector,
  labels: ReadonlyMap<string, string>,
): { readonly text: string; readonly whole: ReadonlyMap<string, string> } | null {
  const missing = [...selector.matchLabels].filter(([name, value]) => labels.get(name) !== value);
  const then = new Map([...labels, ...missing]);
  const [first, ...more] = missing;
  // A label that is there with another value is so for a reason.
  if (first === undefined || more.length > 0 || labels.has(first[0]) || !labelSelectorMatches(selector, then)) return null;
  return { text: first.join('='), whole: then };
}
