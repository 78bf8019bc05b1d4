import { MAIN_TABLE } from '../datapath/fib.ts';
import type { Datapath, Device } from '../datapath/netns.ts';
import type { Overrides } from '../datapath/overrides.ts';
import type { Route } from '../datapath/route.ts';
import type { Cluster } from '../k8s/cluster.ts';
import { nodeIp } from '../k8s/families.ts';
import type { Node } from '../k8s/node.ts';
import { key } from '../k8s/pod.ts';
import { familyOf, formatAddress, type IpAddress, type IpFamily, isLoopback } from '../net/address.ts';
import { formatDestination, formatPrefix, overlaps } from '../net/prefix.ts';
import { at, type Locus, placeOf } from '../source/origin.ts';
import { didYouMean } from '../source/suggest.ts';
import { isAbout } from './follow.ts';
import { type Lint, type ReportFinding, some } from './lint.ts';

/** Stated routes and rules one by one: next hops that no machine has, and what the kernel never looks at. */
export const routes: Lint = (cluster, datapath, report) => {
  for (const { name, overrides } of [...cluster.nodes.values(), ...cluster.underlay.routers])
    check({ name, overrides }, cluster, datapath, report);
  for (const pod of cluster.pods.values())
    if (!pod.hostNetwork) check({ name: key(pod), overrides: pod.overrides }, cluster, datapath, report);
};

interface RoutedMachine {
  /** Of its namespace. */
  readonly name: string;
  readonly overrides: Overrides;
}

function check(machine: RoutedMachine, cluster: Cluster, datapath: Datapath, report: ReportFinding): void {
  if (machine.overrides.routes.length === 0 && machine.overrides.rules.length === 0) return;
  unknownNextHops(machine, cluster, datapath, report);
  twice(machine, report);
  unused(machine, report);
}

function unknownNextHops({ name, overrides }: RoutedMachine, cluster: Cluster, datapath: Datapath, report: ReportFinding): void {
  const devices = datapath.netns(name)?.devices;
  const mine = [...(devices?.values() ?? [])].flatMap((d) => d.addresses.map((a) => a.address));
  for (const { route } of overrides.routes)
    for (const [i, { via, device }] of route.nextHops.entries()) {
      const link = devices?.get(device);
      if (via === null || link === undefined) continue;
      const known = answeredOn(link, familyOf(via));
      if (known === null || known.has(via)) continue;
      const hop = route.nextHops.length === 1 ? ['via'] : ['nexthops', i, 'via'];
      const others = [...known].filter((a) => !mine.includes(a));
      report(
        at(locusOf(route), ...hop),
        'next-hop-unknown',
        `nobody on the link of ${device} has ${formatAddress(via)}, the next hop to ${formatDestination(route.prefix)}`,
        nextHopInstead(cluster, route, via, others),
      );
    }
}

/** The node whose pods the route is about, else the nearest address on the link. */
function nextHopInstead(cluster: Cluster, { prefix }: Route, via: IpAddress, others: readonly IpAddress[]): string {
  const holds = ({ podCidrs }: Node) => podCidrs.some((range) => range.length <= prefix.length && overlaps(range, prefix));
  const owner = [...cluster.nodes.values()].find(holds);
  const ip = owner === undefined ? null : nodeIp(owner, familyOf(prefix.address));
  if (owner !== undefined && ip !== null && others.includes(ip)) return `these pods are on ${owner.name}: via: ${formatAddress(ip)}`;
  const names = others.map(formatAddress);
  if (names.length === 0) return 'nobody else is on that link';
  return didYouMean(formatAddress(via), names) ?? `on the link: ${some(names)}`;
}

/** The addresses that ARP or neighbour discovery finds on the link of a device; null: it is not known which there are. */
function answeredOn(link: Device, family: IpFamily): ReadonlySet<IpAddress> | null {
  if (link.kind === 'nic') return new Set(link.segment.known());
  const bridge = link.kind === 'bridge' ? link : link.kind === 'veth' ? (link.master ?? link.peer?.master ?? null) : null;
  if (bridge === null) return null;
  return new Set([bridge, ...bridge.ports.flatMap((p) => p.peer ?? [])].flatMap((device) => answeredBy(device, family)));
}

/** A machine answers ARP for each of its addresses, whichever device has it; neighbour discovery only for those of the device itself. */
function answeredBy(device: Device, family: IpFamily): readonly IpAddress[] {
  const devices = family === 'IPv6' ? [device] : [...device.netns.devices.values()];
  const addresses = devices.flatMap((d) => d.addresses.map((a) => a.address));
  return addresses.filter((a) => familyOf(a) === family && !isLoopback(a));
}

/** RTNETLINK answers: File exists. */
function twice({ overrides }: RoutedMachine, report: ReportFinding): void {
  const first = new Map<string, Locus>();
  for (const { table, route } of overrides.routes) {
    const place = locusOf(route);
    const text = `${table} ${formatPrefix(route.prefix)} ${route.metric}`;
    const earlier = first.get(text);
    if (earlier === undefined) first.set(text, place);
    else
      report(
        place,
        'duplicate-route',
        `a second route to ${formatDestination(route.prefix)} with metric ${route.metric}, which the kernel refuses; the first one is at ${placeOf(earlier)}`,
        'for more than one next hop, state nexthops; for a spare, another metric',
      );
  }
}

function unused({ overrides }: RoutedMachine, report: ReportFinding): void {
  const { routes, rules } = overrides;
  for (const { table, route } of routes) {
    const isAsked = table === MAIN_TABLE || rules.some((r) => r.table === table && isAbout(r, familyOf(route.prefix.address)));
    if (!isAsked)
      report(at(locusOf(route), 'table'), 'route-never-used', `no rule asks table ${table}`, 'add one to rules, or leave the table out');
  }
  for (const rule of rules) {
    const isFilled =
      rule.table === MAIN_TABLE || routes.some((r) => r.table === rule.table && isAbout(rule, familyOf(r.route.prefix.address)));
    if (!isFilled && rule.origin.locus !== null)
      report(at(rule.origin.locus, 'table'), 'rule-without-routes', `table ${rule.table} has no routes`, 'the next rule is asked instead');
  }
}

/** Stated routes have a place in the file. */
function locusOf({ origin }: { readonly origin: { readonly locus: Locus | null } }): Locus {
  if (origin.locus === null) throw new Error('a stated route without a place');
  return origin.locus;
}
