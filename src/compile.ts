import { cniPlugins } from './cni/index.ts';
import type { PodNetwork } from './cni/plugin.ts';
import { addAddress, addNic, addRoute, finish, type NetnsBuilder, newNetns, routeVia } from './datapath/build.ts';
import { MAIN_TABLE } from './datapath/fib.ts';
import type { Rule } from './datapath/netfilter.ts';
import type { Datapath, Netns, Socket } from './datapath/netns.ts';
import { type RulesetBuilder, rulesetBuilder } from './datapath/ruleset-builder.ts';
import { BRIDGE_NF_CALL, FORWARDING } from './datapath/sysctl.ts';
import type { Cluster, Node } from './k8s/cluster.ts';
import { key, type Pod } from './k8s/pod.ts';
import { proxyModes } from './kube-proxy/index.ts';
import type { NodeProgram } from './kube-proxy/mode.ts';
import { familyOf, type IpAddress, type IpFamily, LOOPBACK, nextAddress } from './net/address.ts';
import { contains, DEFAULT_PREFIX, MULTICAST, samePrefix } from './net/prefix.ts';
import { assumed, at, declared, inferred, type Origin } from './origin.ts';
import { compileUnderlay, type UnderlayNetwork } from './underlay.ts';
import { NIC_MTU } from './underlay-machine.ts';

/** Kubernetes nouns into Linux nouns. A node, with its pods, is compiled when somebody first asks for one of its namespaces. */
export function compile(cluster: Cluster): Datapath {
  const made = new Map<string, Netns>();
  const proxy = proxyModes[cluster.kubeProxy.mode].compile(cluster);
  const underlay = compileUnderlay(cluster, (name) => datapath.netns(name));
  const taken = nodePortsOf(cluster);
  const datapath: Datapath = {
    netns(name) {
      const known = made.get(name);
      if (known !== undefined) return known;
      const node = cluster.nodes.get(name) ?? cluster.nodes.get(cluster.pods.get(name)?.node ?? '');
      if (node === undefined) {
        const other = underlay.netns(name);
        if (other !== undefined) made.set(name, other);
        return other;
      }
      for (const netns of compileNode(cluster, node, underlay, proxy, taken)) made.set(netns.name, netns);
      return made.get(name);
    },
  };
  return datapath;
}

/** Nobody listens on these by chance: whoever calls one wants the service, and on most nodes a listener would never be called. */
function nodePortsOf({ services }: Cluster): ReadonlySet<string> {
  const ports = [...services.values()].flatMap((s) => s.ports.flatMap((p) => (p.nodePort === null ? [] : [`${p.nodePort} ${p.protocol}`])));
  return new Set(ports);
}

function compileNode(
  cluster: Cluster,
  node: Node,
  underlay: UnderlayNetwork,
  proxy: NodeProgram,
  nodePorts: ReadonlySet<string>,
): readonly Netns[] {
  const host = newNetns(
    node.name,
    node.name,
    declared(node.locus),
    [
      ...(cluster.hostPodsByNode.get(node.name) ?? []).filter((p) => !p.listensOnAnything).flatMap(podSockets),
      { ...anySocket(`a process on ${node.name}`, assumed(node.locus)), except: nodePorts },
    ],
    [cluster.family],
  );
  usualSysctls(host, cluster.family);
  const rules = rulesetBuilder();
  if (node.kubeProxy.running) proxy.program(node, addressesOf(node), rules, host.sysctls);
  connectToUnderlay(cluster, node, host, underlay);
  const pods = (cluster.podsByNode.get(node.name) ?? []).map((pod) => ({ pod, network: podNetwork(pod) }));
  const podCidrOrigin = declared(at(node.locus, 'podCIDR'));
  cniPlugins[cluster.cni.plugin].program(
    { builder: host, rules, podCidr: node.podCidr, podCidrOrigin, pods: pods.map((p) => p.network) },
    cluster.cni,
  );
  if (cluster.masquerade !== null) masquerade(rules, cluster, cluster.masquerade);
  host.rulesets[cluster.family] = rules.build();
  return [finish(host, node.stated), ...pods.map(({ pod, network }) => finish(network.builder, pod.stated))];
}

/** What kube-proxy finds on the node's interfaces. */
const addressesOf = ({ ip: own, podCidr, stated }: Node): readonly IpAddress[] => [
  LOOPBACK[familyOf(own)],
  own,
  nextAddress(podCidr.address),
  ...stated.addresses.map((a) => a.address),
];

/** What a Kubernetes node usually has; what a topology states wins. */
function usualSysctls(host: NetnsBuilder, family: IpFamily): void {
  const usual = (name: string, value: number) => host.sysctls.set(name, { value, origin: inferred(null) });
  usual(FORWARDING[family], 1);
  usual(BRIDGE_NF_CALL[family], 1);
}

function anySocket(process: string, origin: Origin): Socket {
  return { protocol: null, address: null, port: null, process, origin };
}

function connectToUnderlay(cluster: Cluster, node: Node, host: NetnsBuilder, underlay: UnderlayNetwork): void {
  const segment = underlay.segment(node.segment);
  const origin = declared(node.locus);
  const prefix = segment.prefixOf(node.ip);
  const eth0 = addNic(host, 'eth0', segment.segment, NIC_MTU, origin);
  addAddress(host, eth0, node.ip, prefix, declared(at(node.locus, 'ip')));
  host.shared = segment.podRoutes;
  // The kernel takes a next hop only if it is on the link: with nodes in several prefixes on one switch, some are not.
  const onLink = (via: IpAddress) => contains(prefix, via);
  host.hidesShared = (route) => samePrefix(route.prefix, node.podCidr) || !route.nextHops.every((n) => n.via === null || onLink(n.via));
  for (const route of segment.furtherRoutes) addRoute(host, MAIN_TABLE, route);
  const way = segment.wayTo(cluster.gateway?.segment ?? null);
  const via = way === 'here' ? (cluster.gateway?.ip ?? null) : way;
  if (cluster.gateway !== null && via !== null && onLink(via))
    addRoute(host, MAIN_TABLE, routeVia(DEFAULT_PREFIX[familyOf(via)], via, 'eth0', inferred(cluster.gateway.locus)));
}

function podNetwork(pod: Pod): PodNetwork {
  const origin = declared(pod.locus);
  const family = familyOf(pod.ip);
  const builder = newNetns(key(pod), pod.node, origin, podSockets(pod), [family]);
  builder.sysctls.set(FORWARDING[family], { value: 1, origin: inferred(null) });
  const portMappings = pod.containers.flatMap((c) =>
    c.ports.flatMap(({ host, port, protocol }) =>
      host === null ? [] : [{ hostPort: host.port, hostIp: host.ip, containerPort: port, protocol, origin: declared(host.locus) }],
    ),
  );
  return { builder, address: pod.ip, addressOrigin: pod.ipOrigin, vethName: pod.veth, portMappings, origin };
}

/** A pod that says nothing of its containers may listen on anything; one that does listens on what it states. */
function podSockets(pod: Pod): readonly Socket[] {
  if (pod.listensOnAnything) return [anySocket(`a process of ${pod.name}`, assumed(pod.locus))];
  return pod.containers.flatMap((container) => {
    const process = `${container.name}@${pod.name}`;
    const ports = container.ports.map(({ port, protocol, locus }) => ({ protocol, address: null, port, process, origin: declared(locus) }));
    const listen = container.listen.map(({ address, port, protocol, locus }) => ({
      protocol,
      address,
      port,
      process,
      origin: declared(locus),
    }));
    return [...ports, ...listen];
  });
}

/**
 * Pods' packets to anywhere but the excluded ranges get the node's address, in the shape of flannel's rules. kube-proxy's jump comes
 * before these, because it prepends.
 */
function masquerade(rules: RulesetBuilder, cluster: Cluster, { nonMasqueradeCidrs, origin }: NonNullable<Cluster['masquerade']>): void {
  const fromPods = { kind: 'source', prefix: cluster.podCidr, negated: false } as const;
  const rule = (matches: Rule['matches'], target: Rule['target'], comment: string): Rule => ({ matches, target, comment, origin });
  rules.append('nat', 'POSTROUTING', rule([], { kind: 'jump', chain: 'POD-MASQUERADE' }, 'masquerade what pods send out of their range'));
  rules.append(
    'nat',
    'POD-MASQUERADE',
    ...nonMasqueradeCidrs.map((prefix) =>
      rule([fromPods, { kind: 'destination', prefix, negated: false }], { kind: 'RETURN' }, 'destinations that may see pod addresses'),
    ),
    rule(
      [fromPods, { kind: 'destination', prefix: MULTICAST[cluster.family], negated: true }],
      { kind: 'MASQUERADE', randomFully: true },
      'leaves the pod range',
    ),
  );
}
