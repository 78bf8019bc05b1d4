import { isClusterAddress } from '../k8s/address-index.ts';
import type { Cluster } from '../k8s/cluster.ts';
import type { OutsideHost } from '../k8s/network.ts';
import { familyOf, formatAddress, type IpAddress, inFamily, isLinkLocal, isLoopback, isPrivate } from '../net/address.ts';
import { contains } from '../net/prefix.ts';
import type { PlaceName } from './place.ts';

/** May a machine on the internet have this address? Not one of the cluster or its gateway, nor one that is not routed on the internet. */
export function isOutside(cluster: Cluster, address: IpAddress): boolean {
  const { gateway } = cluster;
  if (gateway === null || inFamily(gateway.ips, familyOf(address)) === null) return false;
  if (isPrivate(address) || isLoopback(address) || isLinkLocal(address) || isClusterAddress(cluster, address)) return false;
  const inward = gateway.overrides.routes.filter(({ route }) => route.prefix.length > 0 && route.nextHops.some((n) => n.device !== 'wan0'));
  if (inward.some(({ route }) => contains(route.prefix, address))) return false;
  return ![...gateway.publicIps.map((p) => p.ip), ...gateway.nat.map((n) => n.public)].includes(address);
}

/** `internet` is the first client that is stated, if none is called so: not everybody out there. */
export function internetNote({ name, address }: PlaceName, { name: taken, ips }: OutsideHost): string | null {
  if (address !== null || name !== 'internet' || taken === name) return null;
  return `internet is taken to be ${taken} (${ips.map(formatAddress).join(', ')}), the first of internet.clients: another address out there may be asked by itself`;
}
