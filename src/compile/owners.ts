import type { Netns, Nic } from '../datapath/netns.ts';
import { proxyArp } from '../datapath/sysctl.ts';
import { nodeOfPodAddress, podAt } from '../k8s/address-index.ts';
import { type Cluster, cniOn } from '../k8s/cluster.ts';
import { nicAddresses, nodeIps } from '../k8s/families.ts';
import { GATEWAY } from '../k8s/network.ts';
import type { Node } from '../k8s/node.ts';
import { FAMILIES, familyOf, type IpAddress, isLoopback } from '../net/address.ts';

export interface OwnerName {
  readonly netns: string;
  readonly device: string;
}

export interface Owners {
  of(address: IpAddress): OwnerName | undefined;
  addresses(): Iterable<IpAddress>;
}

/** The NIC that an owner is, in a network whose namespaces are made when they are asked for. */
export function nicOf(owner: OwnerName | undefined, find: (netns: string) => Netns | undefined): Nic | null {
  const netns = owner === undefined ? undefined : find(owner.netns);
  const device = owner === undefined ? undefined : netns?.devices.get(netns.foundNames?.get(owner.device) ?? owner.device);
  return device?.kind === 'nic' ? device : null;
}

/** Where a fabric takes a packet for a pod: the NIC of the pod's node. */
export function podsNic(cluster: Cluster, address: IpAddress): OwnerName | undefined {
  const node = nodeOfPodAddress(cluster, address);
  return node === null ? undefined : { netns: node.name, device: podAt(cluster, address)?.nic ?? 'eth0' };
}

/**
 * The NIC that answers for each address on a segment. With ARP a machine answers for each of its addresses, whichever device it is on; with
 * IPv6's neighbour discovery only for the device's own. The pods' devices are many, so they are looked through only for an address that no
 * machine has as its own.
 */
export function ownersOn(cluster: Cluster, segment: string): Owners {
  const nodes = attachedTo(cluster, segment);
  const machines = machinesOn(cluster, nodes, segment);
  let further: ReadonlyMap<IpAddress, OwnerName> | null = null;
  const others = () => {
    further ??= furtherOf(cluster, nodes);
    return further;
  };
  return {
    of: (address) => machines.get(address) ?? others().get(address),
    addresses: () => new Set([...machines.keys(), ...others().keys()]),
  };
}

/** The NICs on a segment on which a node is stated to answer ARP for others. */
export function proxiesOn(cluster: Cluster, segment: string): readonly OwnerName[] {
  return attachedTo(cluster, segment).flatMap(({ node, devices }) => {
    const { sysctls } = node.overrides;
    if (sysctls.size === 0) return [];
    return devices.flatMap((device) => (proxyArp(sysctls, device).value === 0 ? [] : [{ netns: node.name, device }]));
  });
}

/** A node on a segment, with its NICs there: the first one answers for what is on none of them. */
interface Attached {
  readonly node: Node;
  readonly devices: readonly [string, ...string[]];
}

function attachedTo({ nodes }: Cluster, segment: string): readonly Attached[] {
  return [...nodes.values()].flatMap((node) => {
    const further = node.nics.filter((n) => n.segment === segment).map((n) => n.device);
    const [first, ...others] = node.segment === segment ? ['eth0', ...further] : further;
    return first === undefined ? [] : [{ node, devices: [first, ...others] }];
  });
}

/** The first that claims an address has it. */
function claims() {
  const owners = new Map<IpAddress, OwnerName>();
  const claim = (address: IpAddress, owner: OwnerName, isItsOwn: boolean) => {
    if ((isItsOwn || familyOf(address) === 'IPv4') && !owners.has(address)) owners.set(address, owner);
  };
  return { owners, claim };
}

function machinesOn({ underlay, gateway, cni }: Cluster, nodes: readonly Attached[], segment: string): ReadonlyMap<IpAddress, OwnerName> {
  const { owners, claim } = claims();
  for (const { node } of nodes) {
    if (node.segment === segment) for (const ip of nodeIps(node)) claim(ip, { netns: node.name, device: 'eth0' }, true);
    for (const nic of node.nics) if (nic.segment === segment) claim(nic.address, { netns: node.name, device: nic.device }, true);
  }
  for (const { name, interfaces, overrides } of underlay.routers) {
    const nth = interfaces.findIndex((i) => i.segment === segment);
    if (nth === -1) continue;
    const owner = { netns: name, device: `eth${nth}` };
    for (const { ips, segment: on } of interfaces)
      if (on === segment || cni.fabric === null) for (const ip of ips) claim(ip, owner, on === segment);
    for (const { address, device: on } of overrides.addresses) claim(address, owner, on === owner.device);
  }
  if (gateway?.segment === segment) for (const ip of gateway.ips) claim(ip, { netns: GATEWAY, device: 'eth0' }, true);
  return owners;
}

/**
 * The addresses that nodes have besides: of the devices that the CNI plugin makes, and stated ones. A network that knows the NIC of each
 * address takes a packet there, and for what is on no NIC to the first one.
 */
function furtherOf(cluster: Cluster, nodes: readonly Attached[]): ReadonlyMap<IpAddress, OwnerName> {
  const { owners, claim } = claims();
  const isFabric = cluster.cni.fabric !== null;
  for (const { node, devices } of nodes) {
    const owner = { netns: node.name, device: devices[0] };
    const has = (device: string) => !isFabric || (owner.device === 'eth0' && !node.nics.some((n) => n.device === device));
    if (!isFabric) for (const address of nicAddresses(node)) claim(address, owner, false);
    for (const { name, addresses } of cniOn(cluster, node.name).devices(node, cluster.podsByNode.get(node.name) ?? []))
      if (has(name)) for (const { address } of addresses) claim(address, owner, false);
    if (!isFabric)
      for (const { address } of FAMILIES.flatMap((f) => node.found?.addresses[f] ?? []))
        if (!isLoopback(address)) claim(address, owner, false);
    for (const { address, device } of node.overrides.addresses) {
      const isHere = devices.includes(device);
      if (isHere || has(device)) claim(address, isHere ? { ...owner, device } : owner, isHere);
    }
  }
  return owners;
}
