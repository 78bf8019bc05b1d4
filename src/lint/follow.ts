import { lookUp, MAIN_TABLE, type RoutingRule } from '../datapath/fib.ts';
import type { Netns } from '../datapath/netns.ts';
import type { NextHop, Route } from '../datapath/route.ts';
import type { NodeRange } from '../k8s/address-index.ts';
import type { Network } from '../k8s/compiled-network.ts';
import { nodeIp, prefixesIn } from '../k8s/families.ts';
import type { Node } from '../k8s/node.ts';
import { wayTo } from '../k8s/underlay-way.ts';
import { familyOf, formatAddress, type IpAddress, type IpFamily } from '../net/address.ts';
import { contains, formatDestination, formatPrefix, hostPrefix, type Prefix } from '../net/prefix.ts';
import { at, type Locus } from '../source/origin.ts';

/** Where the routes to a pod end short of its node. */
export interface End {
  readonly locus: Locus;
  readonly why: string;
  readonly hint: string;
}

/** A pod's address, to be reached on its node. */
export interface Goal {
  readonly node: Node;
  readonly probe: IpAddress;
}

/** The way so far. */
interface Way {
  readonly seen: ReadonlySet<string>;
  /** A machine that had but its default route. That may lead to a machine with a better one; if not, the missing route was the fault. */
  readonly strayed: End | null;
  /** The last route that the input states: where a circle was made. */
  readonly stated: End | null;
}

/** Follows the routes from a machine to a pod; null when they lead there, or when something else than a route decides. */
export function follow(network: Network, start: string, goal: Goal): End | null {
  return step(network, start, goal, { seen: new Set(), strayed: null, stated: null });
}

function step(network: Network, name: string, goal: Goal, before: Way): End | null {
  const netns = network.datapath.netns(name);
  if (netns === undefined || hasRules(netns)) return null;
  const { route, end } = routeFrom(network, netns, goal);
  if (route === null) return end;
  const circle = `${name}'s route to ${formatDestination(route.prefix)} makes a circle`;
  const way: Way = {
    seen: new Set([...before.seen, name]),
    strayed: before.strayed ?? (route.prefix.length === 0 ? missing(network, netns, goal, true) : null),
    stated: route.origin.evidence === 'declared' ? endAt(route, circle) : before.stated,
  };
  for (const hop of route.nextHops) {
    const next = nextMachine(netns, hop, goal);
    // On the node itself the route must lead to its bridge: where nothing is stated it does.
    if (next === 'unclear' || (next === goal.node.name && hasUsualRoutes(goal.node, familyOf(goal.probe)))) continue;
    if (next === 'outside')
      return way.strayed ?? endAt(route, `${name}'s route to ${formatDestination(route.prefix)} leads out of the cluster`);
    if (way.seen.has(next)) return way.strayed ?? way.stated ?? endAt(route, circle);
    const found = step(network, next, goal, way);
    if (found !== null) return found;
  }
  return null;
}

const endAt = ({ origin: { locus } }: Route, why: string): End | null => (locus === null ? null : { locus, why, hint: 'another next hop' });

/** Without overrides of a node's routes in a family, they are as for all others on its segment. */
export function hasUsualRoutes(node: Node, family: IpFamily): boolean {
  const { routes, removedRoutes } = node.overrides;
  const own = [...routes.map((r) => r.route.prefix), ...removedRoutes.map((r) => r.prefix)];
  return prefixesIn(own, family).length === 0 && !hasOwnRules(node, family);
}

/** Does the input give the node routing rules that packets of a family may match? */
export const hasOwnRules = ({ overrides }: Node, family: IpFamily): boolean =>
  [...overrides.rules, ...overrides.removedRules].some((rule) => isAbout(rule, family));

/** Can a rule select packets of a family? One that names no address selects those of both. */
export function isAbout({ from = null, to = null }: Partial<Pick<RoutingRule, 'from' | 'to'>>, family: IpFamily): boolean {
  const prefix = from ?? to;
  return prefix === null || familyOf(prefix.address) === family;
}

const DEFAULT_RULE_COUNT = 3;
const hasRules = ({ rules }: Netns) => rules.length > DEFAULT_RULE_COUNT;

function routeFrom(network: Network, netns: Netns, goal: Goal): { readonly route: Route | null; readonly end: End | null } {
  const { route, dead } = lookUp(netns, { destination: goal.probe, source: null, iif: 'eth0', mark: 0 });
  // A device that is down is a finding of its own.
  if (dead !== null) return { route: null, end: null };
  if (route === null) return { route, end: missing(network, netns, goal, false) };
  switch (route.type) {
    case 'unicast':
      return { route, end: null };
    case 'local':
    case 'broadcast':
    case 'anycast':
      return { route: null, end: null };
    case 'blackhole':
    case 'unreachable':
    case 'prohibit':
    case 'throw': {
      const { locus } = route.origin;
      const why = `${netns.name}'s route to ${formatDestination(route.prefix)} is of type ${route.type}`;
      return { route: null, end: locus === null ? null : { locus: at(locus, 'type'), why, hint: 'take it away' } };
    }
  }
}

/** A route that the input takes away, or does not have. */
function missing(network: Network, netns: Netns, { node, probe }: Goal, hasDefault: boolean): End | null {
  const podCidr = node.podCidrs.find((p) => contains(p, probe)) ?? hostPrefix(probe);
  const removed = netns.tables.get(MAIN_TABLE)?.removed.find((r) => r.prefix.length > 0 && covers(r.prefix, podCidr));
  const locus = removed?.origin.locus ?? netns.origin.locus;
  const why = `${netns.name} has no route there${hasDefault ? ' but the default one, which does not lead there' : ''}`;
  const hint = removed === undefined ? routeHint(network, netns, { node, podCidr }) : 'do not remove it';
  return locus === null ? null : { locus, why, hint };
}

/** The route, as it stands in the object that lacks it: routers have a list of routes, nodes add to the ones that they have. */
function routeHint(network: Network, netns: Netns, range: NodeRange): string {
  const [leg] = wayTo(network, netns.name, range) ?? [];
  if (leg === undefined) return `state how ${netns.name} reaches ${range.node.name}: underlay.segments and underlay.routers`;
  const route = `{ to: ${formatPrefix(range.podCidr)}, via: ${formatAddress(leg.via)} }`;
  return netns.role === 'node' ? `routes: { add: [${route}] }` : `routes: [${route}]`;
}

const covers = (wide: Prefix, narrow: Prefix) => wide.length <= narrow.length && contains(wide, narrow.address);

function nextMachine(netns: Netns, { via, device }: NextHop, { node, probe }: Goal): string {
  const link = netns.devices.get(device);
  if (link?.kind !== 'nic') return 'unclear';
  if (link.segment.outside) return 'outside';
  if (via !== null && via === nodeIp(node, familyOf(via))) return node.name;
  // A next hop that no machine has is a finding of its own.
  return link.segment.owner(via ?? probe)?.netns.name ?? 'unclear';
}
