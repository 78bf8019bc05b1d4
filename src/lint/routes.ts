import { MAIN_TABLE, type Route } from '../datapath/fib.ts';
import type { Datapath } from '../datapath/netns.ts';
import type { Overrides } from '../datapath/overrides.ts';
import type { Cluster, Node } from '../k8s/cluster.ts';
import { key } from '../k8s/pod.ts';
import { familyOf, formatAddress, type IpAddress, nextAddress } from '../net/address.ts';
import { formatDestination, overlaps } from '../net/prefix.ts';
import { at, type Locus } from '../source/origin.ts';
import { didYouMean } from '../source/suggest.ts';
import { type Lint, type ReportFinding, some } from './lint.ts';

/** Stated routes and rules one by one: next hops that nobody has, and what the kernel never looks at. */
export const routes: Lint = (cluster, datapath, tell) => {
  const { other } = cluster;
  for (const node of cluster.nodes.values()) {
    const { name, overrides: stated } = node;
    check({ name, stated, otherwise: other?.nodes.get(name)?.overrides ?? null, node }, cluster, datapath, tell);
  }
  for (const { name, overrides: stated } of cluster.underlay.routers)
    check({ name, stated, otherwise: null, node: null }, cluster, datapath, tell);
  for (const pod of cluster.pods.values()) {
    const otherwise = other?.pods.get(key(pod))?.overrides ?? null;
    const node = cluster.nodes.get(pod.node) ?? null;
    if (!pod.hostNetwork) check({ name: key(pod), stated: pod.overrides, otherwise, node }, cluster, datapath, tell);
  }
};

interface RoutedMachine {
  /** Of its namespace. */
  readonly name: string;
  readonly stated: Overrides;
  /** What is stated of it in the other IP family. */
  readonly otherwise: Overrides | null;
  /** The node whose bridge it is on. */
  readonly node: Node | null;
}

function check(machine: RoutedMachine, cluster: Cluster, datapath: Datapath, tell: ReportFinding): void {
  if (machine.stated.routes.length === 0 && machine.stated.rules.length === 0) return;
  unknownNextHops(machine, cluster, datapath, tell);
  twice(machine, tell);
  unused(machine, tell);
}

function unknownNextHops({ name, stated, node }: RoutedMachine, cluster: Cluster, datapath: Datapath, tell: ReportFinding): void {
  const devices = datapath.netns(name)?.devices;
  const mine = [...(devices?.values() ?? [])].flatMap((d) => d.addresses.map((a) => a.address));
  for (const { route } of stated.routes)
    for (const [i, { via, device }] of route.nextHops.entries()) {
      const link = devices?.get(device);
      if (via === null || link === undefined) continue;
      const known = link.kind === 'nic' ? new Set(link.segment.known()) : node === null ? null : onBridge(cluster, node);
      if (known === null || known.has(via)) continue;
      const hop = route.nextHops.length === 1 ? ['via'] : ['nexthops', i, 'via'];
      const others = [...known].filter((a) => !mine.includes(a));
      tell(
        at(placeOf(route), ...hop),
        'next-hop-unknown',
        `nobody on the link of ${device} has ${formatAddress(via)}, the next hop to ${formatDestination(route.prefix)}`,
        whoElse(cluster, route, via, others),
      );
    }
}

/** The node whose pods the route is about, else the nearest address on the link. */
function whoElse(cluster: Cluster, { prefix }: Route, via: IpAddress, others: readonly IpAddress[]): string {
  const owner = [...cluster.nodes.values()].find((n) => n.podCidr.length <= prefix.length && overlaps(n.podCidr, prefix));
  if (owner !== undefined && others.includes(owner.ip)) return `these pods are on ${owner.name}: via: ${formatAddress(owner.ip)}`;
  const names = others.map(formatAddress);
  if (names.length === 0) return 'nobody else is on that link';
  return didYouMean(formatAddress(via), names) ?? `on the link: ${some(names)}`;
}

/** A machine answers ARP for each of its addresses, whichever device has it; neighbour discovery only for those of the device itself. */
function onBridge(cluster: Cluster, { name, ip, podCidr, overrides: stated }: Node): ReadonlySet<IpAddress> {
  const pods = cluster.podsByNode.get(name) ?? [];
  const answered = ({ addresses }: Overrides, own: string) =>
    addresses.flatMap(({ address, device }) => (familyOf(address) === 'IPv4' || device === own ? [address] : []));
  return new Set([
    ...(familyOf(ip) === 'IPv4' ? [ip] : []),
    nextAddress(podCidr.address),
    ...answered(stated, cluster.cni.bridge),
    ...pods.flatMap((p) => [p.ip, ...answered(p.overrides, 'eth0')]),
  ]);
}

/** RTNETLINK answers: File exists. */
function twice({ stated }: RoutedMachine, tell: ReportFinding): void {
  const first = new Map<string, Locus>();
  for (const { table, route } of stated.routes) {
    const place = placeOf(route);
    const text = `${table} ${formatDestination(route.prefix)} ${route.metric}`;
    const earlier = first.get(text);
    if (earlier === undefined) first.set(text, place);
    else
      tell(
        place,
        'duplicate-route',
        `a second route to ${formatDestination(route.prefix)} with metric ${route.metric}, which the kernel refuses; the first one is at ${lineOf(earlier)}`,
        'for more than one next hop, state nexthops; for a spare, another metric',
      );
  }
}

function unused({ stated, otherwise }: RoutedMachine, tell: ReportFinding): void {
  const asked = new Set([MAIN_TABLE, ...stated.rules.map((r) => r.table)]);
  for (const { table, route } of stated.routes)
    if (!asked.has(table))
      tell(at(placeOf(route), 'table'), 'route-never-used', `no rule asks table ${table}`, 'add one to rules, or leave the table out');
  const filled = new Set([MAIN_TABLE, ...stated.routes.map((r) => r.table)]);
  // A rule that names no address is about both families, and one of them may be what it is for.
  const filledToo = new Set(otherwise?.routes.map((r) => r.table));
  for (const rule of stated.rules) {
    if (filled.has(rule.table) || (rule.from === null && rule.to === null && filledToo.has(rule.table))) continue;
    if (rule.origin.locus !== null)
      tell(at(rule.origin.locus, 'table'), 'rule-without-routes', `table ${rule.table} has no routes`, 'the next rule is asked instead');
  }
}

/** Stated routes have a place in the file. */
function placeOf({ origin }: { readonly origin: { readonly locus: Locus | null } }): Locus {
  if (origin.locus === null) throw new Error('a stated route without a place');
  return origin.locus;
}

const lineOf = ({ document, path }: Locus) => `${document.file}:${document.position(path).line}`;
