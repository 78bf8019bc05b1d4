import { addressIndex, nodeAt, podRangeAt, sharedBy } from '../k8s/address-index.ts';
import { type Cluster, cniOn } from '../k8s/cluster.ts';
import type { Network } from '../k8s/compiled-network.ts';
import { nodeIps, prefixesIn } from '../k8s/families.ts';
import { hasNodeState } from '../k8s/found-on.ts';
import { type Node, zoneOf } from '../k8s/node.ts';
import { key, type Pod } from '../k8s/pod.ts';
import { foreignPoliciesOn } from '../k8s/policy/foreign.ts';
import { familyOf, type IpAddress, isPrivate } from '../net/address.ts';
import { contains, isHostPrefix, lastAddress, type Prefix } from '../net/prefix.ts';
import { isOutside } from '../query/outside.ts';
import { numberOf } from '../reach/traits.ts';
import { type Mentions, mentionsOf, statedIn } from './mentions.ts';
import { Numbers } from './numbers.ts';
import { specialRange } from './outside.ts';

/**
 * Nodes and pods that differ in names and addresses only, as far as a packet's way goes: what one of a class gets, each of it gets. Whatever the input
 * states of one alone, or says of it elsewhere, puts it into a class of its own; so does any doubt.
 */
export interface PathClasses {
  node(node: Node): number;
  pod(pod: Pod): number;
  /** Of a machine outside: what blocks of policies tell apart is one class. */
  outside(address: IpAddress): number;
  /** Ports at which a rule may begin or end. */
  readonly ports: readonly number[];
}

export function pathClasses({ cluster, datapath }: Network): PathClasses {
  const numbers = new Numbers();
  const stated = statedIn(cluster);
  const coarse = mentionsOf(stated, []);
  const samples = new Map([...cluster.nodes.values()].map((node) => [nodeTraits(cluster, coarse, node), node.name] as const));
  const found = mentionsOf(
    stated,
    [...samples.values()].flatMap((name) => datapath.netns(name) ?? []),
  );
  const nodes = new Map([...cluster.nodes.values()].map((node) => [node, numbers.of(`node ${nodeTraits(cluster, found, node)}`)] as const));
  const pods = new Map<Pod, number>();
  for (const pod of cluster.pods.values()) {
    const node = pod.node === null ? undefined : cluster.nodes.get(pod.node);
    const place = node === undefined ? '' : `${nodes.get(node)}${isTouched(node) ? ` ${node.name}` : ''}`;
    pods.set(pod, numbers.of(`pod ${place} ${podTraits(cluster, found, pod, node)}`));
  }
  return {
    node: (node) => nodes.get(node) ?? 0,
    pod: (pod) => pods.get(pod) ?? 0,
    outside: (address) => numbers.of(`outside ${outsideTraits(cluster, found, address)}`),
    ports: found.ports,
  };
}

/** Is something stated of devices or neighbours, which the pods' ends of links are among? */
const isTouched = ({ found, overrides: { devices, neighbours, fdb, rules, routes } }: Node): boolean =>
  found !== null || devices.size + neighbours.length + fdb.length + rules.length + routes.length > 0;

function nodeTraits(cluster: Cluster, found: Mentions, node: Node): string {
  const { name, addresses, podCidrs, segment, kubeProxy, nics, tunnel, firewall } = node;
  const prefixes = cluster.underlay.segments.get(segment)?.prefixes ?? [];
  const ips = addresses.flatMap((a) => (a.type === 'Hostname' ? [] : [a]));
  const isOdd =
    hasOwn(node) ||
    nics.length > 0 ||
    tunnel !== null ||
    firewall !== null ||
    hasNodeState(cluster) ||
    found.names(name) ||
    overlapping(cluster).has(node) ||
    nodeIps(node).some((a) => nodeAt(cluster, a) !== node || !prefixes.some((p) => contains(p, a) && !isAtEnd(p, a)));
  return JSON.stringify([
    isOdd ? name : '',
    numberOf(cniOn(cluster, name)),
    segment,
    kubeProxy.running,
    kubeProxy.mode,
    kubeProxy.origin.evidence,
    hasHints(cluster) ? zoneOf(node) : '',
    ips.map(({ type, address }) => [type, ...addressTraits(cluster, found, address)]),
    podCidrs.map((range) => [familyOf(range.address), range.length, found.of(range.address), found.within(range)]),
    node.rangesAt === null,
    cluster.podsByNode.has(name),
  ]);
}

const OVERLAPPING = new WeakMap<Cluster, ReadonlySet<Node>>();

/** Nodes with a range that is another's, too, in part at least. */
function overlapping(cluster: Cluster): ReadonlySet<Node> {
  const known = OVERLAPPING.get(cluster);
  if (known !== undefined) return known;
  const found = new Set<Node>();
  for (const family of cluster.families) {
    const ranges = [...cluster.nodes.values()].flatMap((node) => prefixesIn(node.podCidrs, family).map((range) => ({ node, range })));
    ranges.sort((a, b) =>
      a.range.address < b.range.address ? -1 : a.range.address > b.range.address ? 1 : a.range.length - b.range.length,
    );
    let widest = ranges[0];
    for (const one of ranges.slice(1)) {
      if (widest !== undefined && contains(widest.range, one.range.address)) {
        if (widest.node !== one.node) found.add(widest.node).add(one.node);
      } else widest = one;
    }
  }
  OVERLAPPING.set(cluster, found);
  return found;
}

/** The addresses of the network itself, and of all on it. */
const isAtEnd = (range: Prefix, address: IpAddress): boolean =>
  !isHostPrefix(range) && (range.address === address || lastAddress(range) === address);

/** Is a node's range that of a link? Of blocks, and where pods are only routed to, pods have every address. */
function isOnLink(cluster: Cluster, { name }: Node): boolean {
  const { ranges, blocks } = cniOn(cluster, name);
  return ranges && blocks === undefined;
}

function hasOwn({ overrides: o }: Node | Pod): boolean {
  const lists = [o.routes, o.removedRoutes, o.rules, o.removedRules, o.addresses, o.neighbours, o.fdb];
  return o.sysctls.size + o.devices.size > 0 || lists.some((l) => l.length > 0);
}

const HINTS = new WeakMap<Cluster, boolean>();

/** Do zones matter? */
function hasHints(cluster: Cluster): boolean {
  const known =
    HINTS.get(cluster) ?? [...cluster.services.values()].some((s) => s.ports.some((p) => p.endpoints.some((e) => e.hints !== null)));
  HINTS.set(cluster, known);
  return known;
}

/** The translation of one address at the gateway is nobody else's. */
function addressTraits({ gateway }: Cluster, found: Mentions, address: IpAddress): readonly unknown[] {
  const translated = gateway?.nat.flatMap((n) => (n.private === address || n.public === address ? [n] : [])) ?? [];
  return [
    familyOf(address),
    isPrivate(address),
    found.of(address),
    ...translated.map((n) => [n.private === address, found.of(n.private), found.of(n.public)]),
  ];
}

/** A client that the input names is itself. */
const outsideTraits = (cluster: Cluster, found: Mentions, address: IpAddress): string =>
  hasNodeState(cluster) || cluster.outside.some(({ ips }) => ips.includes(address))
    ? `${address}`
    : JSON.stringify([...addressTraits(cluster, found, address), isOutside(cluster, address), specialRange(address)]);

function podTraits(cluster: Cluster, found: Mentions, pod: Pod, node: Node | undefined): string {
  const { hostNetwork, phase, halted, ips, nic, veth, containers } = pod;
  const isOdd = hasNodeState(cluster) || hasOwn(pod) || found.names(key(pod)) || found.names(pod.name) || found.names(veth);
  const hostPorts = containers.flatMap((c) =>
    c.ports.flatMap((p) => (p.host === null ? [] : [[p.host.port, p.protocol, p.port, p.host.ip === null ? '' : `${p.host.ip}`]])),
  );
  return JSON.stringify([
    isOdd ? key(pod) : '',
    hostNetwork,
    phase,
    halted,
    nic,
    ips.map(({ address, origin }) => [
      ...addressTraits(cluster, found, address),
      hostNetwork ? '' : rangeTraits(cluster, address, node, pod),
      origin.evidence,
    ]),
    hostPorts,
    cluster.foreignPolicies.length === 0
      ? ''
      : (['ingress', 'egress'] as const).map((direction) => foreignPoliciesOn(cluster, pod, direction).map(numberOf)),
  ]);
}

/** In its own node's range, in none, or, which is odd, in another's; an address of several pods is odd too. */
function rangeTraits(cluster: Cluster, address: IpAddress, node: Node | undefined, pod: Pod): string {
  const { pods, nodes, services, furtherNodeAddresses } = addressIndex(cluster);
  const isTaken = nodes.has(address) || services.has(address) || furtherNodeAddresses.has(address);
  if (isTaken || sharedBy(cluster, address).length > 0 || pods.get(address) !== pod) return key(pod);
  const range = podRangeAt(cluster, address);
  if (range === null) return 'none';
  if (range.node !== node || (isOnLink(cluster, node) && isAtEnd(range.podCidr, address))) return key(pod);
  return `${node.podCidrs.indexOf(range.podCidr)}`;
}
