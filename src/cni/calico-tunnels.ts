import { addAddress } from '../datapath/add-address.ts';
import { addIpip } from '../datapath/build.ts';
import { routeVia } from '../datapath/builder.ts';
import { type Peer, peersOf } from '../datapath/peers.ts';
import type { Route } from '../datapath/route.ts';
import type { BetweenNodes, Host, OtherNode, PlannedDevice, PlannedNode, ReservedAddress, Setting } from '../k8s/cni.ts';
import { nodeIp, prefixesIn } from '../k8s/families.ts';
import { FAMILIES, familyOf, type IpAddress, type IpFamily } from '../net/address.ts';
import { hostPrefix, isHostPrefix, type Prefix } from '../net/prefix.ts';
import { PrefixTable } from '../net/prefix-table.ts';
import { inferred, type Origin } from '../source/origin.ts';
import { type Encapsulation, type Pool, poolAt } from './calico-pools.ts';
import { inPools } from './calico-routes.ts';
import { isOnLink, towards, viaNodes } from './host-gateway.ts';
import { VXLAN_OVERHEAD, vxlanMtu } from './mtu.ts';
import { plannedVteps, throughVxlan, type VxlanNetwork } from './vxlan.ts';

/** How Calico gets packets from node to node: each pool as it says. */

export const IPIP_OVERHEAD = 20;

/** What the pools' tunnels take of a packet, in each family. */
export function overheadOf(pools: readonly Pool[]): Readonly<Record<IpFamily, number>> {
  const of = (family: IpFamily) => {
    const own = pools.filter((p) => familyOf(p.cidr.address) === family).map((p) => p.encapsulation);
    return own.includes('vxlan') ? VXLAN_OVERHEAD[family] : own.includes('ipip') ? IPIP_OVERHEAD : 0;
  };
  return { IPv4: of('IPv4'), IPv6: of('IPv6') };
}

/** The address of a node's end of a tunnel: the first one of its first block of a pool with such a tunnel; null: it has none. */
function tunnelAddress(
  pools: readonly Pool[],
  encapsulation: Encapsulation,
  podCidrs: readonly Prefix[],
  family: IpFamily,
): IpAddress | null {
  const isBlock = (range: Prefix) => {
    const pool = familyOf(range.address) === family ? poolAt(pools, range.address) : null;
    return pool?.encapsulation === encapsulation && (!isHostPrefix(range) || isHostPrefix({ ...range, length: pool.blockLength }));
  };
  return podCidrs.find(isBlock)?.address ?? null;
}

/** Of IPAM's addresses those of tunnels are no pod's. */
export function reservedIn(pools: readonly Pool[], range: Prefix, all: readonly Prefix[]): readonly ReservedAddress[] {
  const family = familyOf(range.address);
  const first = (['vxlan', 'ipip'] as const).map((e) => tunnelAddress(pools, e, all, family));
  return first.includes(range.address) ? [{ address: range.address, by: 'tunnel device' }] : [];
}

interface VxlanKeys {
  readonly vni: number;
  readonly port: number;
  readonly numbered: VxlanNetwork['numbered'];
  /** As it is stated. */
  readonly mtu: number | undefined;
}

/** Null: no pool has VXLAN. */
export function vxlanOf(pools: readonly Pool[], { vni, port, mtu, numbered }: VxlanKeys, setting: Setting): VxlanNetwork | null {
  if (!pools.some((p) => p.encapsulation === 'vxlan')) return null;
  return {
    device: { IPv4: 'vxlan.calico', IPv6: 'vxlan-v6.calico' },
    namedBy: null,
    vni,
    port,
    numbered,
    mtu: vxlanMtu(setting, mtu),
    direct: false,
    addressOf: ({ podCidrs }, family) => tunnelAddress(pools, 'vxlan', podCidrs, family),
  };
}

/** The device that comes with the module. */
export const IPIP_DEVICE = 'tunl0';

/** IPIP has no table of its own: the next hop of a route is the node that the outer packet goes to. */
function throughIpip(others: readonly OtherNode[], links: readonly Prefix[], direct: boolean): BetweenNodes {
  const routes = new PrefixTable<Route>();
  for (const other of others) {
    const { node, family, via } = other;
    const to = nodeIp(node, family);
    for (const range of prefixesIn(node.podCidrs, family))
      if (direct && via !== null && isOnLink(other, links)) routes.add(range, towards(other, via, range));
      else if (to !== null) routes.add(range, routeVia(range, to, IPIP_DEVICE, inferred(node.locus), true));
  }
  return { routes, peers: new Map() };
}

export const hasIpip = (pools: readonly Pool[]): boolean => pools.some((p) => p.encapsulation === 'ipip');

const ipipAddresses = (pools: readonly Pool[], { podCidrs, tunnel }: PlannedNode): readonly IpAddress[] => {
  const stated = tunnel?.family === 'IPv4' ? tunnel.ip : null;
  const address = stated ?? tunnelAddress(pools, 'ipip', podCidrs, 'IPv4');
  return address === null ? [] : [address];
};

/** Calico gives a node an address for each tunnel, from a block that the node gets for it where it has none: which, the input has to say. */
export function tunnelsWithoutAddress(pools: readonly Pool[], vxlan: VxlanNetwork | null, node: PlannedNode): readonly string[] {
  const made = vxlan === null ? [] : plannedVteps(vxlan, node).map((d) => d.name);
  const isMeant = (family: IpFamily) => pools.some((p) => p.encapsulation === 'vxlan' && familyOf(p.cidr.address) === family);
  const wanted = vxlan === null ? [] : FAMILIES.filter((f) => isMeant(f) && nodeIp(node, f) !== null).map((f) => vxlan.device[f]);
  const isBareIpip = hasIpip(pools) && nodeIp(node, 'IPv4') !== null && ipipAddresses(pools, node).length === 0;
  return [...wanted.filter((name) => !made.includes(name)), ...(isBareIpip ? [IPIP_DEVICE] : [])];
}

export const plannedIpip = (pools: readonly Pool[], node: PlannedNode): readonly PlannedDevice[] =>
  hasIpip(pools)
    ? [
        {
          name: IPIP_DEVICE,
          namedBy: null,
          addresses: ipipAddresses(pools, node).map((address) => ({ address, prefix: hostPrefix(address) })),
          routes: [],
          port: null,
          ipip: true,
        },
      ]
    : [];

export function addIpipDevice(
  { builder, node }: Pick<Host, 'builder' | 'node'>,
  pools: readonly Pool[],
  mtu: number,
  { locus }: Origin,
): void {
  if (!hasIpip(pools)) return;
  const device = addIpip(builder, IPIP_DEVICE, { local: null, mtu }, inferred(locus));
  for (const address of ipipAddresses(pools, node)) addAddress(builder, device, address, hostPrefix(address), inferred(node.locus));
}

/** Of each pool by itself: one network may have pools with a tunnel for all, between segments only, and for none. */
export function betweenNodes(
  others: readonly OtherNode[],
  links: readonly Prefix[],
  pools: readonly Pool[],
  vxlan: VxlanNetwork | null,
): BetweenNodes {
  const of = (wanted: (pool: Pool) => boolean) => others.map((other) => inPools(other, pools, wanted));
  const plain = viaNodes(of((p) => p.encapsulation === 'none'));
  const ipip = [false, true].map((direct) =>
    throughIpip(
      of((p) => p.encapsulation === 'ipip' && p.direct === direct),
      links,
      direct,
    ),
  );
  if (vxlan === null) return { routes: together([plain, ...ipip]), peers: new Map() };
  const parts = [false, true].map((direct) =>
    throughVxlan(
      { ...vxlan, direct },
      of((p) => p.encapsulation === 'vxlan' && p.direct === direct),
      links,
    ),
  );
  return {
    routes: together([plain, ...ipip, ...parts]),
    peers: new Map(FAMILIES.map((f) => [vxlan.device[f], peersOf(parts.flatMap((p) => ends(p, vxlan.device[f])))])),
  };
}

const ends = ({ peers }: BetweenNodes, device: string): readonly Peer[] => [...(peers.get(device)?.byAddress.values() ?? [])];

function together(parts: readonly BetweenNodes[]): PrefixTable<Route> {
  const routes = new PrefixTable<Route>();
  for (const part of parts) for (const route of part.routes.values()) routes.add(route.prefix, route);
  return routes;
}
