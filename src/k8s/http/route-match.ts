import type { HttpRoute, RouteMatch, RouteRule, ValueMatch } from './gateway.ts';
import { type HttpRequest, hostRank, isPathPrefix, routeHostMatches, withoutTrailingSlash } from './http.ts';

/** A match of a route's rule that a request fulfils. */
export interface RouteCandidate {
  readonly route: HttpRoute;
  readonly rule: RouteRule;
  readonly match: RouteMatch;
  readonly hostRank: number;
  /** A regular expression decides, and each implementation has its own. */
  readonly uncertain: boolean;
}

/** All matches of a route that fit a request, on a listener with this hostname. */
export function candidatesOf(route: HttpRoute, listener: string | null, request: HttpRequest): readonly RouteCandidate[] {
  const rank = routeRank(route, listener, request.host);
  if (rank === null) return [];
  return route.rules.flatMap((rule) =>
    rule.matches.flatMap((match): readonly RouteCandidate[] => {
      const fits = matchFits(match, request);
      return fits === 'no' ? [] : [{ route, rule, match, hostRank: rank, uncertain: fits === 'unknown' }];
    }),
  );
}

/** How precisely the route names the host; null: not at all. Hostnames that the listener does not hold do not count. */
function routeRank({ hostnames }: HttpRoute, listener: string | null, host: string): number | null {
  if (!routeHostMatches(listener, host)) return null;
  if (hostnames.length === 0) return 0;
  const matching = hostnames.filter((h) => routeHostMatches(h, host));
  return matching.length === 0 ? null : Math.max(...matching.map(hostRank));
}

type Fit = 'yes' | 'no' | 'unknown';

function matchFits({ path, method, headers, queryParams }: RouteMatch, request: HttpRequest): Fit {
  const query = new Map([...request.query].reverse());
  const fits = [
    method === null || method === request.method ? 'yes' : 'no',
    pathFits(path, request.path),
    ...headers.map((h) => valueFits(h, request.headers.get(h.name.toLowerCase()))),
    ...queryParams.map((q) => valueFits(q, query.get(q.name))),
  ] as const;
  if (fits.includes('no')) return 'no';
  return fits.includes('unknown') ? 'unknown' : 'yes';
}

function pathFits({ type, value }: RouteMatch['path'], path: string): Fit {
  if (type === 'RegularExpression') return 'unknown';
  return (type === 'Exact' ? value === path : isPathPrefix(value, path)) ? 'yes' : 'no';
}

function valueFits({ type, value }: ValueMatch, found: string | undefined): Fit {
  if (found === undefined) return 'no';
  if (type === 'RegularExpression') return 'unknown';
  return found === value ? 'yes' : 'no';
}

/**
 * The order that the Gateway API prescribes (HTTPRouteSpec.hostnames, HTTPRouteRule.matches): host, exact path, longest prefix, method,
 * headers, query. The oldest route would come next, but the input has no times; then the first by name, then the first rule.
 */
export function compareCandidates(a: RouteCandidate, b: RouteCandidate): number {
  const order = specificity(b).map((value, i) => value - (specificity(a)[i] ?? 0));
  const difference = order.find((o) => o !== 0);
  if (difference !== undefined) return difference;
  const [left, right] = [a, b].map(({ route }) => `${route.namespace}/${route.name}`);
  return left === undefined || right === undefined || left === right ? 0 : left < right ? -1 : 1;
}

function specificity({ match: { path, method, headers, queryParams }, hostRank: host }: RouteCandidate): readonly number[] {
  return [
    host,
    Number(path.type === 'Exact'),
    withoutTrailingSlash(path.value).length,
    Number(method !== null),
    new Set(headers.map((h) => h.name.toLowerCase())).size,
    queryParams.length,
  ];
}

/** `shop.example.com /cart (PathPrefix), header env=canary` */
export function matchText({ route, match }: RouteCandidate, host: string): string {
  const { path, method, headers, queryParams } = match;
  const named = route.hostnames.filter((h) => routeHostMatches(h, host)).sort((a, b) => hostRank(b) - hostRank(a))[0];
  return [
    `${named ?? 'any host'} ${path.value} (${path.type})`,
    ...(method === null ? [] : [`method ${method}`]),
    ...headers.map((h) => `header ${h.name}=${h.value}`),
    ...queryParams.map((q) => `query ${q.name}=${q.value}`),
  ].join(', ');
}
