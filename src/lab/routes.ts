import { LOCAL_TABLE, MAIN_TABLE, type RoutingRule, routesOf } from '../datapath/fib.ts';
import type { Netns } from '../datapath/netns.ts';
import type { NextHop, Route } from '../datapath/route.ts';
import { actionText, otherSelectors } from '../datapath/routing-rule.ts';
import { familyOf, formatAddress, type IpFamily, isLinkLocal } from '../net/address.ts';
import { contains, formatDestination, formatPrefix, samePrefix } from '../net/prefix.ts';

/** Priorities of the rules that every namespace has. */
const USUAL = [0, 32766, 32767];

/**
 * `ip -batch` lines, for each family its own: the main table is emptied of the routes that the kernel put there for IPv4 addresses, and
 * gets all that the datapath says; the local table is the kernel's own work. Links come before next hops, because the kernel takes a next
 * hop only when it is on a link.
 */
export function routeLines(netns: Netns, family: IpFamily): readonly string[] {
  const tables = [...netns.tables.values()].filter((t) => t.id !== LOCAL_TABLE);
  const all = tables.flatMap((fib) => [...routesOf(fib)].map((route) => ({ table: fib.id, route })));
  const routes = all.filter(({ route }) => familyOf(route.prefix.address) === family);
  const links = routes.filter(({ route }) => route.nextHops.every((n) => n.via === null));
  const beyond = routes.filter(({ route }) => route.nextHops.some((n) => n.via !== null));
  const onLink = (hop: NextHop) =>
    links.some(
      ({ table, route }) => table === MAIN_TABLE && hop.via !== null && contains(route.prefix, hop.via) && leavesBy(route, hop.device),
    );
  const action = (route: Route, before: readonly { readonly table: number; readonly route: Route }[], table: number) =>
    isLinkLocal(route.prefix.address) || before.some((b) => b.table === table && isLike(b.route, route)) ? 'append' : 'add';
  return [
    ...(family === 'IPv4' ? ['route flush table main'] : links.flatMap(({ route }) => ofKernel(route))),
    ...[...links, ...beyond].map(
      ({ table, route }, i, before) =>
        `route ${action(route, before.slice(0, i), table)} ${routeText(route, onLink)}${table === MAIN_TABLE ? '' : ` table ${table}`}`,
    ),
    ...netns.rules.filter((r) => !USUAL.includes(r.priority) && isOf(r, family)).map(ruleLine),
  ];
}

/** The kernel has made one for each IPv6 device that is up, which is alike for all of them. */
const ofKernel = ({ prefix, nextHops }: Route): readonly string[] =>
  isLinkLocal(prefix.address) ? nextHops.map(({ device }) => `route flush exact ${formatDestination(prefix)} dev ${device}`) : [];

/** The kernel adds no second one, unless it is told that it comes behind: as the link of a second NIC on one segment does. */
const isLike = (a: Route, b: Route) => samePrefix(a.prefix, b.prefix) && a.metric === b.metric;

/** A rule that names no prefix, and is not said to be of one family, is of both. */
const isOf = ({ family: stated, from, to }: RoutingRule, family: IpFamily) => {
  const named = from ?? to;
  return stated === undefined ? named === null || familyOf(named.address) === family : stated === family;
};

const leavesBy = (route: Route, device: string) => route.type === 'unicast' && route.nextHops.some((n) => n.device === device);

function routeText(route: Route, onLink: (hop: NextHop) => boolean): string {
  const type = route.type === 'unicast' ? '' : `${route.type} `;
  const several = route.nextHops.length > 1;
  const metric = route.metric === 0 ? '' : ` metric ${route.metric}`;
  const source = route.source === null ? '' : ` src ${formatAddress(route.source)}`;
  const hops = route.nextHops.map((hop) => {
    const via = hop.via === null ? '' : ` via ${formatAddress(hop.via)}`;
    const scope =
      hop.via === null
        ? several || familyOf(route.prefix.address) === 'IPv6'
          ? ''
          : ` scope ${route.scope ?? 'link'}`
        : onLink(hop) && hop.onlink !== true
          ? ''
          : ' onlink';
    return `${several ? ' nexthop' : ''}${via} dev ${hop.device}${several ? ` weight ${hop.weight}` : ''}${scope}`;
  });
  const mtu = route.mtu === undefined ? '' : ` mtu ${route.mtu.isLocked ? 'lock ' : ''}${route.mtu.bytes}`;
  return `${type}${formatDestination(route.prefix)}${metric}${source}${mtu}${hops.join('')}`;
}

/** What is not modelled is left as it is written, where iproute2 may take it. */
function ruleLine(rule: RoutingRule): string {
  const { action, table } = rule;
  const parts = [
    `rule add${rule.inverted === true ? ' not' : ''} pref ${rule.priority}`,
    ...(rule.from === null ? [] : [`from ${formatPrefix(rule.from)}`]),
    ...(rule.to === null ? [] : [`to ${formatPrefix(rule.to)}`]),
    ...otherSelectors(rule),
    action === undefined && rule.suppressPrefixLength === undefined ? `table ${table}` : actionText(rule, String),
  ];
  return parts.join(' ');
}
