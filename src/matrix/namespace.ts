import type { Cluster } from '../k8s/cluster.ts';
import { namespacesOf } from '../k8s/dns/dns-zone.ts';
import { fail, type Parsed } from '../query/result.ts';
import { didYouMean } from '../source/suggest.ts';
import type { MatrixRequest } from './request.ts';

/** A namespace that was asked for is in one of the clusters: a matrix of nothing in it reads as if nothing connected. */
export function checkNamespace(
  { namespace, isWithin }: Pick<MatrixRequest, 'namespace' | 'isWithin'>,
  clusters: readonly Cluster[],
): Parsed<null> {
  const names = new Set(clusters.flatMap(namesIn));
  if (!isWithin || names.has(namespace)) return { ok: true, value: null };
  return fail(
    `-n ${namespace}: the input has no such namespace`,
    didYouMean(namespace, names) ?? `namespaces: ${[...names].toSorted().join(', ')}`,
  );
}

const namesIn = (cluster: Cluster): readonly string[] => [
  ...namespacesOf(cluster),
  ...cluster.namespaces.keys(),
  ...cluster.policies.flatMap((p) => p.namespace ?? []),
];
