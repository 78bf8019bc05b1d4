import { familyOf } from '../net/address.ts';
import type { Cluster } from './cluster.ts';
import { selects } from './endpoints.ts';
import type { OutsideHost } from './network.ts';
import { key, type Pod } from './pod.ts';
import type { Service } from './service.ts';

/** A cluster in each of its IP families, this one first. */
export const familiesOf = (cluster: Cluster): readonly Cluster[] => (cluster.other === null ? [cluster] : [cluster, cluster.other]);

/** What a service would have in this family if it were not for the family: the pods that it selects, and have none of its addresses. */
export function selectedWithout(cluster: Cluster, { namespace, selector }: Service): readonly Pod[] {
  const { pods, other } = cluster;
  return [...(other?.pods.values() ?? [])].filter((p) => p.namespace === namespace && selects(selector, p.labels) && !pods.has(key(p)));
}

/** All things that a cluster has, each as the first of its families sees it: for who asks for names, not for addresses. */
export function allOf(cluster: Cluster): Cluster {
  const { other } = cluster;
  if (other === null) return cluster;
  return {
    ...cluster,
    pods: new Map([...cluster.pods, ...[...other.pods].filter(([name]) => !cluster.pods.has(name))]),
    podsByNode: union(cluster.podsByNode, other.podsByNode),
    hostPodsByNode: union(cluster.hostPodsByNode, other.hostPodsByNode),
    services: new Map(
      [...cluster.services].map(([name, s]) => [name, s.families.includes(cluster.family) ? s : (other.services.get(name) ?? s)]),
    ),
    gateway: cluster.gateway ?? other.gateway,
    outside: [...cluster.outside, ...other.outside.filter((h) => !cluster.outside.some((o) => o.name === h.name))],
  };
}

/** The same cluster with more machines on the internet, each in its own family. */
export function withOutside(cluster: Cluster, hosts: readonly OutsideHost[]): Cluster {
  const larger = (one: Cluster): Cluster => ({ ...one, outside: [...one.outside, ...hosts.filter((h) => familyOf(h.ip) === one.family)] });
  return cluster.other === null ? larger(cluster) : together(larger(cluster), larger(cluster.other));
}

/** Two families' views of one cluster, which then know each other. */
export function together(first: Cluster, second: Cluster): Cluster {
  const primary: { -readonly [K in keyof Cluster]: Cluster[K] } = { ...first };
  primary.other = { ...second, other: primary };
  return primary;
}

/** Lists by key; of two things with one name the first list's counts. */
function union<T extends { readonly namespace: string; readonly name: string }>(
  first: ReadonlyMap<string, readonly T[]>,
  second: ReadonlyMap<string, readonly T[]>,
): ReadonlyMap<string, readonly T[]> {
  const is = (a: T) => (b: T) => a.name === b.name && a.namespace === b.namespace;
  return new Map(
    [...new Set([...first.keys(), ...second.keys()])].map((key) => {
      const own = first.get(key) ?? [];
      return [key, [...own, ...(second.get(key) ?? []).filter((t) => !own.some(is(t)))]];
    }),
  );
}
