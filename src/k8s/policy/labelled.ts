import type { Cluster } from '../cluster.ts';
import { isControllerLabel } from '../controller-labels.ts';
import { areNamespaceLabelsKnown, namespaceLabels } from '../namespace.ts';
import type { Node } from '../node.ts';
import { key, type Pod } from '../pod.ts';
import type { Labelled } from './selector-fit.ts';

/** What of the cluster decides which labels are known. */
export type Labels = Pick<Cluster, 'namespaces' | 'areNamespacesComplete' | 'http' | 'standIns'>;

const NONE_LACKING = () => null;

export function namespaceLabelled(cluster: Labels, name: string): Labelled {
  const isKnown = areNamespaceLabelsKnown(cluster, name);
  const doubt = { text: `the labels of namespace ${name}`, command: `kubectl get namespace ${name} -o json` };
  return { what: `namespace ${name}`, labels: namespaceLabels(cluster, name), lacking: isKnown ? NONE_LACKING : () => doubt };
}

/** A pod that was made of a workload's template lacks the labels that its controller will give it. */
export function podLabelled({ standIns }: Labels, pod: Pod): Labelled {
  const isOfTemplate = standIns.pods > 0 && pod.owner !== null;
  const what = `pod ${key(pod)}`;
  const lacking = (label: string) =>
    isControllerLabel(label)
      ? { text: `the label ${label} that a controller gives ${what}`, command: `kubectl get pods -n ${pod.namespace} --show-labels` }
      : null;
  return { what, labels: pod.labels, lacking: isOfTemplate ? lacking : NONE_LACKING };
}

/** Nodes that only other objects speak of have labels that the input does not have. */
export function nodeLabelled({ http, areNamespacesComplete }: Labels, node: Node): Labelled {
  const isKnown = areNamespacesComplete || http.listed === null || http.listed.has('Node');
  const doubt = { text: `the labels of node ${node.name}`, command: `kubectl get node ${node.name} -o json` };
  return { what: `node ${node.name}`, labels: node.labels, lacking: isKnown ? NONE_LACKING : () => doubt };
}
