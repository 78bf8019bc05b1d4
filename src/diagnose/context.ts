import type { Datapath } from '../datapath/netns.ts';
import type { Cluster, Node, Service } from '../k8s/cluster.ts';
import type { IpAddress } from '../net/address.ts';
import { contains } from '../net/prefix.ts';
import type { Question } from '../query/question.ts';

/** What a failure is read against: the cluster, what was compiled from it, and what was asked. */
export interface Context {
  readonly cluster: Cluster;
  readonly datapath: Datapath;
  readonly question: Question;
}

export function serviceAt(cluster: Cluster, address: IpAddress): Service | null {
  for (const service of cluster.services.values()) if (service.clusterIp === address) return service;
  return null;
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
