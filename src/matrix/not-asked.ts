import type { Cluster } from '../k8s/cluster.ts';
import { key } from '../k8s/pod.ts';
import { callsTo } from './asked.ts';
import type { MatrixQuestion } from './question.ts';

/** Pods that are to be called, and that state no port and are called on none; as namespace/name, in the order of columns. */
export function notAsked(cluster: Cluster, question: MatrixQuestion): readonly string[] {
  if (question.anyPort) return [];
  const pods = question.to.flatMap(({ ends }) => ends).flatMap((end) => (end.kind === 'pod' ? [end] : []));
  return pods
    .filter((end) => question.families.every((family) => callsTo(cluster, question, end, family, false).length === 0))
    .map(({ pod }) => key(pod));
}
