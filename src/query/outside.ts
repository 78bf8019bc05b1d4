import type { Cluster } from '../k8s/cluster.ts';
import { familyOf, type IpAddress, inFamily, isLinkLocal, isLoopback, isPrivate } from '../net/address.ts';
import { contains } from '../net/prefix.ts';

/** May a machine on the internet have this address? Not one of the cluster or its gateway, nor one that is not routed on the internet. */
export function isOutside(cluster: Cluster, address: IpAddress): boolean {
  const { gateway } = cluster;
  if (gateway === null || inFamily(gateway.ips, familyOf(address)) === null) return false;
  if (isPrivate(address) || isLoopback(address) || isLinkLocal(address) || isClusterAddress(cluster, address)) return false;
  return ![...gateway.publicIps.map((p) => p.ip), ...gateway.nat.map((n) => n.public)].includes(address);
}

/** An address that only this cluster has: no machine outside it can be meant. */
export function isClusterAddress({ podCidrs, serviceCidrs, underlay, nodes }: Cluster, address: IpAddress): boolean {
  for (const { addresses } of nodes.values()) if (addresses.some((a) => a.type === 'InternalIP' && a.address === address)) return true;
  const segments = [...underlay.segments.values()].flatMap((s) => s.prefixes);
  return [...podCidrs, ...serviceCidrs, ...segments].some((p) => contains(p, address));
}
