import type { NextHop, Route } from '../datapath/fib.ts';
import type { Hop } from '../hop/hop.ts';
import { formatAddress, type IpFamily } from '../net/address.ts';
import { formatDestination } from '../net/prefix.ts';
import type { Locus } from '../source/origin.ts';
import type { Detail } from './cause.ts';
import { routesIn } from './met.ts';
import type { TwoNodes } from './two.ts';

interface OfFamily {
  readonly family: IpFamily;
}

/** The first packet that another route, or none, takes. */
export function routeDetail({ family }: OfFamily, { found }: TwoNodes, should: readonly Hop[], has: readonly Hop[]): Detail {
  const [wanted, taken] = [routesIn(should), routesIn(has)];
  const at = wanted.findIndex(({ route }, i) => routeText(route) !== routeText(taken[i]?.route ?? null));
  const [missing, instead] = [wanted[at]?.route ?? null, taken[at]?.route ?? null];
  const anywhere = [...found.routes[family].values()].flat()[0]?.origin.locus ?? null;
  if (missing === null) {
    const extra = taken[wanted.length]?.route ?? null;
    if (extra === null) return { kind: 'wrong-route', text: 'its routes are not as they should be', place: anywhere, isThere: false };
    return { kind: 'wrong-route', text: `packets go by ${routeText(extra)}`, place: extra.origin.locus, isThere: true };
  }
  if (instead === null) return missingRoute(missing, null, anywhere);
  const isWider = instead.prefix.length < missing.prefix.length;
  if (isWider) return missingRoute(missing, instead, instead.origin.locus ?? anywhere);
  return {
    kind: 'wrong-route',
    text: `the route is ${routeText(instead)}, and should be ${routeText(missing)}`,
    place: instead.origin.locus ?? anywhere,
    isThere: instead.origin.locus !== null,
  };
}

function missingRoute(missing: Route, instead: Route | null, place: Locus | null): Detail {
  const by = instead === null ? '' : `: packets go by ${routeText(instead)}`;
  const should = missing.nextHops.length === 0 ? '' : ` (${routeText(missing)})`;
  return {
    kind: 'missing-route',
    text: `no route to ${formatDestination(missing.prefix)}${should}${by}`,
    place,
    isThere: instead !== null,
  };
}

/** The first packet that is routed by another table, or by another rule. */
export function routingRuleDetail({ family }: OfFamily, { found }: TwoNodes, should: readonly Hop[], has: readonly Hop[]): Detail {
  const [wanted, taken] = [routesIn(should), routesIn(has)];
  const at = wanted.findIndex(
    ({ table, rulePriority }, i) => taken[i] !== undefined && (taken[i].table !== table || taken[i].rulePriority !== rulePriority),
  );
  const [a, b] = [wanted[at], taken[at]];
  const rules = found.rules[family] ?? [];
  const place = rules.find((r) => r.priority === b?.rulePriority)?.origin.locus ?? null;
  if (a === undefined || b === undefined)
    return {
      kind: 'routing-rule',
      text: 'its rules choose other tables than they should',
      place: rules[0]?.origin.locus ?? null,
      isThere: false,
    };
  return {
    kind: 'routing-rule',
    text: `rule ${b.rulePriority} looks up table ${b.table}, where rule ${a.rulePriority} should look up table ${a.table}`,
    place,
    isThere: place !== null,
  };
}

/** As `ip route` has it, as far as it decides. */
export function routeText(route: Route | null): string {
  if (route === null) return 'no route';
  const type = route.type === 'unicast' ? '' : `${route.type} `;
  return `${type}${formatDestination(route.prefix)}${route.nextHops.map(hopText).join('')}`;
}

const hopText = ({ via, device }: NextHop): string => `${via === null ? '' : ` via ${formatAddress(via)}`} dev ${device}`;
