import type { Cluster } from './cluster.ts';

/** Services that the input does not say whether there are: objects are seldom all of a cluster, and each cluster has services. */

/** The command that tells the services of a namespace; null: the input has some of it, and with them all, or a Topology states all that there is. */
export function unlistedIn(cluster: Cluster, namespace: string): string | null {
  const { http, namespaces, services, pods, standIns } = cluster;
  if (http.listed === null) return null;
  // Each cluster has the namespace `default`, so that a list with it is one of all namespaces.
  if (http.listed.has('Namespace') && namespaces.has('default') && !namespaces.has(namespace)) return null;
  const isOf = (object: { readonly namespace: string }) => object.namespace === namespace;
  if ([...services.values()].some(isOf)) return null;
  // Manifests are all that there will be of a namespace that they put pods into.
  if (standIns.nodes > 0 && [...pods.values()].some(isOf)) return null;
  return `kubectl get services -n ${namespace} -o json`;
}

/** The command that tells all services; null: the input lists services, perhaps none, or a Topology states all that there is. */
export const unlistedServices = ({ http, services }: Cluster): string | null =>
  http.listed === null || http.listed.has('Service') || (services.size > 0 && http.unseen?.has('Service') !== true)
    ? null
    : 'kubectl get services -A -o json';
