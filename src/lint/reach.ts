import { lookUp } from '../datapath/fib.ts';
import type { Datapath } from '../datapath/netns.ts';
import type { Cluster } from '../k8s/cluster.ts';
import { gatewayIn, nodeIp, nodeIps, podIp, prefixesIn, prefixIn } from '../k8s/families.ts';
import type { Node } from '../k8s/node.ts';
import { familyOf, type IpAddress, type IpFamily, inFamily } from '../net/address.ts';
import { contains, type Prefix } from '../net/prefix.ts';
import type { Locus } from '../source/origin.ts';
import { type End, follow, hasOwnRules, hasUsualRoutes } from './follow.ts';
import { type Lint, some } from './lint.ts';

/** Do the routes lead from each node to every node's pods, and out? Only routes are looked at, and only where no rule chooses. */
export const reach: Lint = (cluster, datapath, report) => {
  const troubles = new Map<string, Trouble>();
  const bare = new Map<Locus, Bare>();
  for (const family of cluster.families) {
    const goals = goalsIn(cluster, family);
    for (const start of startsIn(cluster, family)) {
      withoutDefault(cluster, family, start, datapath, bare);
      for (const { node, probes } of goals)
        if (onOneLink(cluster, family, start.node, node))
          for (const probe of probes) collect(troubles, follow({ cluster, datapath }, start.node.name, { node, probe }), start, node);
    }
  }
  for (const { locus, names, hint } of bare.values()) {
    const has = names.size === 1 ? 'has' : 'have';
    report(locus, 'no-default-route', `${some([...names])} ${has} no default route, so the internet is out of reach`, hint);
  }
  for (const { end, from, to } of together(troubles))
    report(end.locus, 'pod-range-unreachable', `the pods of ${some(to)} cannot be reached from ${some([...from])}: ${end.why}`, end.hint);
};

interface Start {
  readonly node: Node;
  /** The nodes that have the same routes. */
  readonly names: readonly string[];
}

/** Nodes with routes of their own in a family, and of those without any one for each segment. */
function startsIn(cluster: Cluster, family: IpFamily): readonly Start[] {
  const nodes = [...cluster.nodes.values()].filter((n) => nodeIp(n, family) !== null);
  const own = nodes.filter((n) => !hasUsualRoutes(n, family) && !hasOwnRules(n, family)).map((node) => ({ node, names: [node.name] }));
  const shared = [...cluster.underlay.segments.keys()].flatMap((segment) => {
    const alike = nodes.filter((n) => n.segment === segment && hasUsualRoutes(n, family));
    return alike.slice(0, 1).map((node) => ({ node, names: alike.map((n) => n.name) }));
  });
  return [...own, ...shared];
}

/** One pod of each node, and one in each part of its ranges that a stated route is about. */
function goalsIn(cluster: Cluster, family: IpFamily): readonly { readonly node: Node; readonly probes: ReadonlySet<IpAddress> }[] {
  const nodes = [...cluster.nodes.values()];
  const parts = [...nodes, ...cluster.underlay.routers].flatMap((m) => m.overrides.routes.map((r) => r.route.prefix));
  return nodes.map((node) => {
    const pods = (cluster.podsByNode.get(node.name) ?? []).flatMap((p) => podIp(p, family) ?? []);
    const ranges = prefixesIn(node.podCidrs, family);
    const within = (p: Prefix) => ranges.some((range) => p.length > range.length && contains(range, p.address));
    const chosen = parts.filter(within).flatMap((p) => pods.find((ip) => contains(p, ip)) ?? []);
    return { node, probes: new Set([...pods.slice(0, 1), ...chosen]) };
  });
}

/** Nodes on one switch in different /24s are warned of as such. */
function onOneLink({ underlay }: Cluster, family: IpFamily, a: Node, b: Node): boolean {
  const prefix = prefixIn(underlay.segments.get(a.segment)?.prefixes ?? [], family);
  const isOn = (node: Node) => nodeIps(node).some((ip) => prefix !== null && contains(prefix, ip));
  return a.segment !== b.segment || prefix === null || (isOn(a) && isOn(b));
}

interface Trouble {
  readonly end: End;
  readonly from: readonly string[];
  readonly to: Set<string>;
}

function collect(troubles: Map<string, Trouble>, end: End | null, { names }: Start, to: Node): void {
  if (end === null) return;
  const text = `${keyOf(end)} ${names.join(' ')}`;
  const known = troubles.get(text);
  if (known === undefined) troubles.set(text, { end, from: names, to: new Set([to.name]) });
  else known.to.add(to.name);
}

const keyOf = ({ locus, why }: End) => `${locus.path.join('.')} ${why}`;

/** Ways that end at the same place, for the same pods, are one trouble. */
function together(troubles: ReadonlyMap<string, Trouble>) {
  const found = new Map<string, { readonly end: End; readonly from: Set<string>; readonly to: readonly string[] }>();
  for (const { end, from, to } of troubles.values()) {
    const text = `${keyOf(end)} ${[...to].join(' ')}`;
    const known = found.get(text);
    if (known === undefined) found.set(text, { end, from: new Set(from), to: [...to] });
    else for (const name of from) known.from.add(name);
  }
  return found.values();
}

/** Nodes without a way out, at the place that makes it so. */
interface Bare {
  readonly locus: Locus;
  readonly names: Set<string>;
  readonly hint: string;
}

function withoutDefault(cluster: Cluster, family: IpFamily, start: Start, datapath: Datapath, bare: Map<Locus, Bare>): void {
  const { node, names } = start;
  const [outside] = cluster.outside.flatMap((h) => inFamily(h.ips, family) ?? []);
  const netns = datapath.netns(node.name);
  if (gatewayIn(cluster, family) === null || outside === undefined || netns === undefined) return;
  const found = lookUp(netns, { destination: outside, source: null, iif: null, mark: 0 });
  if (found.route !== null || found.dead !== null) return;
  const removed = node.overrides.removedRoutes.find((r) => r.prefix.length === 0 && familyOf(r.prefix.address) === family);
  const locus = removed?.origin.locus ?? node.locus;
  const hint = removed === undefined ? 'a router to the segment of the gateway, or a route to default' : 'do not remove it';
  const known = bare.get(locus)?.names ?? [];
  bare.set(locus, { locus, names: new Set([...known, ...names]), hint });
}
