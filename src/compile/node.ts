import { addNic, finish, newNetns } from '../datapath/build.ts';
import type { NetnsBuilder } from '../datapath/builder.ts';
import { finishAsFound } from '../datapath/found/index.ts';
import { rulesFor } from '../datapath/found/rules.ts';
import { type RulesetBuilder, rulesetBuilder } from '../datapath/netfilter/builder.ts';
import type { Netns } from '../datapath/netns.ts';
import { type Cluster, cniOn } from '../k8s/cluster.ts';
import type { Cni, PodNetwork, PodRange } from '../k8s/cni.ts';
import { nicAddresses, nodeIps, prefixesIn } from '../k8s/families.ts';
import type { Node, ProxyModeName } from '../k8s/node.ts';
import type { Pod } from '../k8s/pod.ts';
import type { Proxier } from '../kube-proxy/mode.ts';
import { familyOf, type IpAddress, type IpFamily, LOOPBACK } from '../net/address.ts';
import { at, declared, inferred } from '../source/origin.ts';
import { programHostFirewall } from './firewall.ts';
import { isBesideNetfilter, recognisedOn } from './found-node.ts';
import { podNetwork } from './pod-network.ts';
import { policyPoints, unjudged } from './policy-points.ts';
import type { UnderlayNetwork } from './segment.ts';
import { socketBalancer } from './socket-balancer.ts';
import { nodeSockets } from './sockets.ts';
import { connectHost, type Links } from './uplink.ts';

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

/** A node that is being made, and its pods. */
interface Draft {
  readonly host: NetnsBuilder;
  readonly cni: Cni;
  readonly pods: readonly Pod[];
  readonly networks: readonly PodNetwork[];
  readonly rules: Readonly<Record<IpFamily, RulesetBuilder>>;
}

/** A node's namespace and those of its pods. */
export function compileNode(compiled: Compiled, node: Node): readonly Netns[] {
  const { cluster, underlay, nodePorts } = compiled;
  const { name, locus } = node;
  const cni = cniOn(cluster, name);
  const sockets = nodeSockets(node, cluster.hostPodsByNode.get(name) ?? [], nodePorts);
  const host = newNetns({ name, node: name, role: 'node' }, declared(locus), sockets, cluster.families);
  const eth0 = addNic(host, 'eth0', underlay.segment(node.segment).segment, cluster.underlay.mtu, declared(locus));
  const links = connectHost(cluster, underlay, node, cni, host, eth0);
  const pods = cluster.podsByNode.get(name) ?? [];
  const made = pods.map((pod) => ({ pod, network: podNetwork(cluster, pod, name) }));
  const networks = made.map(({ network }) => network);
  const draft: Draft = { host, cni, pods, networks, rules: { IPv4: rulesetBuilder(), IPv6: rulesetBuilder() } };
  program(compiled, node, draft, links);
  balanceSockets(cluster, node, draft);
  const machine = finished(cluster, node, draft);
  if (cluster.oneMachine !== null) machine.strangers = true;
  return [machine, ...made.map(({ pod, network }) => finish(network.builder, pod.overrides))];
}

/** The plugin's work, and kube-proxy's: its jumps of iptables come before those of others, whoever was first; tables of nft are as they came. */
function program(compiled: Compiled, node: Node, draft: Draft, { nics, between }: Links): void {
  const { families, masquerade, podCidrs: clusterCidrs, underlay, kubeProxy } = compiled.cluster;
  const { host, cni, pods, networks, rules } = draft;
  const { mode, running } = node.kubeProxy;
  const isAfter = kubeProxy.registered !== 'beforeCNI';
  const isOrderOpen = kubeProxy.registered === undefined;
  for (const family of running && isAfter && (mode === 'iptables' || mode === 'ipvs') ? families : []) {
    rules[family].iptablesLast();
    if (isOrderOpen) rules[family].lastMayBeFirst();
  }
  host.rules.push(...(cni.rules?.(node, pods) ?? []));
  if (mode !== 'nftables' || !isAfter) programProxy(compiled, node, draft);
  cni.program({
    builder: host,
    node,
    peers: between.peers,
    addresses: nodeIps(node),
    nics,
    segments: [...underlay.segments.values()].flatMap((s) => s.prefixes),
    ranges: rangesOf(node, families),
    pods: networks,
    rules,
    clusterCidrs,
    masquerade,
  });
  if (!running || mode !== 'nftables' || !isAfter) return;
  programProxy(compiled, node, draft);
  if (isOrderOpen) for (const family of families) rules[family].lastMayBeFirst();
}

function programProxy({ proxiers }: Compiled, node: Node, { host, cni, pods, rules }: Draft): void {
  const { mode, running } = node.kubeProxy;
  for (const { family, proxier } of running ? proxiers(mode) : []) {
    proxier.program({ ...node, interfaceAddresses: addressesOn(cni, node, pods, family) }, rules[family], host);
  }
}

function balanceSockets(cluster: Cluster, node: Node, { host, networks }: Draft): void {
  if (cluster.socketLb === null) return;
  const balancer = socketBalancer(cluster, node);
  const translated = cluster.socketLb.hostNamespaceOnly ? [] : networks.map((n) => n.builder);
  for (const { netns } of [host, ...translated]) netns.socketBalancer = balancer;
}

/** With what was found on it in the place of what was compiled, and the policies that hold there. */
function finished(cluster: Cluster, node: Node, { host, cni, pods, rules }: Draft): ReturnType<typeof finish> {
  const recognised = recognisedOn(node, host, cni, pods);
  const points = policyPoints(cluster, node.name);
  for (const family of cluster.families) {
    const judging = points === null || recognised === null ? points : unjudged(cluster, points, recognised.found, family);
    if (judging !== null) rules[family].policies(judging);
    if (node.firewall !== null) programHostFirewall(rules[family], family, node.firewall);
    if (recognised !== null) rules[family].found(rulesFor(recognised, family, isBesideNetfilter(cluster, cni)));
    host.rulesets[family] = rules[family].build();
  }
  return recognised === null ? finish(host, node.overrides) : finishAsFound(host, node.overrides, recognised);
}

/** The addresses that kube-proxy finds on the node's interfaces. */
function addressesOn(cni: Cni, node: Node, pods: readonly Pod[], family: IpFamily): readonly IpAddress[] {
  const planned = cni.devices(node, pods).flatMap((d) => d.addresses);
  const own = [...nicAddresses(node), ...[...planned, ...node.overrides.addresses].map((a) => a.address)];
  return [LOOPBACK[family], ...new Set(own.filter((a) => familyOf(a) === family))];
}

const rangesOf = ({ podCidrs, rangesAt, locus }: Node, families: readonly IpFamily[]): readonly PodRange[] => {
  const origin = rangesAt === null ? inferred(locus) : declared(at(locus, rangesAt));
  return families.flatMap((f) => prefixesIn(podCidrs, f).map((podCidr) => ({ podCidr, origin })));
};
