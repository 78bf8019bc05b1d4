import { addAddress, addAddressWithoutLink } from '../datapath/add-address.ts';
import { addNic } from '../datapath/build.ts';
import { addRoute, type NetnsBuilder, routeVia } from '../datapath/builder.ts';
import { MAIN_TABLE } from '../datapath/fib.ts';
import type { Nic } from '../datapath/netns.ts';
import type { NextHop } from '../datapath/route.ts';
import { BRIDGE_NF_CALL, FORWARDING } from '../datapath/sysctl.ts';
import type { Cluster } from '../k8s/cluster.ts';
import type { BetweenNodes, Cni, HostNic } from '../k8s/cni.ts';
import { nodeIp, nodeIps } from '../k8s/families.ts';
import type { FurtherNic, Node } from '../k8s/node.ts';
import { familyOf, type IpAddress, type IpFamily } from '../net/address.ts';
import { contains, DEFAULT_PREFIX, type Prefix, samePrefix } from '../net/prefix.ts';
import { at, declared, inferred } from '../source/origin.ts';
import type { SegmentPlan, UnderlayNetwork } from './segment.ts';

/** What a plugin is told of a node's links. */
export interface Links {
  readonly nics: readonly HostNic[];
  readonly between: BetweenNodes;
}

/** Gives a node its addresses, and the routes to all that is on the network between the nodes. */
export function connectHost(cluster: Cluster, underlay: UnderlayNetwork, node: Node, cni: Cni, host: NetnsBuilder, eth0: Nic): Links {
  const segment = underlay.segment(node.segment);
  const links = node.nics.flatMap((n) => (n.table === null ? [underlay.segment(n.segment).prefixOf(n.address)] : []));
  for (const family of cluster.families) {
    usualSysctls(host, family);
    connectToUnderlay(cluster, node, family, { host, eth0, segment, links });
  }
  const nics = node.nics.map((nic) => addFurtherNic(cluster, host, nic, underlay.segment(nic.segment)));
  const ownLinks = nodeIps(node).map(segment.prefixOf);
  const between = segment.between(cni, ownLinks);
  shareRoutes(host, node, cni, between, ownLinks);
  return { nics, between };
}

/** The sysctls of a Kubernetes node that the input states no others of. */
function usualSysctls(host: NetnsBuilder, family: IpFamily): void {
  for (const name of [FORWARDING[family], BRIDGE_NF_CALL[family]]) host.sysctls.set(name, { value: 1, origin: inferred(null) });
}

const isIn = (prefixes: readonly Prefix[], a: IpAddress) => prefixes.some((p) => contains(p, a));

interface Uplink {
  readonly host: NetnsBuilder;
  readonly eth0: Nic;
  readonly segment: SegmentPlan;
  /** Those of its other NICs, which need no router. */
  readonly links: readonly Prefix[];
}

function connectToUnderlay(cluster: Cluster, node: Node, family: IpFamily, { host, eth0, segment, links }: Uplink): void {
  const ip = nodeIp(node, family);
  if (ip === null) return;
  addAddress(host, eth0, ip, segment.prefixOf(ip), declared(at(node.locus, 'ip')));
  for (const route of segment.furtherRoutes)
    if (familyOf(route.prefix.address) === family && !links.some((link) => samePrefix(link, route.prefix)))
      addRoute(host, MAIN_TABLE, route);
  const via = segment.exit(ip);
  if (via !== null) addRoute(host, MAIN_TABLE, routeVia(DEFAULT_PREFIX[family], via, 'eth0', inferred(cluster.gateway?.locus ?? null)));
}

/** One with a table of its own leaves its link to the plugin that gives it one. */
function addFurtherNic(cluster: Cluster, host: NetnsBuilder, { device, address, table, locus }: FurtherNic, segment: SegmentPlan): HostNic {
  const origin = declared(locus);
  const nic = addNic(host, device, segment.segment, cluster.underlay.mtu, origin);
  const add = table === null ? addAddress : addAddressWithoutLink;
  add(host, nic, address, segment.prefixOf(address), origin);
  return { device, address, table, router: segment.exit(address), origin };
}

/**
 * The kernel takes a next hop only if it is on the link, which the node itself is not: with nodes in several prefixes on one switch, others
 * are not either. A node without an address of a family has none of its routes.
 */
function shareRoutes(host: NetnsBuilder, node: Node, cni: Cni, { routes }: BetweenNodes, links: readonly Prefix[]): void {
  const own = [...nodeIps(node), ...cni.devices(node, []).flatMap((d) => d.addresses.map((a) => a.address))];
  const isElsewhere = ({ via, onlink }: NextHop) => via === null || (!own.includes(via) && (onlink === true || isIn(links, via)));
  host.shared = routes;
  host.hidesShared = ({ prefix, nextHops }) => node.podCidrs.some((p) => samePrefix(prefix, p)) || !nextHops.every(isElsewhere);
}
