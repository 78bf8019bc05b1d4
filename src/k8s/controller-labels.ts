import type { Pod } from './pod.ts';

/** The StatefulSet controller gives each pod its own name as a label. Source: apps/v1 StatefulSetPodNameLabel. */
const POD_NAME = 'statefulset.kubernetes.io/pod-name';

/**
 * Labels that controllers put on pods and that no manifest has. Source: well-known labels, kubernetes.io/docs/reference/labels-annotations-
 * taints.
 */
const ADDED: ReadonlySet<string> = new Set([
  POD_NAME,
  'apps.kubernetes.io/pod-index',
  'controller-revision-hash',
  'pod-template-generation',
  'pod-template-hash',
  'batch.kubernetes.io/controller-uid',
  'batch.kubernetes.io/job-completion-index',
  'batch.kubernetes.io/job-name',
  'controller-uid',
  'job-name',
]);

/** The selector's labels that the pod lacks, when all of them are such as a controller would have added to it; else null. */
export function missingControllerLabels(selector: ReadonlyMap<string, string>, { name, labels }: Pod): readonly string[] | null {
  const missing = [...selector].filter(([key, value]) => labels.get(key) !== value);
  const addable = ([key, value]: readonly [string, string]) => ADDED.has(key) && !labels.has(key) && (key !== POD_NAME || value === name);
  return missing.length > 0 && missing.every(addable) ? missing.map(([key]) => key) : null;
}

/** Does a controller put a label of this name on its pods? */
export const isControllerLabel = (name: string): boolean => ADDED.has(name);
