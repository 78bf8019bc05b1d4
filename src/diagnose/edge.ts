import type { RuleRole } from '../datapath/roles.ts';
import type { EdgeHop } from '../hop/edge-hop.ts';
import type { Hop } from '../hop/hop.ts';
import type { FilterHop, InterfaceHop, NatHop, RouteHop } from '../hop/linux-hop.ts';
import { inOrder } from '../hop/trail.ts';
import type { FlowPath } from '../walk/flow-path.ts';
import type { Walk } from '../walk/walk.ts';
import { decisionsOf } from './firewall.ts';

/**
 * The hops of the gateway, of firewalls and of load balancers by their names: what the kernel there does as NAT, routes and filters. No
 * header changes by this.
 */
export function atTheEdge(path: FlowPath): FlowPath {
  const retold = (walk: Walk | null) => (walk === null ? null : edgeHops(walk));
  return { ...path, forward: edgeHops(path.forward), reply: retold(path.reply), ack: retold(path.ack), data: retold(path.data) };
}

function edgeHops(walk: Walk): Walk {
  const isEdge = (h: Hop) => h.role === 'gateway' || h.role === 'router';
  return walk.hops.some(isEdge) ? { ...walk, hops: walk.hops.flatMap((hop, i) => hopsFor(walk.hops, hop, i)) } : walk;
}

function hopsFor(hops: readonly Hop[], hop: Hop, i: number): readonly Hop[] {
  if (hop.kind === 'filter' && isFirewall(hop)) return [firewallHop(hop)];
  if (hop.role !== 'gateway') return [hop];
  if (hop.kind === 'nat') return [translated(hop)];
  if (hop.kind === 'route') return [...handedOn(hop), hop];
  if (hop.kind === 'skip') return [];
  return hop.kind === 'interface' && hop.direction === 'in' && passesOnly(hops, i) ? [hop, passing(hop)] : [hop];
}

/** The rules of a firewall's machine begin with one for known connections, which stands in no list. */
const isFirewall = ({ role, hook, table }: FilterHop) =>
  table === 'filter' && hook === 'FORWARD' && (role === 'gateway' || role === 'router');

function firewallHop(hop: FilterHop): EdgeHop {
  const { verdict } = hop;
  return { ...hop, kind: 'firewall', verdict: verdict === 'MARK' ? 'ACCEPT' : verdict, decisions: decisionsOf(hop.steps) };
}

/** The gateway's own NAT, or that of a load balancer with it. */
function translated(hop: NatHop): EdgeHop {
  const role = hop.rule?.role;
  if (role?.kind === 'balancer') return { ...hop, kind: 'load-balancer', service: role.service, nodes: nodesOf(hop) };
  const towards = hop.action === 'snat' || hop.action === 'un-dnat' ? 'outside' : 'inside';
  return { ...hop, kind: 'gateway', towards };
}

/** The nodes that the evaluated rules choose from, in their order. */
const nodesOf = ({ steps, misses }: NatHop): readonly string[] => [
  ...new Set([...inOrder(misses), ...steps].flatMap(({ rule }) => nodesIn(rule.role))),
];

const nodesIn = (role: RuleRole | undefined): readonly string[] => (role?.kind === 'balancer' ? role.nodes : []);

/** A load balancer that hands packets on as they are is a route. */
function handedOn(hop: RouteHop): readonly Hop[] {
  const { role } = hop.route;
  if (role === undefined) return [];
  return [{ ...before(hop), kind: 'load-balancer', service: role.service, action: 'hand-on', nodes: role.nodes, steps: [], misses: null }];
}

/** The packet as it was before a hop that changes its TTL. */
function before({ node, netns, role, device, packet, outer, mark, changes, origin }: Hop) {
  const was = (field: 'ttl' | 'outer.ttl') => changes.find((c) => c.field === field)?.from;
  const [ttl, outerTtl] = [was('ttl'), was('outer.ttl')];
  return {
    node,
    netns,
    role,
    device,
    packet: typeof ttl === 'number' ? { ...packet, ttl } : packet,
    outer: outer !== null && typeof outerTtl === 'number' ? { ...outer, packet: { ...outer.packet, ttl: outerTtl } } : outer,
    mark,
    changes: [],
    origin,
  };
}

/** Does this visit leave by the other side without being translated or balanced? */
function passesOnly(hops: readonly Hop[], start: number): boolean {
  const [came, ...rest] = hops.slice(start);
  const until = rest.findIndex((h) => h.netns !== came?.netns);
  const visit = until === -1 ? rest : rest.slice(0, until);
  const handed = (h: Hop) => h.kind === 'nat' || (h.kind === 'route' && h.route.role !== undefined);
  return visit.some((h) => h.kind === 'interface' && h.device !== came?.device) && !visit.some(handed);
}

function passing(hop: InterfaceHop): EdgeHop {
  return { ...before(hop), kind: 'gateway', action: 'pass', towards: isOutside(hop) ? 'inside' : 'outside', steps: [], misses: null };
}

/** Is it on the link of the internet? */
export const isOutside = ({ link }: InterfaceHop): boolean => link.kind === 'nic' && link.segment.outside;
