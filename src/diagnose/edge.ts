import type { EdgeHop, FilterHop, Hop, NatHop, RouteHop } from '../hop/hop.ts';
import { nodeAt } from '../k8s/address-index.ts';
import type { Cluster } from '../k8s/cluster.ts';
import { key } from '../k8s/pod.ts';
import type { Service } from '../k8s/service.ts';
import type { Locus } from '../source/origin.ts';
import type { FlowPath } from '../walk/flow.ts';
import type { Walk } from '../walk/walk.ts';
import { decisionsOf } from './firewall.ts';

const GATEWAY = 'gateway';

/**
 * The hops of the gateway, of firewalls and of load balancers by their names: what the kernel there does as NAT, routes and filters. No
 * header changes by this.
 */
export function atTheEdge(cluster: Cluster, path: FlowPath): FlowPath {
  if (cluster.gateway === null && cluster.underlay.firewall === null) return path;
  const retold = (walk: Walk | null) => (walk === null ? null : edgeHops(cluster, walk));
  return { ...path, forward: edgeHops(cluster, path.forward), reply: retold(path.reply), ack: retold(path.ack), data: retold(path.data) };
}

function edgeHops(cluster: Cluster, walk: Walk): Walk {
  const isEdge = (h: Hop) => h.netns === GATEWAY || (h.kind === 'filter' && decides(cluster, h));
  return walk.hops.some(isEdge) ? { ...walk, hops: walk.hops.flatMap((hop, i) => hopsFor(cluster, walk.hops, hop, i)) } : walk;
}

/** The rules of a firewall's machine begin with one for known connections, which stands in no list. */
const decides = ({ underlay }: Cluster, { hook, table, netns }: FilterHop) =>
  table === 'filter' && hook === 'FORWARD' && (netns === GATEWAY || underlay.routers.some((r) => r.name === netns));

function hopsFor(cluster: Cluster, hops: readonly Hop[], hop: Hop, i: number): readonly Hop[] {
  if (hop.kind === 'filter' && decides(cluster, hop)) return [firewallHop(cluster, hop)];
  if (hop.netns !== GATEWAY) return [hop];
  if (hop.kind === 'nat') return [translated(cluster, hop)];
  if (hop.kind === 'route') return [...handedOn(cluster, hop), hop];
  if (hop.kind === 'skip') return [];
  return hop.kind === 'interface' && hop.direction === 'in' && passesOnly(cluster, hops, i) ? [hop, passing(hop)] : [hop];
}

function firewallHop(cluster: Cluster, hop: FilterHop): EdgeHop {
  const { verdict } = hop;
  const decisions = decisionsOf(cluster, hop.steps);
  return { ...hop, kind: 'firewall', verdict: verdict === 'MARK' ? 'ACCEPT' : verdict, decisions };
}

/** The gateway's own NAT, or that of a load balancer with it. */
function translated(cluster: Cluster, hop: NatHop): EdgeHop {
  const service = balancedService(cluster, hop.origin.locus);
  if (service !== null) return { ...hop, kind: 'load-balancer', service: key(service), nodes: nodesOf(cluster, hop) };
  const towards = hop.action === 'snat' || hop.action === 'un-dnat' ? 'outside' : 'inside';
  return { ...hop, kind: 'gateway', towards };
}

/** Those that its rules choose from. */
function nodesOf(cluster: Cluster, { steps, misses }: NatHop): readonly string[] {
  const targets = [...steps, ...misses].flatMap(({ rule }) => (rule.target?.kind === 'DNAT' ? [rule.target.address] : []));
  const nodes = new Set(targets.map((address) => nodeAt(cluster, address)));
  return [...cluster.nodes.values()].filter((n) => nodes.has(n)).map((n) => n.name);
}

/** A load balancer that hands packets on as they are is a route. */
function handedOn(cluster: Cluster, hop: RouteHop): readonly Hop[] {
  const service = balancedService(cluster, hop.route.origin.locus);
  if (service === null) return [];
  const nodes = hop.route.nextHops.flatMap(({ via }) => (via === null ? null : nodeAt(cluster, via))?.name ?? []);
  return [{ ...before(hop), kind: 'load-balancer', service: key(service), action: 'hand-on', nodes, steps: [], misses: [] }];
}

function balancedService(cluster: Cluster, locus: Locus | null): Service | null {
  if (locus === null) return null;
  for (const service of cluster.services.values()) if (service.loadBalancerIngress.some((i) => i.locus === locus)) return service;
  return null;
}

/** The packet as it was before a hop that changes its TTL. */
function before({ node, netns, device, packet, mark, changes, origin }: Hop) {
  const ttl = changes.find((c) => c.field === 'ttl')?.from;
  return { node, netns, device, packet: typeof ttl === 'number' ? { ...packet, ttl } : packet, mark, changes: [], origin };
}

/** Does this visit leave by the other side without being translated or balanced? */
function passesOnly(cluster: Cluster, hops: readonly Hop[], start: number): boolean {
  const [came, ...rest] = hops.slice(start);
  const until = rest.findIndex((h) => h.netns !== GATEWAY);
  const visit = until === -1 ? rest : rest.slice(0, until);
  const handed = (h: Hop) => h.kind === 'nat' || (h.kind === 'route' && balancedService(cluster, h.route.origin.locus) !== null);
  return visit.some((h) => h.kind === 'interface' && h.device !== came?.device) && !visit.some(handed);
}

function passing(hop: Hop): EdgeHop {
  return { ...before(hop), kind: 'gateway', action: 'pass', towards: hop.device === 'wan0' ? 'inside' : 'outside', steps: [], misses: [] };
}
