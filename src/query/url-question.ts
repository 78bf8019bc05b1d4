import type { Cluster } from '../k8s/cluster.ts';
import type { Resolution } from '../k8s/dns/dns.ts';
import { isBelow } from '../k8s/dns/dns-zone.ts';
import type { Frontend, HttpPlan, HttpRequest } from '../k8s/http/http.ts';
import { planHttp } from '../k8s/http/http-plan.ts';
import type { IpFamily } from '../net/address.ts';
import { aliasNote, aliasOf } from './alias.ts';
import { planAt } from './controllers.ts';
import { type Destination, findDestination, lookUpName } from './destination.ts';
import { takenToAnswer } from './dns.ts';
import { type PlaceName, parsePlace } from './place.ts';
import { hasOtherFamily, planByName } from './public-name.ts';
import type { Medium, Question, Source } from './question.ts';
import { fail, type Parsed } from './result.ts';
import type { Target } from './target.ts';
import { parseUrl, type UrlOptions } from './url.ts';
import { urlTarget } from './url-target.ts';

interface UrlRequest extends UrlOptions {
  readonly destination: string;
  readonly port?: number | string;
  readonly protocol?: string;
  readonly size?: number;
  readonly over?: Medium;
  readonly withDns?: boolean;
}

/** By a rule of an Ingress or HTTPRoute, or to a place as any other, where no controller on the way looks at HTTP. */
type Called =
  | { readonly kind: 'by-rule'; readonly question: Question }
  | { readonly kind: 'straight'; readonly place: PlaceName; readonly destination: Destination };

/**
 * The URL's own host is what the client connects to: an address, or a name that its resolver knows. Only a name of which the input says
 * nothing is taken to stand for the controller that has a rule for it. The Host header comes later, and chooses the rule there.
 */
export function resolveUrl(cluster: Cluster, request: UrlRequest, source: Source, family: IpFamily): Parsed<Called> {
  const clash = contradiction(request);
  if (clash !== null) return clash;
  const parsed = parseUrl(request.destination, request);
  if (!parsed.ok) return parsed;
  const { request: http, host, dnsName } = parsed.value;
  const place = parsePlace(`${dnsName}:${http.port}`);
  if (!place.ok) return place;
  const wish = { port: http.port, protocol: 'tcp' } as const;
  const there =
    place.value.address === null
      ? lookUpName(cluster, place.value, source, wish, family)
      : findDestination(cluster, place.value, 'default', source, wish, family);
  if (!there.ok) return there;
  const { target, resolution } = there.value;
  const straight: Parsed<Called> = { ok: true, value: { kind: 'straight', place: place.value, destination: there.value } };
  if (resolution !== null && resolution.found.kind !== 'addresses') {
    const taken = hasOtherFamily(cluster, resolution) ? null : takenFor(cluster, http, host, resolution);
    if (taken === null) return straight;
    if (taken === 'no-rule') return noRule(cluster, host);
    const { frontend, name } = taken;
    const plan = withAlias(taken.plan, host, resolution);
    const to =
      frontend === null ? withoutController(http) : urlTarget(cluster, frontend, { ...http, host: name }, source.kind === 'Host', family);
    return byRule({ request, source, family, host, plan, target: to, notes: [], resolution: null });
  }
  const plan = planAt(cluster, target, http, source.kind === 'Host');
  return plan === null
    ? straight
    : byRule({
        request,
        source,
        family,
        host,
        plan: withAlias(plan, host, resolution),
        target,
        notes: takenToAnswer(cluster, resolution),
        resolution,
      });
}

/** A Host header that was made of the name that was called may be an ExternalName's. */
function withAlias(plan: HttpPlan, host: string, resolution: Resolution | null): HttpPlan {
  const alias = plan.request.host === host && resolution !== null ? aliasOf(resolution) : null;
  return alias === null ? plan : { ...plan, alias };
}

/** A name taken to stand for a controller's address, and what that controller does with the request. */
interface Taken {
  readonly name: string;
  readonly frontend: Frontend | null;
  readonly plan: HttpPlan;
}

/**
 * For a name without an address: the controller that has a rule for it. Where the input cannot know that there is no such name, also one
 * with a rule for all hosts, or the first controller; but not on the word of a Host header, which says nothing about addresses. Null: it has none.
 */
function takenFor(cluster: Cluster, http: HttpRequest, host: string, resolution: Resolution): Taken | 'no-rule' | null {
  const { found, family } = resolution;
  const own = planByName(cluster, http, host, resolution);
  if (own !== null) return { name: own.name, frontend: own.plan.frontend, plan: asHeader(cluster, http, own.plan, family) };
  if (isBelow(host, cluster.clusterDomain)) return null;
  if (found.kind !== 'unknown' || found.aliases.length > 0) return null;
  const plan = planHttp(cluster, http, family);
  if (cluster.http.listed !== null && (plan === null || !isForAllHosts(plan))) return null;
  if (plan === null) return 'no-rule';
  return http.host === host ? { name: host, frontend: plan.frontend, plan } : null;
}

/** In a cluster that runs, a name that no rule has is rather one of the internet: only a rule for all hosts that answers is taken for it. */
const isForAllHosts = ({ rule, hostRank, actions }: HttpPlan) => rule !== null && (hostRank > 0 || actions[0]?.kind !== 'refuse');

/** The plan of the controller that is called, which goes by the Host header. */
function asHeader(cluster: Cluster, http: HttpRequest, own: HttpPlan, family: IpFamily): HttpPlan {
  const { frontend } = own;
  if (own.request.host === http.host || frontend === null) return own;
  const isSame = (f: Frontend) => f.name === frontend.name || (f.service !== null && f.service === frontend.service);
  return planHttp(cluster, http, family, isSame) ?? own;
}

const noRule = ({ http }: Cluster, host: string) =>
  fail(
    `${host}: no Ingress and no HTTPRoute says where requests for it go, and it is neither an address nor a name of this cluster`,
    http.ingresses.length + http.routes.length === 0 ? 'the input has no ingresses and no httpRoutes: state them' : null,
  );

interface ByRule {
  readonly request: UrlRequest;
  readonly source: Source;
  readonly family: IpFamily;
  /** The URL's own. */
  readonly host: string;
  readonly plan: HttpPlan;
  readonly target: Target;
  readonly notes: readonly string[];
  readonly resolution: Resolution | null;
}

function byRule({ request: { destination, withDns }, source, family, host, plan, target, notes, resolution }: ByRule): Parsed<Called> {
  const { request } = plan;
  if (withDns === true)
    return resolution === null
      ? fail(`--with-dns: which server knows ${host} is not in the input`, 'leave --with-dns out')
      : fail(
          '--with-dns: of a URL that a controller answers, the query is not followed',
          `trace ${host}:${request.port} --with-dns for it`,
        );
  const { alias } = plan;
  const called = alias === undefined || plan.hostRank > 0 ? [] : [aliasNote(alias.service, alias.name, host)];
  const sni = request.scheme === 'https' && request.host !== host ? [sniNote(host, request.host)] : [];
  const question: Question = {
    family,
    source,
    destination: { kind: 'url', url: destination },
    destinationContainer: null,
    over: 'network',
    target: { ...target, notes: [...target.notes, ...notes] },
    resolution,
    dnsServer: null,
    size: null,
    http: { ...plan, notes: [...plan.notes, ...called, ...sni] },
  };
  return { ok: true, value: { kind: 'by-rule', question } };
}

const sniNote = (called: string, host: string) =>
  `TLS begins with ${called} (SNI), and the Host header says ${host}: a controller that looks at the former shows another certificate, or ends the handshake`;

function contradiction({ port, protocol, size, over = 'network' }: UrlRequest) {
  if (over !== 'network') return fail(`--over ${over}: a URL is called over the network`, 'leave --over out');
  if (port !== undefined) return fail('--port: a URL says its port itself', 'as https://shop.example.com:8443/');
  if (protocol !== undefined && protocol !== 'tcp') return fail(`--protocol ${protocol}: HTTP goes by TCP`, 'leave --protocol out');
  if (size !== undefined)
    return fail('--size is about one connection, and a URL is two: to the controller, and from there', 'trace each of them by itself');
  return null;
}

const withoutController = ({ port }: HttpRequest): Target => ({
  protocol: 'tcp',
  port,
  addresses: [],
  notes: [],
  servicePort: null,
  missing: 'controller',
});
