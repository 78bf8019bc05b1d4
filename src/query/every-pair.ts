import type { Cluster } from '../k8s/cluster.ts';
import { isThere } from '../k8s/pod.ts';
import { nameOf } from './name.ts';
import type { Request } from './question.ts';

/** Every pod to every other pod, and every pod to every port of every service. */
export function everyPair(cluster: Cluster, namespace: string): readonly Request[] {
  const pods = [...cluster.pods.values()].filter(isThere).map((pod) => nameOf(cluster, { kind: 'pod', pod }, namespace));
  const services = [...cluster.services.values()].flatMap((service) => {
    const name = nameOf(cluster, { kind: 'service', service }, namespace);
    return service.ports.map(({ port, protocol }) => `${name}:${port}/${protocol}`);
  });
  return pods.flatMap((source) =>
    [...pods.filter((p) => p !== source), ...services].map((destination) => ({ source, destination, namespace })),
  );
}
