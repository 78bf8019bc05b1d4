import { isClusterAddress } from '../k8s/address-index.ts';
import type { Cluster } from '../k8s/cluster.ts';
import { familyOf, type IpAddress, inFamily, isLinkLocal, isLoopback, isPrivate } from '../net/address.ts';
import { contains } from '../net/prefix.ts';

/** May a machine on the internet have this address? Not one of the cluster or its gateway, nor one that is not routed on the internet. */
export function isOutside(cluster: Cluster, address: IpAddress): boolean {
  const { gateway } = cluster;
  if (gateway === null || inFamily(gateway.ips, familyOf(address)) === null) return false;
  if (isPrivate(address) || isLoopback(address) || isLinkLocal(address) || isClusterAddress(cluster, address)) return false;
  const inward = gateway.overrides.routes.filter(({ route }) => route.prefix.length > 0 && route.nextHops.some((n) => n.device !== 'wan0'));
  if (inward.some(({ route }) => contains(route.prefix, address))) return false;
  return ![...gateway.publicIps.map((p) => p.ip), ...gateway.nat.map((n) => n.public)].includes(address);
}
