import { FAMILIES, familyOf, type IpFamily } from '../../net/address.ts';
import { samePrefix } from '../../net/prefix.ts';
import { PrefixTable } from '../../net/prefix-table.ts';
import { DEFAULT_TABLE, type Fib, LOCAL_TABLE, MAIN_TABLE, type RoutingRule, routesOf } from '../fib.ts';
import type { FoundState } from '../found-state.ts';
import type { Netns } from '../netns.ts';
import { renamedRoute } from '../renamed-route.ts';
import type { Route } from '../route.ts';
import { selectorText } from '../routing-rule.ts';
import type { FoundNames } from './names.ts';

/** Routes that come with the addresses that were found, by table, and the families of these. */
export interface WithAddresses {
  readonly families: readonly IpFamily[];
  readonly routes: ReadonlyMap<number, readonly Route[]>;
}

/** The routing tables of a machine: of each family, those that were found in place of those that were compiled. */
export function foundTables(netns: Netns, found: FoundState, names: FoundNames, addressed: WithAddresses): void {
  const { routes, areAllTables } = found;
  for (const id of new Set([...netns.tables.keys(), ...routes.IPv4.keys(), ...routes.IPv6.keys(), LOCAL_TABLE, MAIN_TABLE])) {
    // Every machine has routes to itself: a list of all tables without any leaves them out. The addresses of the objects count beside the
    // found ones, where the list of found ones is not complete.
    const isMore = (f: IpFamily) => id === LOCAL_TABLE && routes[f].get(id)?.some((r) => r.untold !== undefined) === true;
    const replaced = FAMILIES.filter((f) => (routes[f].has(id) || (areAllTables[f] && id !== LOCAL_TABLE)) && !isMore(f));
    const given = FAMILIES.flatMap((f) => (replaced.includes(f) || isMore(f) ? (routes[f].get(id) ?? []) : []));
    const compiled = underNames(netns.tables.get(id) ?? emptyTable(id), names);
    const stays = ({ prefix }: Pick<Route, 'prefix'>) => !replaced.includes(familyOf(prefix.address));
    const kept = readdressed([...compiled.routes.values()], id, addressed).filter(stays);
    const table = new PrefixTable<Route>();
    for (const route of [...given, ...kept]) table.add(route.prefix, route);
    const { hides, shared, removed } = compiled;
    netns.tables.set(id, {
      id,
      routes: table,
      shared: replaced.length === FAMILIES.length ? null : shared,
      hides: replaced.length === 0 ? hides : (r) => !stays(r) || hides(r),
      removed: removed.filter(stays),
    });
  }
}

const emptyTable = (id: number): Fib => ({ id, routes: new PrefixTable(), shared: null, hides: () => false, removed: [] });

/** A table that was compiled, by devices as they were found; where no name is another, it is as it was. */
function underNames(fib: Fib, names: FoundNames): Fib {
  if (areSame(names)) return fib;
  const routes = new PrefixTable<Route>();
  for (const route of routesOf(fib)) routes.add(route.prefix, renamedRoute(route, names));
  return { ...fib, routes, shared: null };
}

const areSame = (names: FoundNames): boolean => [...names].every(([compiled, found]) => compiled === found);

/** Routes that follow from addresses. The local table has all of them; another table gets the links of addresses that only routes have. */
function readdressed(compiled: readonly Route[], id: number, { families, routes }: WithAddresses): readonly Route[] {
  const isGiven = (r: Route) => families.includes(familyOf(r.prefix.address));
  const kept = id === LOCAL_TABLE ? compiled.filter((r) => !isGiven(r)) : compiled;
  const own = (routes.get(id) ?? []).filter((r) => id === LOCAL_TABLE || isGiven(r));
  return [...kept, ...own.filter((r) => !kept.some((c) => isLike(c, r)))];
}

const isLike = (a: Route, b: Route) => samePrefix(a.prefix, b.prefix) && a.nextHops[0]?.device === b.nextHops[0]?.device;

/** The rules of a machine, in the order of their priorities; its tables are those that were found. */
export function foundRules(netns: Netns, state: FoundState, names: FoundNames): readonly RoutingRule[] {
  const { rules } = state;
  const given = FAMILIES.filter((f) => rules[f] !== null);
  if (given.length === 0) return areSame(names) ? netns.rules : netns.rules.map((r) => ({ ...r, iif: under(r.iif, names) }));
  const [other] = FAMILIES.filter((f) => !given.includes(f));
  const compiled =
    other === undefined ? [] : netns.rules.filter((r) => mayBeOf(r, other)).map((r) => ({ ...r, family: other, iif: under(r.iif, names) }));
  const asked = (family: IpFamily) => (family === 'IPv6' ? asIpv6AsksThem(rules.IPv6 ?? []) : (rules.IPv4 ?? []));
  const found = given.flatMap((family) => asked(family).map((r) => ({ ...withTable(netns, state, r, family), family })));
  return [...found, ...compiled].sort((a, b) => a.priority - b.priority);
}

/**
 * IPv6 rules as the kernel uses them: before a rule was added or deleted, it looks in the tables local and main without them. Source:
 * fib6_rule_lookup, net/ipv6/fib6_rules.c.
 */
function asIpv6AsksThem(rules: readonly RoutingRule[]): readonly RoutingRule[] {
  const [first] = rules;
  if (first === undefined || !rules.every(isUsual)) return rules;
  return USUAL.map(([priority, table]) => rules.find((r) => r.table === table) ?? { ...first, priority, table });
}

const USUAL = [
  [0, LOCAL_TABLE],
  [32_766, MAIN_TABLE],
] as const;

const isUsual = (rule: RoutingRule): boolean =>
  selectorText(rule) === 'from all' &&
  rule.action === undefined &&
  rule.suppressPrefixLength === undefined &&
  USUAL.some(([priority, table]) => rule.priority === priority && rule.table === table);

/**
 * The rule, with an unknown result if its table was not collected: `ip route` lists the main table only. A usual table that is missing in
 * `table all` is empty.
 */
function withTable({ tables }: Netns, { areAllTables }: FoundState, rule: RoutingRule, family: IpFamily): RoutingRule {
  const isKnown = areAllTables[family] || tables.has(rule.table) || rule.table === DEFAULT_TABLE || rule.action !== undefined;
  return isKnown ? rule : withoutRoutes(rule, family);
}

/** A rule that looks up a table of which nothing is known. */
export function withoutRoutes(rule: RoutingRule, family: IpFamily): RoutingRule {
  const table = rule.table === MAIN_TABLE ? 'main' : `${rule.table}`;
  const command = `ip ${family === 'IPv4' ? '-4' : '-6'} route show table all`;
  return { ...rule, action: { kind: 'unmodelled', text: `lookup ${table}, whose routes are not given`, command } };
}

const under = (device: string | null, names: FoundNames): string | null => (device === null ? null : (names.get(device) ?? device));

const mayBeOf = ({ from, to, family }: RoutingRule, other: IpFamily) => {
  const named = from ?? to;
  return named === null ? family === undefined || family === other : familyOf(named.address) === other;
};
