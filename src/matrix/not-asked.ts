import type { Cluster } from '../k8s/cluster.ts';
import { key } from '../k8s/pod.ts';
import { callsTo } from './asked.ts';
import type { End, MatrixQuestion } from './question.ts';

/** Pods, as namespace/name, and nodes that are to be called, and that state no port and are called on none; in the order of columns. */
export function notAsked(cluster: Cluster, question: MatrixQuestion): readonly string[] {
  if (question.anyPort) return [];
  return question.to.flatMap(({ ends }) => ends).flatMap((end) => (hasCalls(cluster, question, end) ? [] : nameOf(end)));
}

/** Is there anything to ask of it, in any family? */
export const hasCalls = (cluster: Cluster, asking: Pick<MatrixQuestion, 'ports' | 'protocol' | 'families'>, end: End): boolean =>
  asking.families.some((family) => callsTo(cluster, asking, end, family, false).length > 0);

function nameOf(end: End): readonly string[] {
  if (end.kind === 'pod') return [key(end.pod)];
  return end.kind === 'node' ? [end.node.name] : [];
}
