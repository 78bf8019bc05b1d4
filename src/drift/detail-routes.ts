import type { NextHop, Route } from '../datapath/route.ts';
import type { RouteHop } from '../hop/linux-hop.ts';
import { formatAddress, type IpFamily } from '../net/address.ts';
import { formatDestination } from '../net/prefix.ts';
import type { Locus } from '../source/origin.ts';
import type { Detail } from './cause.ts';
import { routesOn } from './met.ts';
import type { TwoNodes, TwoTraces } from './two.ts';

interface OfFamily {
  readonly family: IpFamily;
}

/** The first packet that another route, or none, takes. */
export function routeDetail(node: string, { family }: OfFamily, { found }: TwoNodes, traces: TwoTraces): Detail {
  const anywhere = [...found.routes[family].values()].flat()[0]?.origin.locus ?? null;
  const { missing, instead } = firstOther(node, traces, ({ route }) => routeText(route));
  if (missing === null) {
    if (instead === null) return { kind: 'wrong-route', text: 'its routes are not as they should be', place: anywhere, isThere: false };
    return { kind: 'wrong-route', text: `packets go by ${routeText(instead.route)}`, ...placeOf(instead.route, anywhere) };
  }
  if (instead === null || instead.route.prefix.length < missing.route.prefix.length)
    return missingRoute(missing.route, instead?.route ?? null, anywhere);
  return {
    kind: 'wrong-route',
    text: `the route is ${routeText(instead.route)}, and should be ${routeText(missing.route)}`,
    ...placeOf(instead.route, anywhere),
  };
}

const placeOf = ({ origin: { locus } }: Route, otherwise: Locus | null): Pick<Detail, 'place' | 'isThere'> => ({
  place: locus ?? otherwise,
  isThere: locus !== null,
});

function missingRoute(missing: Route, instead: Route | null, anywhere: Locus | null): Detail {
  const hops = missing.nextHops.map(hopText).join('');
  const text = `no route to ${formatDestination(missing.prefix)}${hops}${instead === null ? '' : `: packets go by ${routeText(instead)}`}`;
  return { kind: 'missing-route', text, ...(instead === null ? { place: anywhere, isThere: false } : placeOf(instead, anywhere)) };
}

/** The first packet that is routed by another table, or by another rule. */
export function routingRuleDetail(node: string, { family }: OfFamily, { found }: TwoNodes, traces: TwoTraces): Detail {
  const rules = found.rules[family] ?? [];
  const { missing, instead } = firstOther(node, traces, ({ table, rulePriority }) => `${table} ${rulePriority}`);
  if (instead === null) {
    const wanted = missing === null ? '' : `: rule ${missing.rulePriority} should look up table ${missing.table}`;
    return {
      kind: 'routing-rule',
      text: `its rules choose other tables than they should${wanted}`,
      place: rules[0]?.origin.locus ?? null,
      isThere: false,
    };
  }
  const place = rules.find((r) => r.priority === instead.rulePriority)?.origin.locus ?? null;
  const wanted = missing === null ? '' : `, where rule ${missing.rulePriority} should look up table ${missing.table}`;
  return {
    kind: 'routing-rule',
    text: `rule ${instead.rulePriority} looks up table ${instead.table}${wanted}`,
    place,
    isThere: place !== null,
  };
}

/** In the first walk where they are not alike: what should be taken and is not, and what is taken and should not be. */
function firstOther(
  node: string,
  { should, has }: TwoTraces,
  textOf: (hop: RouteHop) => string,
): { readonly missing: RouteHop | null; readonly instead: RouteHop | null } {
  const taken = routesOn(has, node);
  for (const [i, wanted] of routesOn(should, node).entries()) {
    const own = taken[i] ?? [];
    const isIn = (hops: readonly RouteHop[], hop: RouteHop) => hops.some((other) => textOf(other) === textOf(hop));
    const missing = wanted.find((hop) => !isIn(own, hop)) ?? null;
    const instead = own.find((hop) => !isIn(wanted, hop)) ?? null;
    if (missing !== null || instead !== null) return { missing, instead };
  }
  return { missing: null, instead: null };
}

/** As `ip route` has it, as far as it decides. */
const routeText = (route: Route): string =>
  `${route.type === 'unicast' ? '' : `${route.type} `}${formatDestination(route.prefix)}${route.nextHops.map(hopText).join('')}`;

const hopText = ({ via, device }: NextHop): string => `${via === null ? '' : ` via ${formatAddress(via)}`} dev ${device}`;
