import { routesOf } from '../datapath/fib.ts';
import type { FoundState } from '../datapath/found-state.ts';
import { type InTable, ipRoute, routeText } from '../datapath/ip-route.ts';
import { renamedRoute } from '../datapath/renamed-route.ts';
import type { Route } from '../datapath/route.ts';
import type { RouteHop } from '../hop/linux-hop.ts';
import { familyOf, type IpFamily } from '../net/address.ts';
import { contains, samePrefix } from '../net/prefix.ts';
import { byCommands, type Detail } from './cause.ts';
import { routeHopsOn } from './met.ts';
import type { Part, Piece } from './parts.ts';
import type { TwoNodes, TwoTraces } from './two.ts';

/** Routes that a flow should take and that are not there, or lead elsewhere; and those that it takes and that should not be there. */
export function routePieces(part: Part, family: IpFamily, traces: TwoTraces, nodes: TwoNodes): readonly (readonly Piece[])[] {
  const [wanted, taken] = [routesTaken(traces.should, part, family), routesTaken(traces.has, part, family)];
  const lost = wanted.flatMap(({ table, route: compiled }): readonly Piece[] => {
    // What is taken for the routes of a plugin that is not known is none that a node lacks.
    if (compiled.origin.evidence === 'assumed') return [];
    const route = renamedRoute(compiled, nodes.is.foundNames);
    const there = nodes.found.routes[family].get(table);
    const own = there?.filter((r) => samePrefix(r.prefix, route.prefix)) ?? [];
    if ((there === undefined && !nodes.found.areAllTables[family]) || own.some((r) => routeText(r) === routeText(route))) return [];
    const detail = own[0] === undefined ? missingRoute({ table, route }, there ?? []) : wrongRoute({ table, route }, own[0]);
    return [{ ...part, putBack: (state: FoundState) => withRoute(state, family, { table, route }), detail }];
  });
  const odd = taken.flatMap(({ table, route }): readonly Piece[] => {
    const compiled = nodes.compiled.tables.get(table);
    const isKnown = compiled !== undefined && [...routesOf(compiled)].some((r) => samePrefix(r.prefix, route.prefix));
    if (isKnown || nodes.found.routes[family].get(table)?.includes(route) !== true) return [];
    const instead = wanted.find((w) => contains(w.route.prefix, route.prefix.address))?.route ?? null;
    return [
      {
        ...part,
        putBack: (state: FoundState) => withoutRoute(state, family, { table, route }),
        detail: oddRoute({ table, route }, instead),
      },
    ];
  });
  return [unique(odd), unique(lost)];
}

export const routesTaken = (traced: TwoTraces['has'], { node }: Part, family: IpFamily): readonly RouteHop[] =>
  routeHopsOn(traced, node).filter(({ route }) => familyOf(route.prefix.address) === family);

const unique = (pieces: readonly Piece[]): readonly Piece[] => [...new Map(pieces.map((p) => [p.detail.text, p])).values()];

function withRoute(state: FoundState, family: IpFamily, { table, route }: InTable): FoundState {
  const others = (state.routes[family].get(table) ?? []).filter((r) => !samePrefix(r.prefix, route.prefix));
  return withTable(state, family, table, [...others, route]);
}

const withoutRoute = (state: FoundState, family: IpFamily, { table, route }: InTable): FoundState =>
  withTable(state, family, table, state.routes[family].get(table)?.filter((r) => r !== route) ?? []);

const withTable = (state: FoundState, family: IpFamily, table: number, routes: readonly Route[]): FoundState => ({
  ...state,
  routes: { ...state.routes, [family]: new Map(state.routes[family]).set(table, routes) },
});

function missingRoute(missing: InTable, there: readonly Route[]): Detail {
  const [instead = null] = there
    .filter((r) => r.prefix.length < missing.route.prefix.length && contains(r.prefix, missing.route.prefix.address))
    .toSorted((a, b) => b.prefix.length - a.prefix.length);
  const place = instead?.origin.locus ?? there[0]?.origin.locus ?? null;
  return {
    kind: 'missing-route',
    text: `${missing.route.prefix.length === 0 ? 'no route:' : 'no route to'} ${routeText(missing.route)}${instead === null ? '' : `: packets go by ${routeText(instead)}`}`,
    place,
    isThere: instead !== null && place !== null,
    restore: byCommands(ipRoute('add', missing)),
  };
}

function wrongRoute(should: InTable, is: Route): Detail {
  const text = `the route is ${routeText(is)}, and should be ${routeText(should.route)}`;
  const place = is.origin.locus;
  return { kind: 'wrong-route', text, place, isThere: place !== null, restore: byCommands(ipRoute('replace', should)) };
}

function oddRoute(odd: InTable, instead: Route | null): Detail {
  const wanted = instead === null ? '' : `, and should be ${routeText(instead)}`;
  const place = odd.route.origin.locus;
  return {
    kind: 'wrong-route',
    text: `the route is ${routeText(odd.route)}${wanted}`,
    place,
    isThere: place !== null,
    restore: byCommands(ipRoute('del', odd)),
  };
}
