import type { PolicyCandidate } from '../datapath/policy-point.ts';
import { policyText } from '../hop/policy-names.ts';
import { type LabelSelector, labelSelectorMatches } from '../k8s/label-selector.ts';
import { namespaceLabels } from '../k8s/namespace.ts';
import { key } from '../k8s/pod.ts';
import type { Policy } from '../k8s/policy/policy.ts';
import type { Kept } from './policy-changes.ts';
import { advised, type Fix } from './remedy.ts';

/** A label that the other end lacks, and with which a rule would be about it. It may mean more to others, so it is only advice. */
export function labelsMissing({ cluster, direction, party, selecting }: Kept, candidates: readonly PolicyCandidate[]): readonly Fix[] {
  if (party.kind !== 'pods') return [];
  const [pod] = party.pods;
  if (pod === undefined) return [];
  const ofNamespace = namespaceLabels(cluster, pod.namespace);
  for (const { policy: ref, rule: index, failed } of candidates) {
    const policy: Policy | undefined = selecting.find((p) => p === ref);
    if (failed !== 'peer' || policy === undefined) continue;
    for (const peer of policy[direction]?.[index]?.peers ?? []) {
      if (peer.kind !== 'pods') continue;
      const isThere = peer.namespaces === null ? pod.namespace === policy.namespace : labelSelectorMatches(peer.namespaces, ofNamespace);
      const own = labelSelectorMatches(peer.pods, pod.labels);
      const missing =
        own && !isThere && peer.namespaces !== null
          ? { what: `namespace ${pod.namespace}`, labels: lacking(peer.namespaces, ofNamespace) }
          : isThere && !own
            ? { what: `pod ${key(pod)}`, labels: lacking(peer.pods, pod.labels) }
            : null;
      if (missing?.labels == null) continue;
      const rule = `${direction}[${index}] of ${policyText(policy)}`;
      return [advised('choice', `or give ${missing.what} the label ${missing.labels}, if it is one of those that ${rule} means`)];
    }
  }
  return [];
}

/** The labels with which a selector would select it; null: no label would do. */
function lacking(selector: LabelSelector, labels: ReadonlyMap<string, string>): string | null {
  const missing = [...selector.matchLabels].filter(([name, value]) => labels.get(name) !== value);
  const then = new Map([...labels, ...missing]);
  // A label that is there with another value is so for a reason.
  if (missing.length !== 1 || missing.some(([name]) => labels.has(name)) || !labelSelectorMatches(selector, then)) return null;
  return missing.map(([name, value]) => `${name}=${value}`).join();
}
