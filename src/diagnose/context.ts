import type { Hop } from '../hop/hop.ts';
import type { RouteHop } from '../hop/linux-hop.ts';
import { addressIndex, isNodeAddress, type ServiceEntry } from '../k8s/address-index.ts';
import type { Cluster } from '../k8s/cluster.ts';
import type { Network } from '../k8s/compiled-network.ts';
import type { Service, ServicePort } from '../k8s/service.ts';
import { type IpAddress, isLoopback } from '../net/address.ts';
import type { Tuple, WireProtocol } from '../net/packet.ts';
import { contains } from '../net/prefix.ts';
import type { Question } from '../query/question.ts';

/** The background that a failure is read against: the cluster, what was compiled from it, and what was asked. */
export interface Context extends Network {
  readonly question: Question;
}

/** A service port as it was called. */
export interface Called {
  readonly service: Service;
  /** Null: the service has no such port. */
  readonly port: ServicePort | null;
  readonly entry: ServiceEntry;
}

/** Which service port a packet is for, by its address, or as a node port by its port on a node. */
export function calledService(cluster: Cluster, { destination, destinationPort, protocol }: Tuple<WireProtocol>): Called | null {
  const { services, nodePorts } = addressIndex(cluster);
  const address = services.get(destination);
  if (address !== undefined)
    return { ...address, port: address.service.ports.find((p) => p.port === destinationPort && p.protocol === protocol) ?? null };
  const nodePort = nodePorts.get(`${destinationPort}/${protocol}`);
  if (nodePort === undefined || !(isLoopback(destination) || isNodeAddress(cluster, destination))) return null;
  return { ...nodePort, entry: 'node-port' };
}

/** Is it in the range of the ClusterIPs? */
export const isServiceAddress = ({ serviceCidrs }: Cluster, address: IpAddress): boolean =>
  serviceCidrs.some((range) => contains(range, address));

/**
 * The default route that a packet took though its destination is in the cluster: that of the last node or router, because the gateway's own
 * is for packets that leave.
 */
export const strayedAt = (hops: readonly Hop[]): RouteHop | undefined =>
  hops.findLast((h): h is RouteHop => h.kind === 'route' && h.route.prefix.length === 0 && (h.role === 'node' || h.role === 'router'));
