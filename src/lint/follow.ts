import { lookUp, MAIN_TABLE, type NextHop, type Route } from '../datapath/fib.ts';
import type { Datapath, Netns } from '../datapath/netns.ts';
import type { Node } from '../k8s/cluster.ts';
import type { IpAddress } from '../net/address.ts';
import { contains, formatDestination, formatPrefix, type Prefix } from '../net/prefix.ts';
import { at, type Locus } from '../source/origin.ts';

/** Where the routes to a pod end short of its node. */
export interface End {
  readonly locus: Locus;
  readonly why: string;
  readonly hint: string;
}

/** What is known of the way so far. */
interface Way {
  readonly seen: ReadonlySet<string>;
  /** A machine that had but its default route. That may lead to somebody who knows better; if not, the missing route was the fault. */
  readonly strayed: End | null;
  /** The last route that the input states: where a circle was made. */
  readonly stated: End | null;
}

/** Follows the routes from a machine to a pod; null when they lead there, or when something else than a route decides. */
export function follow(datapath: Datapath, start: string, target: Node, probe: IpAddress): End | null {
  return step(datapath, start, target, probe, { seen: new Set(), strayed: null, stated: null });
}

function step(datapath: Datapath, name: string, target: Node, probe: IpAddress, before: Way): End | null {
  const netns = datapath.netns(name);
  if (netns === undefined || hasRules(netns)) return null;
  const { route, end } = routeFrom(netns, target, probe);
  if (route === null) return end;
  const circle = `${name}'s route to ${formatDestination(route.prefix)} makes a circle`;
  const way: Way = {
    seen: new Set([...before.seen, name]),
    strayed: before.strayed ?? (route.prefix.length === 0 ? missing(netns, target, true) : null),
    stated: route.origin.evidence === 'declared' ? endAt(route, circle) : before.stated,
  };
  for (const hop of route.nextHops) {
    const next = nextMachine(netns, hop, target, probe);
    // On the node itself the route must lead to its bridge: where nothing is stated it does.
    if (next === 'unclear' || (next === target.name && hasUsualRoutes(target))) continue;
    if (next === 'outside')
      return way.strayed ?? endAt(route, `${name}'s route to ${formatDestination(route.prefix)} leads out of the cluster`);
    if (way.seen.has(next)) return way.strayed ?? way.stated ?? endAt(route, circle);
    const found = step(datapath, next, target, probe, way);
    if (found !== null) return found;
  }
  return null;
}

const endAt = ({ origin: { locus } }: Route, why: string): End | null => (locus === null ? null : { locus, why, hint: 'another next hop' });

/** Nothing is stated of its routes: they are as for all others on its segment. */
export const hasUsualRoutes = ({ overrides: stated }: Node): boolean =>
  stated.routes.length === 0 && stated.removedRoutes.length === 0 && stated.rules.length === 0;

const DEFAULT_RULE_COUNT = 3;
const hasRules = ({ rules }: Netns) => rules.length > DEFAULT_RULE_COUNT;

function routeFrom(netns: Netns, target: Node, probe: IpAddress): { readonly route: Route | null; readonly end: End | null } {
  const { route, dead } = lookUp(netns, { destination: probe, source: null, iif: 'eth0', mark: 0 });
  // A device that is down is told of as such.
  if (dead !== null) return { route: null, end: null };
  if (route === null) return { route, end: missing(netns, target, false) };
  switch (route.type) {
    case 'unicast':
      return { route, end: null };
    case 'local':
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

/** A route that somebody took away, or that nobody has stated. */
function missing(netns: Netns, { podCidr }: Node, hasDefault: boolean): End | null {
  const removed = netns.tables.get(MAIN_TABLE)?.removed.find((r) => r.prefix.length > 0 && covers(r.prefix, podCidr));
  const locus = removed?.origin.locus ?? netns.origin.locus;
  const why = `${netns.name} has no route there${hasDefault ? ' but the default one, which does not lead there' : ''}`;
  const hint = removed === undefined ? `routes: { add: [{ to: ${formatPrefix(podCidr)}, via: … }] }` : 'do not remove it';
  return locus === null ? null : { locus, why, hint };
}

const covers = (wide: Prefix, narrow: Prefix) => wide.length <= narrow.length && contains(wide, narrow.address);

function nextMachine(netns: Netns, { via, device }: NextHop, target: Node, probe: IpAddress): string {
  const link = netns.devices.get(device);
  if (link?.kind !== 'nic') return 'unclear';
  if (link.segment.outside) return 'outside';
  if (via === target.ip) return target.name;
  // Somebody that nobody knows is told of at the route.
  return link.segment.owner(via ?? probe)?.netns.name ?? 'unclear';
}
