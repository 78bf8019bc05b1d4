import { familyOf, type IpAddress } from '../net/address.ts';
import { contains, type Prefix } from '../net/prefix.ts';
import { PrefixTable } from '../net/prefix-table.ts';
import type { Cluster } from './cluster.ts';
import { nicAddresses } from './families.ts';
import type { Node } from './node.ts';
import type { Pod } from './pod.ts';
import type { Service, ServicePort } from './service.ts';

/** How a service is reached: its ClusterIP, one of its external IPs, its load balancer, or a port of the nodes. */
export type ServiceEntry = 'cluster' | 'external' | 'load-balancer' | 'node-port';

/** An address of a service. */
export interface ServiceAddress {
  readonly service: Service;
  readonly entry: Exclude<ServiceEntry, 'node-port'>;
}

/** A node's range of pod addresses. */
export interface NodeRange {
  readonly node: Node;
  readonly podCidr: Prefix;
}

/** The thing of the cluster that has an address. */
export interface AddressIndex {
  /** Of several services with one address the first counts, and its ClusterIP before its other addresses. */
  readonly services: ReadonlyMap<IpAddress, ServiceAddress>;
  /** The node ports, as `30080/tcp`. */
  /** ClusterIPs of several services. */
  readonly sharedClusterIps: ReadonlyMap<IpAddress, readonly Service[]>;
  readonly nodePorts: ReadonlyMap<string, { readonly service: Service; readonly port: ServicePort }>;
  /** Pods with a network namespace of their own. */
  readonly pods: ReadonlyMap<IpAddress, Pod>;
  /** Addresses that several of them have, which objects of a running cluster may say. */
  readonly shared: ReadonlyMap<IpAddress, readonly Pod[]>;
  /** By the addresses of their NICs. */
  readonly nodes: ReadonlyMap<IpAddress, Node>;
  /** Further addresses of nodes: those that the input adds, and those that a plugin takes from the node's pod range for the node. */
  readonly furtherNodeAddresses: ReadonlySet<IpAddress>;
  /** IPv4 prefixes on nodes' `lo`, of which every address is the node's own. */
  readonly nodePrefixes: readonly Prefix[];
  readonly podRanges: PrefixTable<NodeRange>;
}

const INDEXES = new WeakMap<Cluster, AddressIndex>();

/** Made once a cluster: every path of every trace asks. */
export function addressIndex(cluster: Cluster): AddressIndex {
  const known = INDEXES.get(cluster);
  if (known !== undefined) return known;
  const made = indexAddresses(cluster);
  INDEXES.set(cluster, made);
  return made;
}

function indexAddresses(cluster: Cluster): AddressIndex {
  const services = [...cluster.services.values()];
  const nodes = [...cluster.nodes.values()];
  const pods = [...cluster.podsByNode.values()].flat();
  return {
    services: new Map(services.toReversed().flatMap(addressesOf)),
    sharedClusterIps: sharedClusterIps(services),
    nodePorts: new Map(services.toReversed().flatMap(nodePortsOf)),
    ...podsByAddress(pods),
    nodes: new Map(nodes.toReversed().flatMap((node) => nicAddresses(node).map((a) => [a, node] as const))),
    furtherNodeAddresses: new Set(nodes.flatMap((node) => furtherAddresses(cluster, node))),
    nodePrefixes: nodes.flatMap(({ overrides }) =>
      overrides.addresses.filter((a) => a.device === 'lo' && familyOf(a.address) === 'IPv4').map((a) => a.prefix),
    ),
    podRanges: rangesOf(nodes),
  };
}

function sharedClusterIps(services: readonly Service[]): ReadonlyMap<IpAddress, readonly Service[]> {
  const all = new Map<IpAddress, Service[]>();
  for (const service of services)
    for (const address of service.clusterIps) {
      const known = all.get(address);
      if (known === undefined) all.set(address, [service]);
      else known.push(service);
    }
  return new Map([...all].filter(([, sharing]) => sharing.length > 1));
}

function podsByAddress(all: readonly Pod[]): Pick<AddressIndex, 'pods' | 'shared'> {
  const pods = new Map<IpAddress, Pod>();
  const shared = new Map<IpAddress, readonly Pod[]>();
  for (const pod of all)
    for (const { address } of pod.ips) {
      const first = pods.get(address);
      if (first === undefined) pods.set(address, pod);
      else shared.set(address, [...(shared.get(address) ?? [first]), pod]);
    }
  return { pods, shared };
}

/** The last one of an address wins: the ClusterIP before the others. */
const addressesOf = (service: Service): readonly (readonly [IpAddress, ServiceAddress])[] => [
  ...service.loadBalancerIngress.map(({ ip }) => [ip, { service, entry: 'load-balancer' }] as const),
  ...service.externalIps.map((ip) => [ip, { service, entry: 'external' }] as const),
  ...service.clusterIps.map((ip) => [ip, { service, entry: 'cluster' }] as const),
];

const nodePortsOf = (service: Service) =>
  service.ports
    .toReversed()
    .flatMap((port) => (port.nodePort === null ? [] : [[`${port.nodePort}/${port.protocol}`, { service, port }] as const]));

const furtherAddresses = ({ cni }: Cluster, { overrides, podCidrs }: Node): readonly IpAddress[] => [
  ...overrides.addresses.map((a) => a.address),
  ...podCidrs.flatMap((range) => cni.reserved(range, podCidrs).map((r) => r.address)),
];

function rangesOf(nodes: readonly Node[]): PrefixTable<NodeRange> {
  const ranges = new PrefixTable<NodeRange>();
  for (const node of nodes) for (const podCidr of node.podCidrs) ranges.add(podCidr, { node, podCidr });
  return ranges;
}

/** The service that has an address: as ClusterIP, external address or load balancer. */
export const serviceAt = (cluster: Cluster, address: IpAddress): Service | null =>
  addressIndex(cluster).services.get(address)?.service ?? null;

/** The pod that has an address and a network namespace of its own. */
export const podAt = (cluster: Cluster, address: IpAddress): Pod | null => addressIndex(cluster).pods.get(address) ?? null;

/** The pods that have an address, where they are several; else none. */
export const sharedBy = (cluster: Cluster, address: IpAddress): readonly Pod[] => addressIndex(cluster).shared.get(address) ?? [];

/** The services that have a ClusterIP, where they are several; else none. */
export const servicesSharing = (cluster: Cluster, address: IpAddress): readonly Service[] =>
  addressIndex(cluster).sharedClusterIps.get(address) ?? [];

/** The node with a NIC that has the address. */
export const nodeAt = (cluster: Cluster, address: IpAddress): Node | null => addressIndex(cluster).nodes.get(address) ?? null;

/** Does the address belong to a node, on whichever of its devices it is? */
export function isNodeAddress(cluster: Cluster, address: IpAddress): boolean {
  const { nodes, furtherNodeAddresses, nodePrefixes } = addressIndex(cluster);
  return nodes.has(address) || furtherNodeAddresses.has(address) || nodePrefixes.some((p) => contains(p, address));
}

/** The pod range of a node that holds an address; null: no node's does. */
export const podRangeAt = (cluster: Cluster, address: IpAddress): NodeRange | null =>
  addressIndex(cluster).podRanges.longest(address)?.[0] ?? null;

/** The node whose pods an address is for: the node of the pod that has it, or the one whose pod range holds it. */
export function nodeOfPodAddress(cluster: Cluster, address: IpAddress): Node | null {
  const pod = podAt(cluster, address);
  return (pod?.node == null ? null : cluster.nodes.get(pod.node)) ?? podRangeAt(cluster, address)?.node ?? null;
}

/** Is it a pod's own address, or in the ranges of them, and no node's? */
export const isPodAddress = (cluster: Cluster, address: IpAddress): boolean =>
  podAt(cluster, address) !== null ||
  (nodeAt(cluster, address) === null &&
    serviceAt(cluster, address) === null &&
    (podRangeAt(cluster, address) !== null || cluster.podCidrs.some((range) => contains(range, address))));

/** Is it an address of this cluster: of a node, a pod or a service, or in the range of a segment? No host outside can have it. */
export function isClusterAddress(cluster: Cluster, address: IpAddress): boolean {
  const { podCidrs, serviceCidrs, underlay } = cluster;
  if (nodeAt(cluster, address) !== null || nodeOfPodAddress(cluster, address) !== null) return true;
  if ([...podCidrs, ...serviceCidrs].some((range) => contains(range, address))) return true;
  return [...underlay.segments.values()].some((s) => s.prefixes.some((p) => contains(p, address)));
}
