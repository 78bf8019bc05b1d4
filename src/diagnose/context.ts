import type { Datapath } from '../datapath/netns.ts';
import type { Hop, RouteHop } from '../hop/hop.ts';
import type { Cluster, Node } from '../k8s/cluster.ts';
import type { Pod } from '../k8s/pod.ts';
import type { Service, ServicePort } from '../k8s/service.ts';
import { type IpAddress, isLoopback, nextAddress } from '../net/address.ts';
import type { Packet } from '../net/packet.ts';
import { contains } from '../net/prefix.ts';
import type { Question } from '../query/question.ts';

/** What a failure is read against: the cluster, what was compiled from it, and what was asked. */
export interface Context {
  readonly cluster: Cluster;
  readonly datapath: Datapath;
  readonly question: Question;
}

/** The service that has an address: as ClusterIP, external address or load balancer. */
export const serviceAt = (cluster: Cluster, address: IpAddress): Service | null => entrances(cluster).get(address)?.service ?? null;

type Entry = 'cluster' | 'external' | 'load-balancer' | 'node-port';

interface Entrance {
  readonly service: Service;
  readonly entry: Exclude<Entry, 'node-port'>;
}

const ENTRANCES = new WeakMap<Cluster, ReadonlyMap<IpAddress, Entrance>>();

/** By address, and made once a cluster: every path of every trace asks. Of several services with one address the first counts. */
function entrances(cluster: Cluster): ReadonlyMap<IpAddress, Entrance> {
  const known = ENTRANCES.get(cluster);
  if (known !== undefined) return known;
  const all = [...cluster.services.values()].toReversed().flatMap((service) => entrancesOf(service));
  const made = new Map(all);
  ENTRANCES.set(cluster, made);
  return made;
}

/** The last one of an address wins: the ClusterIP before the others. */
const entrancesOf = (service: Service): readonly (readonly [IpAddress, Entrance])[] => [
  ...service.loadBalancerIngress.map(({ ip }) => [ip, { service, entry: 'load-balancer' }] as const),
  ...service.externalIps.map((ip) => [ip, { service, entry: 'external' }] as const),
  ...(service.clusterIp === null ? [] : [[service.clusterIp, { service, entry: 'cluster' }] as const]),
];

/** A service port as it was called. */
export interface Called {
  readonly service: Service;
  /** Null: the service has no such port. */
  readonly port: ServicePort | null;
  readonly entry: Entry;
}

/** Which service port a packet is for, by its address, or as a node port by its port on a node. */
export function calledService(cluster: Cluster, { destination, destinationPort, protocol }: Packet): Called | null {
  const isThis = (number: number | null, p: ServicePort) => number === destinationPort && p.protocol === protocol;
  const entrance = entrances(cluster).get(destination);
  if (entrance !== undefined) return { ...entrance, port: entrance.service.ports.find((p) => isThis(p.port, p)) ?? null };
  const isNode = [...cluster.nodes.values()].some(
    (n) =>
      n.ip === destination ||
      nextAddress(n.podCidr.address) === destination ||
      n.overrides.addresses.some((a) => a.address === destination),
  );
  if (!isNode && !isLoopback(destination)) return null;
  for (const service of cluster.services.values()) {
    const port = service.ports.find((p) => isThis(p.nodePort, p));
    if (port !== undefined) return { service, port, entry: 'node-port' };
  }
  return null;
}

export function podAt(cluster: Cluster, address: IpAddress): Pod | null {
  const node = nodeOfPodAddress(cluster, address);
  return (node === null ? [] : (cluster.podsByNode.get(node.name) ?? [])).find((p) => p.ip === address) ?? null;
}

export function nodeOfPodAddress(cluster: Cluster, address: IpAddress): Node | null {
  for (const node of cluster.nodes.values()) if (contains(node.podCidr, address)) return node;
  return null;
}

/** An address that only this cluster has: nobody outside it can be meant. */
export function isClusterAddress({ podCidr, serviceCidr, underlay, nodes }: Cluster, address: IpAddress): boolean {
  for (const node of nodes.values()) if (node.ip === address) return true;
  if (contains(podCidr, address) || (serviceCidr !== null && contains(serviceCidr, address))) return true;
  return [...underlay.segments.values()].some((s) => contains(s.prefix, address));
}

/**
 * Where a packet that should have stayed in the cluster took a default route: the last node or router that did, for the gateway's own is
 * meant for what leaves.
 */
export function strayedAt(cluster: Cluster, hops: readonly Hop[]): RouteHop | undefined {
  const ours = (name: string) => cluster.nodes.has(name) || cluster.underlay.routers.some((r) => r.name === name);
  return hops.findLast((h): h is RouteHop => h.kind === 'route' && h.route.prefix.length === 0 && ours(h.netns));
}
