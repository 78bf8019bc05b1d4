import type { PolicyDirection } from '../../datapath/policy-point.ts';
import type { Cluster } from '../cluster.ts';
import { areNamespaceLabelsKnown, namespaceLabels } from '../namespace.ts';
import { key, type Pod } from '../pod.ts';
import type { ForeignPolicy, PodView } from './foreign-policy.ts';

/** Those that may decide what a pod gets or sends. A pod on its node's network has none. */
export function foreignPoliciesOn(cluster: Cluster, pod: Pod, direction: PolicyDirection): readonly ForeignPolicy[] {
  const { foreignPolicies, enforcer } = cluster;
  if (foreignPolicies.length === 0 || pod.hostNetwork) return [];
  const view: PodView = {
    namespace: pod.namespace,
    labels: pod.labels,
    ofNamespace: namespaceLabels(cluster, pod.namespace),
    isNamespaceKnown: areNamespaceLabelsKnown(cluster, pod.namespace),
  };
  return foreignPolicies.filter(
    (p) =>
      (enforcer.name === null || enforcer.name === p.enforcer) &&
      p.directions.includes(direction) &&
      (p.namespace === null || p.namespace === pod.namespace) &&
      p.selects(view) !== 'no',
  );
}

/** `CiliumNetworkPolicy shop/web`. */
export const foreignText = ({ kind, namespace, name }: ForeignPolicy): string =>
  `${kind} ${namespace === null ? name : key({ namespace, name })}`;
