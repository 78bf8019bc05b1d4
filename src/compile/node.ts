import { cniPlugins } from '../cni/index.ts';
import type { PodNetwork, PodRange } from '../cni/plugin.ts';
import { addAddress, addNic, addRoute, finish, type NetnsBuilder, newNetns, routeVia } from '../datapath/build.ts';
import { MAIN_TABLE } from '../datapath/fib.ts';
import { type RulesetBuilder, rulesetBuilder } from '../datapath/netfilter/builder.ts';
import type { Rule } from '../datapath/netfilter/ruleset.ts';
import type { Netns, Nic, Socket } from '../datapath/netns.ts';
import { mergeOverrides } from '../datapath/overrides.ts';
import { BRIDGE_NF_CALL, FORWARDING } from '../datapath/sysctl.ts';
import type { Cluster, Node } from '../k8s/cluster.ts';
import { key, type Pod } from '../k8s/pod.ts';
import type { NodeProgram } from '../kube-proxy/mode.ts';
import { familyOf, type IpAddress, type IpFamily, LOOPBACK, nextAddress } from '../net/address.ts';
import { contains, DEFAULT_PREFIX, MULTICAST, samePrefix } from '../net/prefix.ts';
import { assumed, at, declared, inferred, type Origin } from '../source/origin.ts';
import { NIC_MTU } from './router.ts';
import type { UnderlayNetwork } from './segment.ts';

/** What all nodes of a cluster are made from. */
export interface Compiled {
  /** One an IP family: a kube-proxy of its own, and routes and rules of its own, on the same machines. */
  readonly stacks: readonly { readonly cluster: Cluster; readonly proxy: NodeProgram }[];
  readonly underlay: UnderlayNetwork;
  /** As `30080 tcp`. */
  readonly nodePorts: ReadonlySet<string>;
}

/** One family's view of one node. */
interface Stack {
  readonly cluster: Cluster;
  readonly proxy: NodeProgram;
  readonly node: Node;
  readonly rules: RulesetBuilder;
}

/** A node's namespace and those of its pods. */
export function compileNode({ stacks: all, underlay, nodePorts }: Compiled, name: string): readonly Netns[] {
  const stacks = all.flatMap(({ cluster, proxy }): Stack[] => {
    const node = cluster.nodes.get(name);
    return node === undefined ? [] : [{ cluster, proxy, node, rules: rulesetBuilder() }];
  });
  const [first] = stacks;
  if (first === undefined) throw new Error(`no node ${name}`);
  const { node, cluster } = first;
  const families = stacks.map((s) => s.cluster.family);
  const sockets = [
    ...podsOn(stacks, (c) => c.hostPodsByNode.get(name))
      .filter(([p]) => !p.socketsUnknown)
      .flatMap(([p]) => podSockets(p)),
    { ...anySocket(`a process on ${name}`, assumed(node.locus)), except: nodePorts },
  ];
  const host = newNetns(name, name, declared(node.locus), sockets, families);
  const eth0 = addNic(host, 'eth0', underlay.segment(node.segment).segment, NIC_MTU, declared(node.locus));
  for (const stack of stacks) program(stack, host, eth0, underlay);
  const pods = podsOn(stacks, (c) => c.podsByNode.get(name)).map((views) => ({ views, network: podNetwork(views) }));
  const ranges = stacks.map(
    ({ cluster: { family }, node: { podCidr, locus }, rules }): PodRange => ({
      family,
      podCidr,
      rules,
      origin: declared(at(locus, 'podCIDR')),
    }),
  );
  cniPlugins[cluster.cni.plugin].program({ builder: host, ranges, pods: pods.map((p) => p.network) }, cluster.cni);
  for (const { cluster: own, rules } of stacks) {
    if (own.masquerade !== null) masquerade(rules, own, own.masquerade);
    host.rulesets[own.family] = rules.build();
  }
  return [
    finish(host, mergeOverrides(stacks.map((s) => s.node.overrides))),
    ...pods.map(({ views, network }) => finish(network.builder, mergeOverrides(views.map((v) => v.overrides)))),
  ];
}

type Views<T> = readonly [T, ...T[]];

/** The pods of a node, each as every family that it has sees it, in file order. */
function podsOn(stacks: readonly Stack[], list: (cluster: Cluster) => readonly Pod[] | undefined): readonly Views<Pod>[] {
  const [first, second] = stacks.map((s) => list(s.cluster) ?? []);
  if (second === undefined) return (first ?? []).map((p) => [p]);
  const twice = new Map<string, Views<Pod>>((first ?? []).map((p) => [key(p), [p]]));
  for (const pod of second) {
    const known = twice.get(key(pod));
    twice.set(key(pod), known === undefined ? [pod] : [...known, pod]);
  }
  return [...twice.values()];
}

/** kube-proxy and the way to the other machines, in one family. */
function program({ cluster, proxy, node, rules }: Stack, host: NetnsBuilder, eth0: Nic, underlay: UnderlayNetwork): void {
  usualSysctls(host, cluster.family);
  if (node.kubeProxy.running) proxy.program(node, addressesOf(node), rules, host.sysctls);
  connectToUnderlay(cluster, node, host, eth0, underlay);
}

/** What kube-proxy finds on the node's interfaces. */
const addressesOf = ({ ip: own, podCidr, overrides: stated }: Node): readonly IpAddress[] => [
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

function connectToUnderlay(cluster: Cluster, node: Node, host: NetnsBuilder, eth0: Nic, underlay: UnderlayNetwork): void {
  const segment = underlay.segment(node.segment);
  const prefix = segment.prefixOf(node.ip);
  addAddress(host, eth0, node.ip, prefix, declared(at(node.locus, 'ip')));
  host.shared = segment.podRoutes;
  // The kernel takes a next hop only if it is on the link: with nodes in several prefixes on one switch, some are not.
  const onLink = (via: IpAddress) => contains(prefix, via);
  const hides = host.hidesShared;
  host.hidesShared = (route) => {
    if (familyOf(route.prefix.address) !== cluster.family) return hides(route);
    return samePrefix(route.prefix, node.podCidr) || !route.nextHops.every((n) => n.via === null || onLink(n.via));
  };
  for (const route of segment.furtherRoutes) if (familyOf(route.prefix.address) === cluster.family) addRoute(host, MAIN_TABLE, route);
  const way = segment.wayTo(cluster.family, cluster.gateway?.segment ?? null);
  const via = way === 'here' ? (cluster.gateway?.ip ?? null) : way;
  if (cluster.gateway !== null && via !== null && onLink(via))
    addRoute(host, MAIN_TABLE, routeVia(DEFAULT_PREFIX[cluster.family], via, 'eth0', inferred(cluster.gateway.locus)));
}

function podNetwork(views: Views<Pod>): PodNetwork {
  const [pod] = views;
  const origin = declared(pod.locus);
  const families = views.map((v) => familyOf(v.ip));
  const builder = newNetns(key(pod), pod.node, origin, podSockets(pod), families);
  for (const family of families) builder.sysctls.set(FORWARDING[family], { value: 1, origin: inferred(null) });
  const portMappings = pod.containers.flatMap((c) =>
    c.ports.flatMap(({ host, port, protocol }) =>
      host === null ? [] : [{ hostPort: host.port, hostIp: host.ip, containerPort: port, protocol, origin: declared(host.locus) }],
    ),
  );
  return { builder, addresses: views.map((v) => ({ address: v.ip, origin: v.ipOrigin })), vethName: pod.veth, portMappings, origin };
}

/** A pod that says nothing of its containers may listen on anything; one that does listens on what it states. */
function podSockets(pod: Pod): readonly Socket[] {
  if (pod.socketsUnknown) return [anySocket(`a process of ${pod.name}`, assumed(pod.locus))];
  return pod.containers.flatMap((container) => {
    const process = `${container.name}@${pod.name}`;
    const ports = container.ports.map(
      ({ port, protocol, locus }): Socket => ({ protocol, address: null, port, process, origin: declared(locus) }),
    );
    const listen = container.listen.map(
      ({ address, family, port, protocol, locus }): Socket => ({
        protocol,
        address,
        ...(family === null ? {} : { family }),
        port,
        process,
        origin: declared(locus),
      }),
    );
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
