import type { Cluster } from '../k8s/cluster.ts';
import { type Resolution, recordType, resolve } from '../k8s/dns/dns.ts';
import { isBelow } from '../k8s/dns/dns-zone.ts';
import type { Frontend, HttpPlan, HttpRequest } from '../k8s/http/http.ts';
import { planHttp } from '../k8s/http/http-plan.ts';
import type { Service, ServicePort } from '../k8s/service.ts';
import { FAMILIES, type IpFamily } from '../net/address.ts';
import { assumed } from '../source/origin.ts';
import { orList } from '../source/suggest.ts';
import { type NameAnswer, notesOf } from './dns.ts';
import { findAddress } from './find-address.ts';
import type { Found } from './found.ts';
import type { PlaceName } from './place.ts';
import { fail, type Parsed } from './result.ts';
import { asked, type Target, type Wish } from './target.ts';
import { urlTarget } from './url-target.ts';

/**
 * Public names of the cluster's own controllers. The DNS that has them is not in the input, but an Ingress, a route or a listener names them:
 * so they are taken to stand for where that controller is reached, in a URL as well as with a port.
 */

/** The controller that has a rule for a name without an address; else for the name that its CNAMEs lead to. Null: none has. */
export function planByName(
  cluster: Cluster,
  http: HttpRequest,
  host: string,
  { found, family }: Resolution,
): { readonly name: string; readonly plan: HttpPlan } | null {
  for (const name of found.kind === 'unknown' ? [host, found.name] : [host]) {
    const plan = isBelow(name, cluster.clusterDomain) ? null : planHttp(cluster, { ...http, host: name }, family);
    if (plan !== null && plan.hostRank > 0) return { name, plan };
  }
  return null;
}

/** A name with addresses of another family only is not called by this one, whatever controller has a rule for it. */
export const hasOtherFamily = (cluster: Cluster, { asker, question, family }: Resolution): boolean =>
  FAMILIES.some((f) => f !== family && cluster.families.includes(f) && resolve(cluster, asker, question, f).found.kind === 'addresses');

/** A look-up that found no address, with that of the controller that the name is one of; the same answer where it is none's. */
export function withPublicName(
  cluster: Cluster,
  place: PlaceName,
  wish: Wish,
  fromOutside: boolean,
  answer: NameAnswer,
): Parsed<NameAnswer> {
  const { resolution, target } = answer;
  if (target.missing !== 'name' || hasOtherFamily(cluster, resolution)) return { ok: true, value: answer };
  const host = resolution.question.replace(/\.$/, '');
  const [known] = requestsTo(host, wish.port).flatMap((r) => planByName(cluster, r, host, resolution) ?? []);
  const frontend = known?.plan.frontend ?? null;
  if (known === undefined || frontend === null) return { ok: true, value: answer };
  const port = portOf(place, frontend, wish);
  if (!port.ok) return port;
  const called = calledAt(cluster, frontend, { ...known.plan.request, ...port.value }, wish, fromOutside, resolution.family);
  const found: Found = foundAt(cluster, frontend.service, called) ?? answer.found;
  if (called.addresses.length === 0) return { ok: true, value: { found, resolution, target: called } };
  const taken = takenFor(resolution, known.name, frontend, called);
  return { ok: true, value: { found, resolution: taken, target: { ...called, notes: [...called.notes, ...notesOf(cluster, taken)] } } };
}

/** What a browser would ask by this port, and by the usual ones: a listener may be of one port only. */
function requestsTo(host: string, port: Wish['port']): readonly HttpRequest[] {
  const request = (scheme: HttpRequest['scheme'], number: number): HttpRequest => ({
    scheme,
    host,
    port: number,
    path: '/',
    query: [],
    search: '',
    method: 'GET',
    headers: new Map(),
  });
  const usual = [request('https', 443), request('http', 80)];
  return typeof port === 'number' ? [request('https', port), request('http', port), ...usual] : usual;
}

/** The port that is called; without one, the only one of the controller's service. */
function portOf(place: PlaceName, { service }: Frontend, { port, protocol }: Wish): Parsed<{ readonly port: number }> {
  if (protocol === 'icmp') return { ok: true, value: { port: 0 } };
  if (typeof port === 'number') return { ok: true, value: { port } };
  const ports = (service?.ports ?? []).filter((p) => protocol === null || p.protocol === protocol);
  const [named, second] = port === null ? ports : ports.filter((p) => p.name === port);
  if (named !== undefined && second === undefined) return { ok: true, value: { port: named.port } };
  const what = port === null ? 'say which port' : `no port is named ${asked(port, protocol)} there`;
  const host = place.name;
  return fail(
    `${place.text}: ${what}`,
    ports.length === 0 ? `as ${host}:443` : orList(ports.map((p) => `${host}:${p.port}/${p.protocol}`)),
  );
}

function calledAt(
  cluster: Cluster,
  frontend: Frontend,
  request: HttpRequest,
  { protocol }: Wish,
  fromOutside: boolean,
  family: IpFamily,
): Target {
  const target = urlTarget(cluster, frontend, request, fromOutside, family);
  if (protocol === null || protocol === 'tcp') return target;
  if (protocol === 'icmp') return { ...target, protocol, port: null, servicePort: null };
  const isIt = (p: ServicePort) => p.port === request.port && p.protocol === protocol;
  return { ...target, protocol, port: request.port, servicePort: frontend.service?.ports.find(isIt) ?? null };
}

function foundAt(cluster: Cluster, service: Service | null, { addresses: [address] }: Target): Found | null {
  if (service !== null) return { kind: 'service', service };
  const found = address === undefined ? null : findAddress(cluster, address);
  return found?.ok ? found.value : null;
}

/** The look-up as it is taken to end: with these addresses. */
function takenFor(resolution: Resolution, name: string, frontend: Frontend, { addresses }: Target): Resolution {
  const { steps, found, family } = resolution;
  const index = steps.findIndex((s) => s.name === name);
  const answered = { name, answer: recordType(family), target: null, addresses };
  return {
    ...resolution,
    steps: [...steps.slice(0, index === -1 ? steps.length : index), answered],
    found: {
      kind: 'addresses',
      name,
      addresses,
      named: { kind: 'controller', frontend },
      aliases: found.kind === 'unknown' ? found.aliases : [],
      origin: assumed(frontend.locus),
    },
  };
}
