import type { Cluster } from '../k8s/cluster.ts';
import { gatewayText, type HttpRoute, type RouteMatch } from '../k8s/http/gateway.ts';
import { type HttpRequest, ingressHostMatches, isPathPrefix, nearlyHolds, routeHostMatches, urlText } from '../k8s/http/http.ts';
import { classOf, type HttpRouting } from '../k8s/http/http-routing.ts';
import { notAccepted } from '../k8s/http/route-attach.ts';
import { parseAddress } from '../net/address.ts';
import type { Locus } from '../source/origin.ts';
import { nearest } from '../source/suggest.ts';
import { refusalOf } from './fix-http.ts';
import { advised, asked, type Fix } from './remedy.ts';
import { type Fixer, place, type Scene } from './scene.ts';

/** A served host and path, and the other conditions of its rule. */
interface KnownRule {
  /** Null: any. */
  readonly host: string | null;
  readonly path: string;
  readonly type: string;
  /** Beside host and path; null for Ingresses. */
  readonly match: RouteMatch | null;
  /** The controllers that have it. */
  readonly frontends: readonly string[];
  readonly locus: Locus;
}

/** The rules of the cluster, without those of Ingresses that no class serves and of routes that no listener takes. */
function rulesOf(cluster: Cluster): readonly KnownRule[] {
  const { http } = cluster;
  const ofIngresses = http.ingresses.flatMap((i) => {
    const served = classOf(http, i);
    if (served === null) return [];
    const frontends = [`IngressClass ${served.name}`];
    return i.rules.flatMap(({ host, paths }) =>
      (paths ?? []).map(({ path, type, locus }): KnownRule => ({ host, path, type, match: null, frontends, locus })),
    );
  });
  const ofRoutes = http.routes.flatMap((route) => {
    const frontends = gatewaysOf(cluster, route);
    const hosts = frontends.length === 0 ? [] : route.hostnames.length === 0 ? [null] : route.hostnames;
    return route.rules.flatMap(({ matches }) =>
      matches.flatMap((match) =>
        hosts.map((host): KnownRule => {
          const { path, locus } = match;
          return { host, path: path.value, type: path.type, match, frontends, locus };
        }),
      ),
    );
  });
  return [...ofIngresses, ...ofRoutes];
}

/** The Gateways of which a listener takes the route. */
function gatewaysOf({ http, namespaces }: Cluster, route: HttpRoute): readonly string[] {
  const takes = (gateway: HttpRouting['gateways'][number]) =>
    route.parents.some(
      (parent) =>
        parent.namespace === gateway.namespace &&
        parent.name === gateway.name &&
        gateway.listeners.some((l) => notAccepted(namespaces, gateway, l, parent, route) === null),
    );
  return http.gateways.filter(takes).map(gatewayText);
}

/** A match's conditions beside the path, in words and as options of the command. */
function conditionsOf(match: RouteMatch | null): readonly { readonly text: string; readonly option: string }[] {
  if (match === null) return [];
  const { method, headers, queryParams } = match;
  return [
    ...(method === null ? [] : [{ text: `method ${method}`, option: `--method ${method}` }]),
    ...headers.map(({ name, value }) => ({ text: `header ${name}: ${value}`, option: `-H '${name}: ${value}'` })),
    ...queryParams.map(({ name, value }) => ({ text: `query ${name}=${value}`, option: `?${name}=${value} in the URL` })),
  ];
}

function ruleText({ host, path, type, match, locus }: KnownRule): string {
  const more = conditionsOf(match).map((c) => c.text);
  return `${host ?? 'any host'} ${path} (${[type, ...(more.length === 0 ? [] : [`with ${more.join(' and ')}`]), place(locus)].join(', ')})`;
}

export const noRule: Fixer = (scene) => {
  const request = scene.context.question.http?.request;
  if (request === undefined) return [];
  const listener = refusalOf(scene, 'no-listener');
  if (listener !== null)
    return [
      advised('choice', `call what a listener is for (${place(scene.origin.locus)}): ${listener.listeners.join('; ')}; or add a listener`),
    ];
  const rules = rulesOf(scene.context.cluster);
  const renamed = otherName(scene, request, rules);
  if (renamed !== null) return [renamed];
  const sameHost = rules.filter((r) => r.host === request.host);
  if (sameHost.length > 0) return ofHost(sameHost, request);
  const missed = rules.filter((r) => nearlyHolds(r.host, request.host) && !holds(r, request.host));
  if (missed.length > 0)
    return missed.slice(0, 3).map((r) => {
      const labels = r.match === null ? 'one label' : 'one label or more';
      return advised('choice', `add a rule for ${request.host}: * stands for ${labels}, and ${ruleText(r)} does not hold it`);
    });
  const near = new Set(
    nearest(
      request.host,
      rules.flatMap((r) => r.host ?? []),
    ),
  );
  const close = rules.filter((r) => r.host !== null && near.has(r.host));
  if (close.length > 0)
    return [
      advised(
        'choice',
        `check the host: there ${close.length === 1 ? 'is a rule' : 'are rules'} for ${close.slice(0, 3).map(ruleText).join(', ')}`,
      ),
    ];
  const hosts = new Map([...rules].reverse().map((r) => [r.host, r]));
  const some = [...hosts.values()].reverse().slice(0, 5);
  const add = `add a rule for ${request.host}${some.length === 0 ? '' : `; there are rules for ${some.map(ruleText).join(', ')}`}`;
  return [...otherHost(scene, request, rules), advised('value', add)];
};

/** The name that an ExternalName stands for may have a rule, where the alias has none. */
function otherName({ context: { question } }: Scene, request: HttpRequest, rules: readonly KnownRule[]): Fix | null {
  const { alias } = question.http ?? {};
  if (alias === undefined || rules.some((r) => r.host === request.host)) return null;
  const { service, name } = alias;
  if (!rules.some((r) => r.host !== null && holds(r, name))) return null;
  const at = place(service.externalName?.locus ?? null);
  const words = `call ${urlText({ ...request, host: name })} itself, or send -H 'Host: ${name}': service ${service.name} is only another name for it (${at}), and a Host header has the name that was called`;
  return asked(words, urlText({ ...request, host: name }));
}

const holds = ({ host, match }: KnownRule, called: string): boolean =>
  match === null ? ingressHostMatches(host, called) : routeHostMatches(host, called);

/** The rule for the host whose path fits: the request lacks only its other conditions. */
function ofHost(rules: readonly KnownRule[], request: HttpRequest): readonly Fix[] {
  const fits = (r: KnownRule) => (r.type === 'Exact' ? r.path === request.path : isPathPrefix(r.path, request.path));
  const unmet = rules.filter((r) => fits(r) && r.type !== 'RegularExpression' && conditionsOf(r.match).length > 0);
  return [
    ...unmet.slice(0, 3).map((r) => asItAsks(r, request)),
    advised(
      'value',
      `add a path that matches ${request.path} to the rules for ${request.host}, which has ${rules.slice(0, 5).map(ruleText).join(', ')}`,
    ),
    advised('hint', 'look at the path type: a Prefix goes by whole path elements, and Exact does not take a trailing slash'),
  ];
}

/** The request that the rule would match; a regular expression gives no value to send. */
function asItAsks({ host, path, match, locus }: KnownRule, request: HttpRequest): Fix {
  const options = conditionsOf(match).map((c) => c.option);
  const words = `send what the rule for ${host} ${path} asks for (${place(locus)}): ${options.join(' ')}`;
  if (match === null || [...match.headers, ...match.queryParams].some((m) => m.type === 'RegularExpression'))
    return advised('value', words);
  const query = match.queryParams.map(({ name, value }) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`);
  return asked(words, {
    ...(match.method === null ? {} : { method: match.method }),
    ...(match.headers.length === 0 ? {} : { headers: Object.fromEntries(match.headers.map((h) => [h.name, h.value])) }),
    ...(query.length === 0 ? {} : { destination: urlText({ ...request, search: `?${query.join('&')}` }) }),
  });
}

/** Called by its address, or by a name that is only its address: the controller waits for a name that a rule has. */
function otherHost({ context: { question } }: Scene, request: HttpRequest, rules: readonly KnownRule[]): readonly Fix[] {
  if (question.resolution === null && parseAddress(request.host) === null) return [];
  const name = question.http?.frontend?.name;
  const rule = rules.find((r) => r.host !== null && !r.host.startsWith('*') && name !== undefined && r.frontends.includes(name));
  if (rule === undefined || rule.host === null) return [];
  const words = `send a Host header that a rule is for: -H 'Host: ${rule.host}' (${place(rule.locus)})`;
  return [asked(words, { headers: { Host: rule.host } })];
}
