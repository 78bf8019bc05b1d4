import { podAt } from '../k8s/address-index.ts';
import type { Cluster } from '../k8s/cluster.ts';
import { key, type Pod } from '../k8s/pod.ts';
import type { Service } from '../k8s/service.ts';
import { groupOf } from '../reach/peers.ts';
import type { Difference } from '../topology/differences/index.ts';
import { isPolicy } from './variants.ts';

/** Objects that are about services, pods, or requests to URLs. */
const OF_WORKLOADS: ReadonlySet<string> = new Set([
  'Namespace',
  'Pod',
  'Service',
  'Endpoints',
  'EndpointSlice',
  'Deployment',
  'DaemonSet',
  'StatefulSet',
  'ReplicaSet',
  'Job',
  'CronJob',
  'Ingress',
  'IngressClass',
  'GatewayClass',
  'Gateway',
  'HTTPRoute',
  'ReferenceGrant',
]);

/**
 * Who is called where nobody says it: workloads, nodes, the internet, and the services that differ or that lead to other pods. All of them where anything
 * else differs, as a node; none where only policies do, because those are about the pods behind.
 */
export function calledByDefault(clusters: readonly [Cluster, Cluster], found: readonly Difference[]): readonly string[] {
  const others = found.filter((d) => !isPolicy(d));
  const usual = ['workloads', 'nodes', 'internet'];
  if (others.some(({ kind }) => !OF_WORKLOADS.has(kind))) return [...usual, 'services'];
  const objects = new Set(others.map((d) => d.object));
  const [before, after] = clusters;
  const names = new Set([...before.services.keys(), ...after.services.keys()]);
  const isConcerned = (name: string) => {
    const [old, young] = [before.services.get(name), after.services.get(name)];
    if (objects.has(`Service/${name}`) || old === undefined || young === undefined) return true;
    if (endpointsText(old) !== endpointsText(young)) return true;
    return [podsBehind(before, old), podsBehind(after, young)]
      .flat()
      .some((pod) => objects.has(`Pod/${key(pod)}`) || objects.has(groupOf(pod).id));
  };
  const services = others.length === 0 ? [] : [...names].filter(isConcerned);
  return [...usual, ...services.map((name) => name.replace('/', '/svc/'))];
}

const endpointsText = ({ ports }: Service): string =>
  JSON.stringify(
    ports.map(({ name, port, endpoints }) => [name, port, endpoints.map(({ ip, port: target, ready }) => [String(ip), target, ready])]),
  );

const podsBehind = (cluster: Cluster, { ports }: Service): readonly Pod[] =>
  ports.flatMap(({ endpoints }) => endpoints.flatMap(({ ip }) => podAt(cluster, ip) ?? []));
