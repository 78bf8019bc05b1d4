import { familyOf, type IpAddress, type IpFamily, inFamily } from '../net/address.ts';
import type { Prefix } from '../net/prefix.ts';
import type { Cluster } from './cluster.ts';
import { selects } from './label-index.ts';
import type { InternetGateway } from './network.ts';
import type { Node } from './node.ts';
import { isThere, type Pod } from './pod.ts';
import type { Endpoint, Service, ServicePort } from './service.ts';

/** Addresses, ranges and endpoints of Kubernetes objects in one IP family. */

/** Null: the pod has no address of this family. */
export const podIp = ({ ips }: Pick<Pod, 'ips'>, family: IpFamily): IpAddress | null =>
  ips.find((i) => familyOf(i.address) === family)?.address ?? null;

/** Its address on the underlay, the first InternalIP of the family; null: it has none. */
export function nodeIp({ addresses }: Pick<Node, 'addresses'>, family: IpFamily): IpAddress | null {
  for (const a of addresses) if (a.type === 'InternalIP' && familyOf(a.address) === family) return a.address;
  return null;
}

/** Its addresses on the underlay, at most one of a family, in the order of its status. */
export const nodeIps = (node: Pick<Node, 'addresses'>): readonly IpAddress[] =>
  node.addresses.flatMap((a) => (a.type === 'InternalIP' && nodeIp(node, familyOf(a.address)) === a.address ? [a.address] : []));

/** With those of its further NICs. */
export const nicAddresses = (node: Pick<Node, 'addresses' | 'nics'>): readonly IpAddress[] => [
  ...nodeIps(node),
  ...node.nics.map((n) => n.address),
];

/** The prefixes of a list that are of a family. */
export const prefixesIn = (prefixes: readonly Prefix[], family: IpFamily): readonly Prefix[] =>
  prefixes.filter((p) => familyOf(p.address) === family);

/** The first prefix of a list that is of a family; null: none is. */
export const prefixIn = (prefixes: readonly Prefix[], family: IpFamily): Prefix | null =>
  prefixes.find((p) => familyOf(p.address) === family) ?? null;

/** Null: headless, an ExternalName, or without this family. */
export const clusterIpIn = ({ clusterIps }: Pick<Service, 'clusterIps'>, family: IpFamily): IpAddress | null =>
  inFamily(clusterIps, family);

export const isHeadless = ({ clusterIps }: Pick<Service, 'clusterIps'>): boolean => clusterIps.length === 0;

export const endpointsIn = ({ endpoints }: Pick<ServicePort, 'endpoints'>, family: IpFamily): readonly Endpoint[] =>
  endpoints.filter((e) => familyOf(e.ip) === family);

/** The way out to the internet in a family; null: there is none. */
export function gatewayIn({ gateway }: Pick<Cluster, 'gateway'>, family: IpFamily): InternetGateway | null {
  return gateway === null || inFamily(gateway.ips, family) === null ? null : gateway;
}

/** The pods that a service selects and that are there, but have no address of this family. */
export function selectedWithout({ pods }: Cluster, { namespace, selector }: Service, family: IpFamily): readonly Pod[] {
  const isSelected = (p: Pod) => p.namespace === namespace && selects(selector, p.labels);
  return [...pods.values()].filter((p) => isThere(p) && isSelected(p) && podIp(p, family) === null);
}
