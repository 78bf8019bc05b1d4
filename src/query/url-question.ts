import type { Cluster } from '../k8s/cluster.ts';
import type { Frontend, HttpPlan, HttpRequest } from '../k8s/http.ts';
import { planHttp } from '../k8s/http-plan.ts';
import { type IpAddress, parseAddress } from '../net/address.ts';
import { find } from './find.ts';
import type { Over } from './over.ts';
import { type Parsed, parsePlace } from './place.ts';
import type { Question, Source } from './question.ts';
import { chooseTarget, type Target } from './target.ts';
import { parseUrl, type UrlOptions } from './url.ts';
import { urlTarget } from './url-target.ts';

const fail = (message: string, hint: string | null = null) => ({ ok: false, message, hint }) as const;

interface UrlRequest extends UrlOptions {
  readonly destination: string;
  readonly namespace?: string;
  readonly port?: number | string;
  readonly protocol?: string;
  readonly size?: number;
  readonly over?: Over;
}

/**
 * A URL goes by the rule that names its host; else, if the host is an address or a name of the cluster, straight there; else by a rule for
 * all hosts, or to a controller that has none for it.
 */
export function resolveUrl(cluster: Cluster, request: UrlRequest, source: Source): Parsed<Question> {
  const clash = contradiction(request);
  if (clash !== null) return clash;
  const parsed = parseUrl(request.destination, request);
  if (!parsed.ok) return parsed;
  const { request: http, host } = parsed.value;
  const outside = source.kind === 'Host';
  const address = parseAddress(host);
  const plan = address === null ? planHttp(cluster, http) : planHttp(cluster, http, (f) => hasAddress(cluster, f, address, http.port));
  const sni = http.scheme === 'https' && http.host !== host ? [sniNote(host, http.host)] : [];
  const byRule = (p: HttpPlan, target: Target): Parsed<Question> => ({
    ok: true,
    value: {
      ...asked(source),
      destination: { kind: 'url', url: request.destination },
      target,
      size: null,
      http: { ...p, notes: [...p.notes, ...sni] },
    },
  });
  if (plan !== null && address !== null) return byRule(plan, at(address, http));
  const called = (p: HttpPlan) =>
    byRule(p, p.frontend === null ? nobody(http) : urlTarget(cluster, p.frontend, { ...http, host }, outside));
  if (plan !== null && plan.hostRank > 0) return called(plan);
  const straight = goesStraight(cluster, host, http, source, source.namespace ?? request.namespace ?? 'default');
  if (straight !== null) return straight;
  if (plan !== null) return called(plan);
  return fail(
    `${host}: no Ingress and no HTTPRoute says where requests for it go, and it is neither an address nor a name of this cluster`,
    cluster.http.ingresses.length + cluster.http.routes.length === 0 ? 'the input has no ingresses and no httpRoutes: state them' : null,
  );
}

const asked = (source: Source) => ({ source, destinationContainer: null, over: 'network' }) as const;

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

/** To an address or a service's name, as to any other place: nobody on the way looks at HTTP. Null: it is neither. */
function goesStraight(cluster: Cluster, host: string, { port }: HttpRequest, source: Source, namespace: string): Parsed<Question> | null {
  if (source.kind === 'Host' && parseAddress(host) === null) return null;
  const named = host === 'localhost' ? '127.0.0.1' : (serviceNamed(cluster, host) ?? host);
  const place = parsePlace(`${named}:${port}`);
  const found = place.ok ? find(cluster, place.value, namespace) : place;
  // A pod's or a node's name is no name in DNS.
  if (!place.ok || !found.ok || found.value.kind === 'pod' || found.value.kind === 'node') return null;
  const target = chooseTarget(cluster, place.value, found.value, { port, protocol: 'tcp' }, source.kind === 'Host');
  return target.ok
    ? { ok: true, value: { ...asked(source), destination: found.value, target: target.value, size: null, http: null } }
    : target;
}

/** `web.shop`, `web.shop.svc` and `web.shop.svc.cluster.local`, as places are named: `shop/svc/web`. */
function serviceNamed({ services }: Cluster, host: string): string | null {
  const [name, namespace, ...rest] = host.split('.');
  const inside = rest.length === 0 || rest.join('.') === 'svc' || rest.join('.') === 'svc.cluster.local';
  return inside && services.has(`${namespace}/${name}`) ? `${namespace}/svc/${name}` : null;
}
