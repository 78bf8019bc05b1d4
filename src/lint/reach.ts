import { lookUp } from '../datapath/fib.ts';
import type { Datapath } from '../datapath/netns.ts';
import type { Cluster, Node } from '../k8s/cluster.ts';
import type { IpAddress } from '../net/address.ts';
import { contains, type Prefix } from '../net/prefix.ts';
import { type End, follow, hasUsualRoutes } from './follow.ts';
import { type Lint, type ReportFinding, some } from './lint.ts';

/** Do the routes lead from each node to every node's pods, and out? Only routes are looked at, and only where no rule chooses. */
export const reach: Lint = (cluster, datapath, tell) => {
  const goals = goalsIn(cluster);
  const troubles = new Map<string, Trouble>();
  for (const start of startsIn(cluster)) {
    withoutDefault(cluster, start, datapath, tell);
    for (const { node, probes } of goals)
      if (onOneLink(cluster, start.node, node))
        for (const probe of probes) collect(troubles, follow(datapath, start.node.name, node, probe), start, node);
  }
  for (const { end, from, to } of together(troubles))
    tell(end.locus, 'pod-range-unreachable', `the pods of ${some(to)} cannot be reached from ${some(from)}: ${end.why}`, end.hint);
};

interface Start {
  readonly node: Node;
  /** The nodes that have the same routes. */
  readonly names: readonly string[];
}

/** Nodes with routes of their own, and of those without any one for each segment. */
function startsIn(cluster: Cluster): readonly Start[] {
  const nodes = [...cluster.nodes.values()];
  const own = nodes.filter((n) => !hasUsualRoutes(n) && n.overrides.rules.length === 0).map((node) => ({ node, names: [node.name] }));
  const shared = [...cluster.underlay.segments.keys()].flatMap((segment) => {
    const alike = nodes.filter((n) => n.segment === segment && hasUsualRoutes(n));
    return alike.slice(0, 1).map((node) => ({ node, names: alike.map((n) => n.name) }));
  });
  return [...own, ...shared];
}

/** One pod of each node, and one in each part of its range that a stated route is about. */
function goalsIn(cluster: Cluster): readonly { readonly node: Node; readonly probes: ReadonlySet<IpAddress> }[] {
  const nodes = [...cluster.nodes.values()];
  const parts = [...nodes, ...cluster.underlay.routers].flatMap((m) => m.overrides.routes.map((r) => r.route.prefix));
  return nodes.map((node) => {
    const pods = cluster.podsByNode.get(node.name) ?? [];
    const within = (p: Prefix) => p.length > node.podCidr.length && contains(node.podCidr, p.address);
    const chosen = parts.filter(within).flatMap((p) => pods.find((pod) => contains(p, pod.ip)) ?? []);
    return { node, probes: new Set([...pods.slice(0, 1), ...chosen].map((p) => p.ip)) };
  });
}

/** Nodes on one switch in different /24s are warned of as such. */
function onOneLink({ underlay }: Cluster, a: Node, b: Node): boolean {
  const prefix = underlay.segments.get(a.segment)?.prefix;
  return a.segment !== b.segment || prefix === undefined || (contains(prefix, a.ip) && contains(prefix, b.ip));
}

interface Trouble {
  readonly end: End;
  readonly from: readonly string[];
  readonly to: Set<string>;
}

function collect(troubles: Map<string, Trouble>, end: End | null, { node, names }: Start, to: Node): void {
  if (end === null) return;
  const text = `${keyOf(end)} ${node.name}`;
  const known = troubles.get(text);
  if (known === undefined) troubles.set(text, { end, from: names, to: new Set([to.name]) });
  else known.to.add(to.name);
}

const keyOf = ({ locus, why }: End) => `${locus.path.join('.')} ${why}`;

/** What ends at the same place, for the same pods, is one trouble. */
function together(troubles: ReadonlyMap<string, Trouble>) {
  const found = new Map<string, { readonly end: End; readonly from: string[]; readonly to: readonly string[] }>();
  for (const { end, from, to } of troubles.values()) {
    const text = `${keyOf(end)} ${[...to].join(' ')}`;
    const known = found.get(text);
    if (known === undefined) found.set(text, { end, from: [...from], to: [...to] });
    else known.from.push(...from);
  }
  return found.values();
}

function withoutDefault(cluster: Cluster, { node, names }: Start, datapath: Datapath, tell: ReportFinding): void {
  const [somebody] = cluster.outside;
  const netns = datapath.netns(node.name);
  if (cluster.gateway === null || somebody === undefined || netns === undefined) return;
  const found = lookUp(netns, { destination: somebody.ip, source: null, iif: null, mark: 0 });
  if (found.route !== null || found.dead !== null) return;
  const removed = node.overrides.removedRoutes.find((r) => r.prefix.length === 0);
  tell(
    removed?.origin.locus ?? node.locus,
    'no-default-route',
    `${some(names)} ${names.length === 1 ? 'has' : 'have'} no default route, so the internet is out of reach`,
    removed === undefined ? 'a router to the segment of the gateway, or a route to default' : 'do not remove it',
  );
}
