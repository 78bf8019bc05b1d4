import type { Cluster } from '../k8s/cluster.ts';
import type { Frontend, HttpPlan, HttpRequest } from '../k8s/http.ts';
import { planHttp } from '../k8s/http-plan.ts';
import { type IpAddress, parseAddress } from '../net/address.ts';
import { findDestination } from './destination.ts';
import type { Over } from './over.ts';
import { type Parsed, type PlaceName, parsePlace } from './place.ts';
import type { Question, Source } from './question.ts';
import type { Target } from './target.ts';
import { parseUrl, type UrlOptions } from './url.ts';
import { urlTarget } from './url-target.ts';

const fail = (message: string, hint: string | null = null) => ({ ok: false, message, hint }) as const;

interface UrlRequest extends UrlOptions {
  readonly destination: string;
  readonly port?: number | string;
  readonly protocol?: string;
  readonly size?: number;
  readonly over?: Over;
  readonly withDns?: boolean;
}

/** By a rule of an Ingress or HTTPRoute, or to a place as any other: nobody on the way looks at HTTP. */
type Called = { readonly kind: 'by-rule'; readonly question: Question } | { readonly kind: 'straight'; readonly place: PlaceName };

/**
 * A URL goes by the rule that names its host; else, if the host is an address or a name that the source's resolver knows, straight there;
 * else by a rule for all hosts, or to a controller that has none for it.
 */
export function resolveUrl(cluster: Cluster, request: UrlRequest, source: Source): Parsed<Called> {
  const clash = contradiction(request);
  if (clash !== null) return clash;
  const parsed = parseUrl(request.destination, request);
  if (!parsed.ok) return parsed;
  const { request: http, host } = parsed.value;
  const address = parseAddress(host);
  const plan = address === null ? planHttp(cluster, http) : planHttp(cluster, http, (f) => hasAddress(cluster, f, address, http.port));
  if (plan !== null && address !== null) return byRule(request, source, host, plan, at(address, http));
  const called = (p: HttpPlan) =>
    byRule(
      request,
      source,
      host,
      p,
      p.frontend === null ? nobody(http) : urlTarget(cluster, p.frontend, { ...http, host }, source.kind === 'Host'),
    );
  if (plan !== null && plan.hostRank > 0) return called(plan);
  const place = straightTo(cluster, host, http, source);
  if (place !== null) return { ok: true, value: { kind: 'straight', place } };
  if (plan !== null) return called(plan);
  return fail(
    `${host}: no Ingress and no HTTPRoute says where requests for it go, and it is neither an address nor a name of this cluster`,
    cluster.http.ingresses.length + cluster.http.routes.length === 0 ? 'the input has no ingresses and no httpRoutes: state them' : null,
  );
}

function byRule({ destination, withDns }: UrlRequest, source: Source, host: string, plan: HttpPlan, target: Target): Parsed<Called> {
  if (withDns === true) return fail(`--with-dns: which server knows ${host} is not in the input`, 'leave --with-dns out');
  const { request } = plan;
  const sni = request.scheme === 'https' && request.host !== host ? [sniNote(host, request.host)] : [];
  const question: Question = {
    source,
    destination: { kind: 'url', url: destination },
    destinationContainer: null,
    over: 'network',
    target,
    resolution: null,
    dnsServer: null,
    size: null,
    http: { ...plan, notes: [...plan.notes, ...sni] },
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

const at = (address: IpAddress, { port }: HttpRequest): Target => ({
  protocol: 'tcp',
  port,
  addresses: [address],
  notes: [],
  servicePort: null,
  missing: null,
});

const nobody = ({ port }: HttpRequest): Target => ({
  protocol: 'tcp',
  port,
  addresses: [],
  notes: [],
  servicePort: null,
  missing: 'controller',
});

/** Is this controller called by that address: its own, one of its service's, or a node port? */
function hasAddress({ nodes }: Cluster, { addresses, service }: Frontend, address: IpAddress, port: number): boolean {
  if (addresses.includes(address)) return true;
  if (service === null) return false;
  if (service.clusterIp === address || service.externalIps.includes(address) || service.ingress.some((i) => i.ip === address)) return true;
  return service.ports.some((p) => p.nodePort === port) && [...nodes.values()].some((n) => n.ip === address);
}

/** An address, a service of the source's namespace, or a name that the source's resolver has an answer for, or knows to have none. */
function straightTo(cluster: Cluster, host: string, { port }: HttpRequest, source: Source): PlaceName | null {
  const near = source.namespace !== null && cluster.services.has(`${source.namespace}/${host}`) ? `${source.namespace}/svc/` : '';
  const place = parsePlace(`${near}${host}:${port}`);
  if (!place.ok) return null;
  const there = findDestination(cluster, place.value, source.namespace ?? 'default', source, { port, protocol: 'tcp' });
  if (!there.ok) return near === '' ? null : place.value;
  const { destination, resolution } = there.value;
  // A pod's or a node's name is no name in DNS.
  if (resolution === null) return destination.kind === 'pod' || destination.kind === 'node' ? null : place.value;
  return resolution.found.kind === 'unknown' ? null : place.value;
}
