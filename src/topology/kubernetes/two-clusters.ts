import { type Diagnostic, diagnosticAt } from '../../source/diagnostic.ts';
import { placeOf } from '../../source/origin.ts';
import { type KubeObject, keyOf, nameOf, type Objects, objectsOf } from './objects.ts';

/** A node that was removed has seldom more pods in a dump than these, on no more than one name. */
const FEWEST_PODS = 3;
const FEWEST_NODES = 2;

/**
 * Pods whose nodes are none of those that are listed. Single ones are on a node that was removed since; where no pod of the input is on a
 * listed node, or none of a file of many, they are another cluster's.
 */
export function foreignPods(objects: Objects): Diagnostic | null {
  const nodes = objectsOf(objects, 'Node');
  const [node] = nodes;
  const scheduled = objectsOf(objects, 'Pod').filter((p) => nodeOf(p) !== '');
  if (node === undefined || scheduled.length === 0) return null;
  const listed = new Set(nodes.map(nameOf));
  const isForeign = (pods: readonly KubeObject<'Pod'>[]) => pods.every((p) => !listed.has(nodeOf(p)));
  const foreign = isForeign(scheduled) ? scheduled : [...byFile(scheduled).values()].find((pods) => isMany(pods) && isForeign(pods));
  const [first] = foreign ?? [];
  if (first === undefined) return null;
  return diagnosticAt(first.locus.document, [...first.locus.path, 'spec', 'nodeName'], {
    code: 'two-clusters',
    message: `${keyOf(first)} runs on ${nodeOf(first)}, which is none of the nodes (the first is ${nameOf(node)}, ${placeOf(node.locus)}), so that two clusters are mixed here`,
    hint: 'trace one cluster at a time; or get all of its nodes: kubectl get nodes -o json',
  });
}

const nodeOf = ({ data }: KubeObject<'Pod'>): string => data.spec?.nodeName ?? '';

const isMany = (pods: readonly KubeObject<'Pod'>[]): boolean =>
  pods.length >= FEWEST_PODS && new Set(pods.map(nodeOf)).size >= FEWEST_NODES;

function byFile(pods: readonly KubeObject<'Pod'>[]): ReadonlyMap<string, readonly KubeObject<'Pod'>[]> {
  const files = new Map<string, KubeObject<'Pod'>[]>();
  for (const pod of pods) {
    const { file } = pod.locus.document;
    const same = files.get(file);
    if (same === undefined) files.set(file, [pod]);
    else same.push(pod);
  }
  return files;
}
