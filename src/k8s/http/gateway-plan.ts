import { familyOf, type IpFamily } from '../../net/address.ts';
import { declared } from '../../source/origin.ts';
import type { Cluster } from '../cluster.ts';
import type { Service } from '../service.ts';
import {
  GATEWAY_GROUP,
  type Gateway,
  gatewayText,
  type HttpRoute,
  type Listener,
  type ParentRef,
  type RouteBackend,
  routeText,
} from './gateway.ts';
import {
  type Action,
  type Frontend,
  type HttpPlan,
  type HttpRequest,
  hostRank,
  nearlyHolds,
  type Refusal,
  routeHostMatches,
  wildcardNote,
} from './http.ts';
import { type HttpRouting, isGranted } from './http-routing.ts';
import { notAccepted } from './route-attach.ts';
import { applyFilters } from './route-filter.ts';
import { candidatesOf, compareCandidates, matchText, type RouteCandidate } from './route-match.ts';

/** A Gateway's plan for a request that comes by one IP family. */
export function planGateway(cluster: Cluster, gateway: Gateway, request: HttpRequest, family: IpFamily): HttpPlan {
  const { http, namespaces } = cluster;
  const frontend = frontendOf(gateway, family);
  const refuse = (why: Refusal, rank: number): HttpPlan => ({
    request,
    frontend,
    rule: null,
    actions: [{ kind: 'refuse', share: 1, why, locus: gateway.locus }],
    notes: wildcardNotes(http, gateway, request, 0),
    hostRank: rank,
  });
  if (!http.gatewayClasses.has(gateway.className))
    return refuse({ kind: 'no-class', object: gatewayText(gateway), className: gateway.className }, rankOf(http, gateway, request));
  const listener = listenerFor(gateway, atListener(request, frontend.service));
  if (listener === null) {
    const listeners = gateway.listeners.map((l) => `${l.name} ${l.protocol} ${l.port}${l.hostname === null ? '' : ` ${l.hostname}`}`);
    const sameEntry = gateway.listeners.some((l) => isEntry(l, atListener(request, frontend.service)));
    return refuse({ kind: 'no-listener', frontend: gatewayText(gateway), listeners, sameEntry }, rankOf(http, gateway, request));
  }
  const routes = http.routes.filter((r) => parentsOf(r, gateway).some((p) => notAccepted(namespaces, gateway, listener, p, r) === null));
  const candidates = routes.flatMap((r) => candidatesOf(r, listener.hostname, request)).sort(compareCandidates);
  const [best, second] = candidates;
  const ofListener = hostRank(listener.hostname);
  if (best === undefined) return refuse({ kind: 'no-rule', frontend: gatewayText(gateway) }, rankOf(http, gateway, request));
  // Where a regular expression of a path stands in the order is up to the implementation; one of a header stands where the API puts it.
  const unsure = candidates.find(
    (c) => c.uncertain && c.hostRank === best.hostRank && (c === best || c.match.path.type === 'RegularExpression'),
  );
  const decisive = unsure ?? best;
  const rule = {
    text: `${routeText(decisive.route)}, ${matchText(decisive, request.host)}`,
    origin: declared(decisive.match.locus),
  };
  const tied = second !== undefined && second.route !== best.route && compareCandidates({ ...second, route: best.route }, best) === 0;
  const tie = tied
    ? [`${routeText(best.route)} and ${routeText(second.route)} match alike: the older one gets the request, here the first by name`]
    : [];
  const actions: readonly Action[] =
    unsure === undefined
      ? actionsOf(cluster, best, request, listener)
      : [{ kind: 'refuse', share: 1, why: { kind: 'regular-expression', route: routeText(unsure.route) }, locus: unsure.match.locus }];
  const notes = [...tie, ...wildcardNotes(http, gateway, request, best.hostRank)];
  return { request, frontend, rule, actions, notes, hostRank: Math.max(best.hostRank, ofListener) };
}

function frontendOf(gateway: Gateway, family: IpFamily): Frontend {
  const addresses = gateway.addresses.filter((a) => familyOf(a) === family);
  return { api: 'Gateway', name: gatewayText(gateway), service: gateway.service, addresses, locus: gateway.locus };
}

/** How precisely the Gateway's listeners and routes name the host, whatever else they ask for. */
function rankOf(http: HttpRouting, gateway: Gateway, { host }: HttpRequest): number {
  const ofRoutes = http.routes.filter((r) => parentsOf(r, gateway).length > 0).flatMap((r) => r.hostnames);
  const names = [...ofRoutes, ...gateway.listeners.flatMap((l) => l.hostname ?? [])];
  return Math.max(0, ...names.filter((h) => routeHostMatches(h, host)).map(hostRank));
}

/** What the host misses since `*` stands for no label at all, where what it gets is less precise. */
function wildcardNotes(http: HttpRouting, gateway: Gateway, { host }: HttpRequest, rank: number): readonly string[] {
  const misses = (pattern: string | null): pattern is string =>
    nearlyHolds(pattern, host) && !routeHostMatches(pattern, host) && hostRank(pattern) > rank;
  const note = (of: string) => (pattern: string) => wildcardNote('one label or more', pattern, host, of);
  const ofListeners = gateway.listeners.flatMap((l) =>
    [l.hostname].filter(misses).map(note(`listener ${l.name} of ${gatewayText(gateway)}`)),
  );
  const routes = http.routes.filter((r) => parentsOf(r, gateway).length > 0);
  return [...ofListeners, ...routes.flatMap((r) => r.hostnames.filter(misses).map(note(routeText(r))))];
}

const parentsOf = ({ parents }: HttpRoute, { namespace, name }: Gateway) =>
  parents.filter((p) => p.namespace === namespace && p.name === name);

const isEntry = ({ port, protocol }: Listener, request: HttpRequest) =>
  port === request.port && protocol === (request.scheme === 'https' ? 'HTTPS' : 'HTTP');

/** A call to a node port comes to the service's own port, which is the listener's. */
function atListener(request: HttpRequest, service: Service | null): HttpRequest {
  const own = service?.ports.find((p) => p.protocol === 'tcp' && p.nodePort === request.port);
  return own === undefined ? request : { ...request, port: own.port };
}

/** Of the listeners on this port, the one that names the host most precisely. */
function listenerFor({ listeners }: Gateway, request: HttpRequest): Listener | null {
  const open = listeners.filter((l) => isEntry(l, request) && routeHostMatches(l.hostname, request.host));
  return open.reduce<Listener | null>((a, b) => (a === null || hostRank(b.hostname) > hostRank(a.hostname) ? b : a), null);
}

/** One action for each backend, by weight. An invalid one answers 500 for its share. Source: HTTPRouteRule.backendRefs. */
function actionsOf(cluster: Cluster, { route, rule, match }: RouteCandidate, request: HttpRequest, { port }: Listener): readonly Action[] {
  const { request: changed, edits, redirect } = applyFilters(rule.filters, request, match, port);
  if (redirect !== null) return [{ kind: 'redirect', share: 1, ...redirect, locus: rule.locus }];
  const total = rule.backends.reduce((sum, b) => sum + b.weight, 0);
  if (total === 0) return [{ kind: 'refuse', share: 1, why: { kind: 'no-backend', object: routeText(route) }, locus: rule.locus }];
  return rule.backends
    .filter((b) => b.weight > 0)
    .map((backend) => {
      const share = backend.weight / total;
      const found = backendOf(cluster, route, backend);
      return 'why' in found
        ? { kind: 'refuse', share, why: found.why, locus: backend.locus }
        : { kind: 'forward', share, ...found, request: changed, edits, locus: backend.locus };
    });
}

function backendOf({ services, http }: Cluster, route: HttpRoute, { namespace, name, port: number }: RouteBackend) {
  const object = routeText(route);
  const from = { group: GATEWAY_GROUP, kind: 'HTTPRoute', namespace: route.namespace };
  if (namespace !== route.namespace && !isGranted(http, from, { group: '', kind: 'Service', namespace, name }))
    return { why: { kind: 'no-grant', object, from: route.namespace, namespace, name } } as const;
  const service = services.get(`${namespace}/${name}`);
  if (service === undefined) return { why: { kind: 'no-service', object, namespace, name } } as const;
  // Source: BackendObjectReference.kind: implementations should not support ExternalName.
  if (service.externalName !== null) return { why: { kind: 'external-name', object, service, refused: true } } as const;
  const port = service.ports.find((p) => p.protocol === 'tcp' && p.port === number);
  return port === undefined ? ({ why: { kind: 'no-port', object, service, port: number } } as const) : { service, port };
}

/** A route that would have matched, if a listener took it. */
export function unattached(cluster: Cluster, request: HttpRequest, plans: readonly HttpPlan[]): HttpPlan | null {
  const { http, namespaces } = cluster;
  const lost = http.routes.flatMap((r) => candidatesOf(r, null, request)).filter((c) => !isForOthers(cluster, c));
  const [best] = lost.sort(compareCandidates);
  if (best === undefined) return null;
  const { route } = best;
  for (const parent of route.parents) {
    const gateway = http.gateways.find((g) => g.namespace === parent.namespace && g.name === parent.name);
    if (gateway === undefined) continue;
    const frontend = plans.find((p) => p.frontend?.name === gatewayText(gateway))?.frontend ?? null;
    const listener = meantListener(gateway, parent, best, atListener(request, frontend?.service ?? null));
    const refused = listener === null ? null : notAccepted(namespaces, gateway, listener, parent, route);
    if (refused === null) continue;
    const why: Refusal = { kind: 'not-accepted', route: routeText(route), ...refused };
    return nobodys(best, request, frontend, why, parent.locus);
  }
  const missing = route.parents.find((p) => !http.gateways.some((g) => g.namespace === p.namespace && g.name === p.name));
  if (missing === undefined) return null;
  const because = `its parent ${gatewayText(missing)} does not exist`;
  const names = http.gateways.map((g) => `${g.namespace}/${g.name}`).join(', ');
  const fix =
    names === '' ? `state the Gateway ${missing.namespace}/${missing.name}` : `name a Gateway that exists as its parent: ${names}`;
  const frontend = plans.find((p) => p.frontend?.api === 'Gateway')?.frontend ?? null;
  return nobodys(
    best,
    request,
    frontend,
    { kind: 'not-accepted', route: routeText(route), because, fix, at: missing.locus },
    missing.locus,
  );
}

/** One listener's redirect to another one is not meant for that, too. */
function isForOthers({ http, namespaces }: Cluster, { route, rule }: RouteCandidate): boolean {
  const takes = (parent: ParentRef, gateway: Gateway) =>
    parent.namespace === gateway.namespace &&
    parent.name === gateway.name &&
    gateway.listeners.some((l) => notAccepted(namespaces, gateway, l, parent, route) === null);
  return rule.filters.some((f) => f.type === 'RequestRedirect') && route.parents.some((p) => http.gateways.some((g) => takes(p, g)));
}

/** The listener that gets the request; when none is for its host, though the route is, the one that the route hangs on. */
function meantListener(gateway: Gateway, parent: ParentRef, { hostRank: rank }: RouteCandidate, request: HttpRequest): Listener | null {
  const known = listenerFor(gateway, request);
  if (known !== null || rank === 0) return known;
  const open = gateway.listeners.filter((l) => isEntry(l, request));
  return open.find((l) => l.name === parent.sectionName) ?? open[0] ?? null;
}

function nobodys(
  best: RouteCandidate,
  request: HttpRequest,
  frontend: Frontend | null,
  why: Refusal,
  locus: RouteCandidate['match']['locus'],
): HttpPlan {
  return {
    request,
    frontend,
    rule: { text: `${routeText(best.route)}, ${matchText(best, request.host)}`, origin: declared(best.match.locus) },
    actions: [{ kind: 'refuse', share: 1, why, locus }],
    notes: [],
    hostRank: best.hostRank,
  };
}
