import { compile } from '../compile/index.ts';
import { sharedBy } from '../k8s/address-index.ts';
import type { Cluster } from '../k8s/cluster.ts';
import type { Network } from '../k8s/compiled-network.ts';
import type { Pod } from '../k8s/pod.ts';
import type { Question } from '../query/question.ts';

/**
 * Two running pods of a dump may have one address: the one of a machine that is lost, and the one that got the address since. A question
 * that names one of them is about that one, and the network is as if the other were not there.
 */
export function asNamed(network: Network, question: Question): Network {
  const { cluster } = network;
  const named = namedPods(cluster, question);
  if (named.every((pod) => pod.ips.every(({ address }) => sharedBy(cluster, address).length === 0))) return network;
  const twins = named.flatMap((pod) => pod.ips.flatMap(({ address }) => sharedBy(cluster, address)));
  const absent = new Set(twins.filter((pod) => !named.includes(pod)));
  if (absent.size === 0) return network;
  const without = withoutPods(cluster, absent);
  return { ...network, cluster: without, datapath: compile(without) };
}

function namedPods({ pods }: Cluster, { source, destination }: Question): readonly Pod[] {
  const from = source.kind === 'Pod' ? pods.get(`${source.namespace}/${source.name}`) : undefined;
  const to = destination.kind === 'pod' ? [destination.pod] : destination.kind === 'workload' ? destination.workload.pods : [];
  return [...(from === undefined ? [] : [from]), ...to];
}

function withoutPods(cluster: Cluster, absent: ReadonlySet<Pod>): Cluster {
  const kept = (byNode: Cluster['podsByNode']) =>
    new Map([...byNode].map(([node, pods]) => [node, pods.filter((p) => !absent.has(p))] as const));
  const pods = new Map([...cluster.pods].filter(([, pod]) => !absent.has(pod)));
  return { ...cluster, pods, podsByNode: kept(cluster.podsByNode) };
}
