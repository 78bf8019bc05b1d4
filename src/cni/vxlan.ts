import { addAddress } from '../datapath/add-address.ts';
import { addVxlan } from '../datapath/build.ts';
import { routeVia } from '../datapath/builder.ts';
import type { Numbered } from '../datapath/netns.ts';
import { NO_PEERS, type Peer, peersOf } from '../datapath/peers.ts';
import type { Route } from '../datapath/route.ts';
import type { BetweenNodes, Host, OtherNode, PlannedDevice, PlannedNode, Setting } from '../k8s/cni.ts';
import { nodeIp, prefixesIn } from '../k8s/families.ts';
import { FAMILIES, type IpAddress, type IpFamily, inFamily } from '../net/address.ts';
import { sha1 } from '../net/hash.ts';
import { type Mac, macOf } from '../net/mac.ts';
import { hostPrefix, type Prefix } from '../net/prefix.ts';
import { PrefixTable } from '../net/prefix-table.ts';
import { at, declared, inferred, type Origin } from '../source/origin.ts';
import { isOnLink, towards } from './host-gateway.ts';

/**
 * A VXLAN network without learning, as flannel and Calico have it: each node has a device (VTEP) with an address of its own, and of every
 * other node a route, a permanent neighbour and an entry in the forwarding table.
 */
export interface VxlanNetwork {
  readonly device: Readonly<Record<IpFamily, string>>;
  /** The field of the plugin's configuration that states the device's name; null: none does. */
  readonly namedBy: PlannedDevice['namedBy'];
  readonly vni: number;
  readonly port: number;
  /** Where a node states these two for itself. */
  readonly numbered: Numbered | null;
  /** Of the device. */
  readonly mtu: Readonly<Record<IpFamily, number>>;
  /** Nodes on one link send to each other without it. */
  readonly direct: boolean;
  /** The address of a node's device where none is stated; null: it has none. */
  addressOf(node: PlannedNode, family: IpFamily): IpAddress | null;
}

/** A node's end of a VXLAN network in one family: its device's address and MAC, and the address that the other nodes send to. */
interface Vtep {
  readonly family: IpFamily;
  readonly address: IpAddress;
  readonly mac: Mac;
  readonly publicIp: IpAddress;
}

/** Null: without an address of the family, or without one for the device, the node has none. */
function vtepOf({ addressOf }: VxlanNetwork, node: PlannedNode, family: IpFamily): Vtep | null {
  const stated = node.tunnel?.family === family ? node.tunnel : null;
  const address = stated?.ip ?? addressOf(node, family);
  const publicIp = stated?.publicIp ?? nodeIp(node, family);
  if (address === null || publicIp === null) return null;
  return { family, address, mac: stated?.mac ?? usualMac(node.name, family), publicIp };
}

/** A real one is drawn at random; here it stays the same. */
export const usualMac = (node: string, family: IpFamily): Mac =>
  macOf(new Uint8Array([0x66, ...sha1(family === 'IPv4' ? node : `${node}-v6`).subarray(0, 5)]));

/** The devices that a node will have. */
export const plannedVteps = (network: VxlanNetwork, node: PlannedNode): readonly PlannedDevice[] =>
  FAMILIES.flatMap((family) => {
    const vtep = vtepOf(network, node, family);
    if (vtep === null) return [];
    const { address, mac, publicIp } = vtep;
    const addresses = [{ address, prefix: hostPrefix(address) }];
    return [{ name: network.device[family], namedBy: network.namedBy, addresses, routes: [], port: null, vtep: { mac, dst: publicIp } }];
  });

/** The keys that a node states for itself, of those that state a network's numbers. */
export function numberedBy({ locus }: Origin, { own = [] }: Pick<Setting, 'own'>, keys: readonly string[]): Numbered | null {
  const [first, ...more] = keys.filter((key) => own.includes(key));
  return locus === null || first === undefined ? null : { locus, fields: [first, ...more] };
}

/** What all nodes with these links have of each other. */
export function throughVxlan(network: VxlanNetwork, others: readonly OtherNode[], links: readonly Prefix[]): BetweenNodes {
  const routes = new PrefixTable<Route>();
  const ends: Readonly<Record<IpFamily, Peer[]>> = { IPv4: [], IPv6: [] };
  for (const other of others) {
    const { node, family, via } = other;
    const vtep = vtepOf(network, node, family);
    const isDirect = network.direct && via !== null && isOnLink(other, links);
    for (const podCidr of prefixesIn(node.podCidrs, family)) {
      const origin = inferred(at(node.locus, 'podCIDR'));
      if (isDirect) routes.add(podCidr, towards(other, via, podCidr));
      else if (vtep !== null) routes.add(podCidr, routeVia(podCidr, vtep.address, network.device[family], origin, true));
    }
    if (!isDirect && vtep !== null)
      ends[family].push({ address: vtep.address, lladdr: vtep.mac, dst: vtep.publicIp, origin: originOf(node) });
  }
  return { routes, peers: new Map(FAMILIES.map((family) => [network.device[family], peersOf(ends[family])])) };
}

const originOf = ({ tunnel, locus }: OtherNode['node']): Origin => (tunnel === null ? inferred(locus) : declared(tunnel.locus));

/** A node's own devices. */
export function addVteps(network: VxlanNetwork, host: Host, origin: Origin): void {
  const { builder, node, peers } = host;
  for (const family of FAMILIES) {
    const vtep = vtepOf(network, node, family);
    const local = inFamily(host.addresses, family);
    if (vtep === null || local === null) continue;
    const { address, mac } = vtep;
    const name = network.device[family];
    const device = addVxlan(
      builder,
      name,
      {
        vni: network.vni,
        port: network.port,
        numbered: network.numbered,
        local,
        underlying: builder.netns.devices.get('eth0') ?? null,
        mac,
        mtu: network.mtu[family],
        peers: peers.get(name) ?? NO_PEERS,
        hides: (peer) => peer.address === address,
      },
      inferred(origin.locus),
    );
    addAddress(builder, device, address, hostPrefix(address), originOf(node));
  }
}
