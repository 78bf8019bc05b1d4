import type { Cluster } from '../k8s/cluster.ts';
import type { LabelSelector } from '../k8s/label-selector.ts';
import { isThere, type Pod } from '../k8s/pod.ts';
import type { Policy, PolicyPeer } from '../k8s/policy/policy.ts';
import { familyOf, type IpAddress, type IpFamily } from '../net/address.ts';

/** Who is meant by a policy's selectors, by a look at everybody: what judges packets has its own way, and shares nothing with this one. */

export const isSubject = (cluster: Cluster, { subject, namespace }: Policy, pod: Pod): boolean =>
  isMeant(cluster, subject.namespaces, subject.pods, namespace, pod);

/** The pods of a peer. Those on their nodes' network are nobody's. */
export const podsOf = (cluster: Cluster, peer: Extract<PolicyPeer, { kind: 'pods' }>, own: string | null): readonly Pod[] =>
  podsWithNetwork(cluster).filter((pod) => isMeant(cluster, peer.namespaces, peer.pods, own, pod));

export const podsWithNetwork = ({ pods }: Cluster): readonly Pod[] => [...pods.values()].filter((p) => isThere(p) && !p.hostNetwork);

/** The addresses in the status of a peer's nodes. */
export const nodeAddressesOf = ({ nodes }: Cluster, peer: Extract<PolicyPeer, { kind: 'nodes' }>): readonly IpAddress[] =>
  [...nodes.values()]
    .filter((node) => selects(peer.nodes, node.labels))
    .flatMap((node) => node.addresses.flatMap((a) => (a.type === 'Hostname' ? [] : [a.address])));

export const addressIn = (pod: Pod, family: IpFamily): IpAddress | null =>
  pod.ips.find(({ address }) => familyOf(address) === family)?.address ?? null;

function isMeant(cluster: Cluster, namespaces: LabelSelector | null, pods: LabelSelector, own: string | null, pod: Pod): boolean {
  const isNear = namespaces === null ? pod.namespace === own : selects(namespaces, labelsOf(cluster, pod.namespace));
  return isNear && selects(pods, pod.labels);
}

const labelsOf = ({ namespaces }: Cluster, name: string): ReadonlyMap<string, string> =>
  new Map([...(namespaces.get(name)?.labels ?? []), ['kubernetes.io/metadata.name', name]]);

function selects({ matchLabels, matchExpressions }: LabelSelector, labels: ReadonlyMap<string, string>): boolean {
  for (const [key, value] of matchLabels) if (!labels.has(key) || labels.get(key) !== value) return false;
  for (const { key, operator, values } of matchExpressions) {
    const isOne = labels.has(key) && values.includes(labels.get(key) ?? '');
    if (operator === 'In' && !isOne) return false;
    if (operator === 'NotIn' && isOne) return false;
    if (operator === 'Exists' && !labels.has(key)) return false;
    if (operator === 'DoesNotExist' && labels.has(key)) return false;
  }
  return true;
}
