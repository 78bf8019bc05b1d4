import { addAddress, addAddressWithoutLink } from '../datapath/add-address.ts';
import { addNic, finish, newNetns } from '../datapath/build.ts';
import { addRoute, type NetnsBuilder, routeVia } from '../datapath/builder.ts';
import { MAIN_TABLE } from '../datapath/fib.ts';
import { finishAsFound } from '../datapath/found/index.ts';
import { recognise } from '../datapath/found/names.ts';
import { rulesFor } from '../datapath/found/rules.ts';
import { type FoundState, NOTHING_FOUND } from '../datapath/found-state.ts';
import { rulesetBuilder } from '../datapath/netfilter/builder.ts';
import type { Netns, Nic } from '../datapath/netns.ts';
import type { NextHop } from '../datapath/route.ts';
import { BRIDGE_NF_CALL, FORWARDING } from '../datapath/sysctl.ts';
import { type Cluster, cniOn } from '../k8s/cluster.ts';
import type { BetweenNodes, Cni, HostNic, PodNetwork, PodRange } from '../k8s/cni.ts';
import { nicAddresses, nodeIp, nodeIps, prefixesIn } from '../k8s/families.ts';
import { UNKNOWN_MODE } from '../k8s/guessed-proxy.ts';
import type { FurtherNic, Node, ProxyModeName } from '../k8s/node.ts';
import { key, type Pod } from '../k8s/pod.ts';
import type { Proxier } from '../kube-proxy/mode.ts';
import { familyOf, type IpAddress, type IpFamily, LOOPBACK } from '../net/address.ts';
import { contains, DEFAULT_PREFIX, type Prefix, samePrefix } from '../net/prefix.ts';
import { at, declared, inferred } from '../source/origin.ts';
import { programHostFirewall } from './firewall.ts';
import { policyPoints, unjudged } from './policy-points.ts';
import type { SegmentPlan, UnderlayNetwork } from './segment.ts';
import { socketBalancer } from './socket-balancer.ts';
import { nodeSockets, podSockets } from './sockets.ts';

/** kube-proxy in each family. */
export type Proxiers = readonly { readonly family: IpFamily; readonly proxier: Proxier }[];

/** The parts that all nodes of a cluster are made from. */
export interface Compiled {
  readonly cluster: Cluster;
  proxiers(mode: ProxyModeName): Proxiers;
  readonly underlay: UnderlayNetwork;
  /** As `30080 tcp`. */
  readonly nodePorts: ReadonlySet<string>;
}

/** A node's namespace and those of its pods. */
export function compileNode({ cluster, proxiers, underlay, nodePorts }: Compiled, node: Node): readonly Netns[] {
  const { name, locus } = node;
  const { families, masquerade, podCidrs: clusterCidrs } = cluster;
  const cni = cniOn(cluster, name);
  const pods = cluster.podsByNode.get(name) ?? [];
  const segment = underlay.segment(node.segment);
  const host = newNetns(
    { name, node: name, role: 'node' },
    declared(locus),
    nodeSockets(node, cluster.hostPodsByNode.get(name) ?? [], nodePorts),
    families,
  );
  const eth0 = addNic(host, 'eth0', segment.segment, cluster.underlay.mtu, declared(locus));
  const links = node.nics.flatMap((n) => (n.table === null ? [underlay.segment(n.segment).prefixOf(n.address)] : []));
  const rules = { IPv4: rulesetBuilder(), IPv6: rulesetBuilder() };
  const { mode, running } = node.kubeProxy;
  const { registered } = cluster.kubeProxy;
  const isAfter = registered !== 'beforeCNI';
  const proxy = () => {
    if (running)
      for (const { family, proxier } of proxiers(mode))
        proxier.program({ ...node, interfaceAddresses: addressesOn(cni, node, pods, family) }, rules[family], host);
  };
  for (const family of families) {
    usualSysctls(host, family);
    if (running && isAfter && (mode === 'iptables' || mode === 'ipvs')) {
      rules[family].iptablesLast();
      if (registered === undefined) rules[family].lastMayBeFirst();
    }
    connectToUnderlay(cluster, node, family, { host, eth0, segment, links });
  }
  const nics = node.nics.map((nic) => addFurtherNic(cluster, host, nic, underlay.segment(nic.segment)));
  const ownLinks = nodeIps(node).map(segment.prefixOf);
  const between = segment.between(cni, ownLinks);
  shareRoutes(host, node, cni, between, ownLinks);
  host.rules.push(...(cni.rules?.(node, pods) ?? []));
  const networks = pods.map((pod) => ({ pod, network: podNetwork(cluster, pod, name) }));
  // kube-proxy's jumps of iptables come before those of others, whoever was first; tables of nft are as they came.
  if (mode !== 'nftables' || !isAfter) proxy();
  cni.program({
    builder: host,
    node,
    peers: between.peers,
    addresses: nodeIps(node),
    nics,
    segments: [...cluster.underlay.segments.values()].flatMap((s) => s.prefixes),
    ranges: rangesOf(node, families),
    pods: networks.map((n) => n.network),
    rules,
    clusterCidrs,
    masquerade,
  });
  if (running && mode === 'nftables' && isAfter) {
    proxy();
    if (registered === undefined) for (const family of families) rules[family].lastMayBeFirst();
  }
  if (cluster.socketLb !== null) {
    const balancer = socketBalancer(cluster, node);
    const translated = cluster.socketLb.hostNamespaceOnly ? [] : networks.map((n) => n.network.builder);
    for (const { netns } of [host, ...translated]) netns.socketBalancer = balancer;
  }
  const recognised =
    node.found === null
      ? null
      : recognise(host, node.found, madeUpNames(cni, pods), cni.routesByProgram === true ? withoutWays(node.found) : node.found);
  const points = policyPoints(cluster, name);
  for (const family of families) {
    const judging = points === null || recognised === null ? points : unjudged(cluster, points, recognised.found, family);
    if (judging !== null) rules[family].policies(judging);
    if (node.firewall !== null) programHostFirewall(rules[family], family, node.firewall);
    if (recognised !== null) rules[family].found(rulesFor(recognised, family, isBesideNetfilter(cluster, cni)));
    host.rulesets[family] = rules[family].build();
  }
  const machine = recognised === null ? finish(host, node.overrides) : finishAsFound(host, node.overrides, recognised);
  if (cluster.oneMachine !== null) machine.strangers = true;
  return [machine, ...networks.map(({ pod, network }) => finish(network.builder, pod.overrides))];
}

/** A name that counts pods is none that a plugin gives: a real one is random. */
function madeUpNames({ hostEnd }: Cni, pods: readonly Pod[]): ReadonlySet<string> {
  return new Set(pods.flatMap((pod) => (hostEnd(pod, 0) === hostEnd(pod, 1) ? [] : pods.map((_, nth) => hostEnd(pod, nth)))));
}

/** Does something else than kube-proxy do services, in the place of rules? */
const isBesideNetfilter = ({ kubeProxy: { guess } }: Cluster, { replacesProxy }: Cni): boolean =>
  replacesProxy === true || (guess !== null && guess.name !== UNKNOWN_MODE);

/** Programs take packets by other ways than the devices and the routes of a node show: these are as they are compiled. */
const withoutWays = (found: FoundState): FoundState => {
  const { links, addresses, neighbours, fdb, routes, areAllTables, rules } = NOTHING_FOUND;
  return { ...found, links, addresses, neighbours, fdb, routes, areAllTables, rules };
};

/** The sysctls of a Kubernetes node that the input states no others of. */
function usualSysctls(host: NetnsBuilder, family: IpFamily): void {
  for (const name of [FORWARDING[family], BRIDGE_NF_CALL[family]]) host.sysctls.set(name, { value: 1, origin: inferred(null) });
}

/** The addresses that kube-proxy finds on the node's interfaces. */
function addressesOn(cni: Cni, node: Node, pods: readonly Pod[], family: IpFamily): readonly IpAddress[] {
  const planned = cni.devices(node, pods).flatMap((d) => d.addresses);
  const own = [...nicAddresses(node), ...[...planned, ...node.overrides.addresses].map((a) => a.address)];
  return [LOOPBACK[family], ...new Set(own.filter((a) => familyOf(a) === family))];
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

const rangesOf = ({ podCidrs, rangesAt, locus }: Node, families: readonly IpFamily[]): readonly PodRange[] => {
  const origin = rangesAt === null ? inferred(locus) : declared(at(locus, rangesAt));
  return families.flatMap((f) => prefixesIn(podCidrs, f).map((podCidr) => ({ podCidr, origin })));
};

function podNetwork(cluster: Cluster, pod: Pod, node: string): PodNetwork {
  const { families } = cluster;
  const origin = declared(pod.locus);
  const addresses = families.flatMap((f) => pod.ips.filter((i) => familyOf(i.address) === f));
  const own = addresses.map((a) => familyOf(a.address));
  const builder = newNetns({ name: key(pod), node, role: 'pod' }, origin, podSockets(pod, cluster), own);
  for (const family of own) builder.sysctls.set(FORWARDING[family], { value: 1, origin: inferred(null) });
  const portMappings = pod.containers.flatMap((c) =>
    c.ports.flatMap(({ host, port, protocol }) =>
      host === null ? [] : [{ hostPort: host.port, hostIp: host.ip, containerPort: port, protocol, origin: declared(host.locus) }],
    ),
  );
  return { builder, addresses, vethName: pod.veth, nic: pod.nic, portMappings, origin };
}
