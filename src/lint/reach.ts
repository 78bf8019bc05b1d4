import { lookUp, MAIN_TABLE, type NextHop, type Route } from '../datapath/fib.ts';
import type { Datapath, Netns } from '../datapath/netns.ts';
import type { Cluster, Node } from '../k8s/cluster.ts';
import type { IpAddress } from '../net/address.ts';
import { contains, formatDestination, formatPrefix, type Prefix } from '../net/prefix.ts';
import { at, type Locus } from '../origin.ts';
import { type Lint, some, type Tell } from './lint.ts';

/** Do the routes lead from each node to every other node's pods, and out? Only routes are looked at, and only where no rule chooses. */
export const reach: Lint = (cluster, datapath, tell) => {
  const troubles = new Map<string, Trouble>();
  for (const from of startingPoints(cluster)) {
    withoutDefault(cluster, from, datapath, tell);
    for (const { node, probe } of goals(cluster, from)) {
      const end = follow(datapath, from.name, node, probe);
      if (end !== null) collect(troubles, end, from, node);
    }
  }
  for (const { locus, why, hint, from, to } of troubles.values())
    tell(locus, 'pod-range-unreachable', `the pods of ${some([...to])} cannot be reached from ${some([...from])}: ${why}`, hint);
};

interface Trouble extends End {
  readonly from: Set<string>;
  readonly to: Set<string>;
}

function collect(troubles: Map<string, Trouble>, end: End, from: Node, to: Node): void {
  const text = `${end.locus.path.join('.')} ${end.why}`;
  const known = troubles.get(text) ?? { ...end, from: new Set<string>(), to: new Set<string>() };
  known.from.add(from.name);
  known.to.add(to.name);
  troubles.set(text, known);
}

/** Nodes with routes of their own, and of those without any one for each segment: they have the same. */
function startingPoints(cluster: Cluster): readonly Node[] {
  const alike = new Set<string>();
  return [...cluster.nodes.values()].filter((node) => {
    if (node.stated.rules.length > 0) return false;
    if (!startsAlike(node)) return true;
    if (alike.has(node.segment)) return false;
    alike.add(node.segment);
    return true;
  });
}

interface Goal {
  readonly node: Node;
  readonly probe: IpAddress;
}

/** One pod of each other node, and one in each part of its range that a stated route is about. */
function goals(cluster: Cluster, from: Node): readonly Goal[] {
  const parts = [...cluster.nodes.values(), ...cluster.underlay.routers].flatMap((m) => m.stated.routes.map((r) => r.route.prefix));
  return [...cluster.nodes.values()].flatMap((node): readonly Goal[] => {
    const pods = cluster.podsByNode.get(node.name) ?? [];
    const [first] = pods;
    if (first === undefined || !onOneLink(cluster, from, node)) return [];
    const within = parts.filter((p) => p.length > node.podCidr.length && contains(node.podCidr, p.address));
    const probes = new Set([first.ip, ...within.flatMap((p) => pods.find((pod) => contains(p, pod.ip))?.ip ?? [])]);
    return [...probes].map((probe) => ({ node, probe }));
  });
}

/** Nodes on one switch in different /24s are warned of as such. */
function onOneLink({ underlay }: Cluster, a: Node, b: Node): boolean {
  const prefix = underlay.segments.get(a.segment)?.prefix;
  return a.segment !== b.segment || prefix === undefined || (contains(prefix, a.ip) && contains(prefix, b.ip));
}

interface End {
  readonly locus: Locus;
  readonly why: string;
  readonly hint: string;
}

/** Where a packet for this pod ends short of its node; null when it gets there, or when something else than a route decides. */
function follow(datapath: Datapath, start: string, target: Node, probe: IpAddress): End | null {
  const seen = new Set<string>();
  const step = (name: string, strayed: End | null): End | null => {
    const netns = datapath.netns(name);
    if (netns === undefined || hasRules(netns)) return null;
    seen.add(name);
    const { route, end } = routeFrom(netns, target, probe);
    if (route === null) return end;
    // A default route may lead to somebody who knows better; if not, the missing route was the fault.
    const here =
      route.prefix.length === 0 ? (strayed ?? missing(netns, target, 'but the default one, which does not lead there')) : strayed;
    for (const hop of route.nextHops) {
      const next = nextMachine(netns, hop, target, probe);
      // On the node itself the route must lead to its bridge: where nothing is stated it does.
      if (next === 'unclear' || (next === target.name && startsAlike(target))) continue;
      const where = route.origin.locus ?? netns.origin.locus;
      if (next === 'outside') {
        const away =
          where === null
            ? null
            : {
                locus: where,
                why: `${name}'s route to ${formatDestination(route.prefix)} leads out of the cluster`,
                hint: 'another next hop',
              };
        return here ?? away;
      }
      if (seen.has(next))
        return (
          here ??
          (where === null ? null : { locus: where, why: `the routes go round in a circle, by way of ${name}`, hint: 'another next hop' })
        );
      const found = step(next, here);
      if (found !== null) return found;
    }
    return null;
  };
  return step(start, null);
}

const USUAL_RULES = 3;
const hasRules = ({ rules }: Netns) => rules.length > USUAL_RULES;

function routeFrom(netns: Netns, target: Node, probe: IpAddress): { readonly route: Route | null; readonly end: End | null } {
  const found = lookUp(netns, { destination: probe, source: null, iif: 'eth0', mark: 0 });
  const { route } = found;
  // A device that is down is told of as such.
  if (found.dead !== null) return { route: null, end: null };
  if (route === null) return { route, end: missing(netns, target, null) };
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
function missing(netns: Netns, { podCidr }: Node, but: string | null): End | null {
  const removed = netns.tables.get(MAIN_TABLE)?.removed.find((r) => r.prefix.length > 0 && covers(r.prefix, podCidr));
  const locus = removed?.origin.locus ?? netns.origin.locus;
  const why = `${netns.name} has no route there${but === null ? '' : ` ${but}`}`;
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

function withoutDefault(cluster: Cluster, node: Node, datapath: Datapath, tell: Tell): void {
  const [somebody] = cluster.outside;
  const netns = datapath.netns(node.name);
  if (cluster.gateway === null || somebody === undefined || netns === undefined) return;
  const found = lookUp(netns, { destination: somebody.ip, source: null, iif: null, mark: 0 });
  if (found.route !== null || found.dead !== null) return;
  const alike = [...cluster.nodes.values()].filter((n) => n.segment === node.segment && startsAlike(n));
  const names = startsAlike(node) ? alike.map((n) => n.name) : [node.name];
  const removed = node.stated.removedRoutes.find((r) => r.prefix.length === 0);
  tell(
    removed?.origin.locus ?? node.locus,
    'no-default-route',
    `${some(names)} ${names.length === 1 ? 'has' : 'have'} no default route, so the internet is out of reach`,
    removed === undefined ? 'a router to the segment of the gateway, or a route to default' : 'do not remove it',
  );
}

const startsAlike = ({ stated }: Node) => stated.routes.length === 0 && stated.removedRoutes.length === 0 && stated.rules.length === 0;
