import { familyOf, type IpFamily } from '../../net/address.ts';
import { declared, type Locus } from '../../source/origin.ts';
import type { Cluster } from '../cluster.ts';
import type { ServicePort } from '../service.ts';
import { planGateway, unattached } from './gateway-plan.ts';
import {
  type Action,
  type Frontend,
  type HttpPlan,
  type HttpRequest,
  hostRank,
  ingressHostMatches,
  nearlyHolds,
  type Refusal,
  wildcardNote,
} from './http.ts';
import { classOf } from './http-routing.ts';
import { type Ingress, type IngressClass, type IngressMatch, matchIngresses } from './ingress.ts';
import { externalNamePort, httpsInstead, isIngressNginx, isLocalName, portByTarget } from './ingress-nginx.ts';
import { unlessUnread } from './unread.ts';

/**
 * Where the input's Ingresses and HTTPRoutes send a request, if it comes to one of these frontends, by one IP family; null when none of them
 * is a controller's.
 */
export function planHttp(
  cluster: Cluster,
  request: HttpRequest,
  family: IpFamily,
  isCalled: ((frontend: Frontend) => boolean) | null = null,
): HttpPlan | null {
  const plan = planByRules(cluster, request, family, isCalled);
  return isCalled !== null && plan === null ? null : unlessUnread(cluster.http, request, plan, isCalled !== null);
}

function planByRules(
  cluster: Cluster,
  request: HttpRequest,
  family: IpFamily,
  isCalled: ((frontend: Frontend) => boolean) | null,
): HttpPlan | null {
  const { http } = cluster;
  const all = [...http.ingressClasses.values()].flatMap((c) => {
    const ingresses = http.ingresses.filter((i) => classOf(http, i) === c);
    return ingresses.length === 0 ? [] : [planIngress(cluster, c, ingresses, request, family)];
  });
  for (const gateway of http.gateways) all.push(planGateway(cluster, gateway, request, family));
  const plans = all.filter((p) => isCalled === null || (p.frontend !== null && isCalled(p.frontend)));
  if (isCalled !== null && plans.length === 0) return null;
  const matched = inPrecedence(plans.filter((p) => p.rule !== null));
  const [best, second] = matched;
  const orphan = unserved(cluster, request, plans);
  if (best === undefined) return orphan ?? inPrecedence(plans)[0] ?? null;
  const clash = second !== undefined && second.hostRank === best.hostRank;
  const notes = [
    ...best.notes,
    ...(clash
      ? [`${best.frontend?.name} and ${second.frontend?.name} both have a rule for this request: the host is taken to stand for the first`]
      : []),
    ...(orphan !== null && orphan.hostRank > best.hostRank ? [`${orphan.rule?.text}: would match better, but nobody serves it`] : []),
  ];
  return { ...best, notes };
}

const inPrecedence = (plans: readonly HttpPlan[]) => [...plans].sort((a, b) => b.hostRank - a.hostRank);

function frontendOf({ name, service, locus }: IngressClass, ingresses: readonly Ingress[], family: IpFamily): Frontend {
  const addresses = ingresses.map((i) => i.addresses.filter((a) => familyOf(a) === family)).find((own) => own.length > 0) ?? [];
  return { api: 'Ingress', name: `IngressClass ${name}`, service, addresses, locus };
}

function planIngress(
  cluster: Cluster,
  served: IngressClass,
  ingresses: readonly Ingress[],
  request: HttpRequest,
  family: IpFamily,
): HttpPlan {
  const match = matchIngresses(ingresses, request);
  const frontend = frontendOf(served, match === null ? ingresses : [match.ingress, ...ingresses], family);
  if (match !== null) {
    const { action, note } = ingressAction(cluster, served, match, request);
    const { text, origin } = match;
    const missed = wildcardNotes(ingresses, request, match.hostRank);
    const notes = [...match.notes, ...missed, ...certificateNotes([match.ingress], request), ...(note === null ? [] : [note])];
    return { request, frontend, rule: { text, origin }, actions: [action], notes, hostRank: match.hostRank };
  }
  const known = ingresses.flatMap((i) => i.rules).filter((r) => ingressHostMatches(r.host, request.host));
  const why: Refusal = { kind: 'no-rule', frontend: frontend.name };
  const locus = known[0]?.locus ?? ingresses[0]?.locus ?? served.locus;
  return {
    request,
    frontend,
    rule: null,
    actions: [{ kind: 'refuse', share: 1, why, locus }],
    notes: [...wildcardNotes(ingresses, request, 0), ...certificateNotes(ingresses, request)],
    hostRank: Math.max(0, ...known.map((r) => hostRank(r.host))),
  };
}

interface Decided {
  readonly action: Action;
  readonly note: string | null;
}

function ingressAction(cluster: Cluster, served: IngressClass, match: IngressMatch, request: HttpRequest): Decided {
  const { ingress, origin } = match;
  const locus = origin.locus ?? ingress.locus;
  const nginx = isIngressNginx(served);
  if (request.scheme === 'http' && covers(ingress, request.host)) {
    if (nginx)
      return {
        action: { kind: 'redirect', share: 1, ...httpsInstead(request), locus },
        note: `${textOf(ingress)} has tls for ${request.host}, and so ingress-nginx sends such requests on to https, unless its ssl-redirect is turned off`,
      };
    const { action } = toBackend(cluster, nginx, match, request);
    return {
      action,
      note: `${textOf(ingress)} has tls for ${request.host}: many controllers send such requests on to https instead of to the backend`,
    };
  }
  return toBackend(cluster, nginx, match, request);
}

function toBackend({ services }: Cluster, nginx: boolean, { ingress, backend, origin, text }: IngressMatch, request: HttpRequest): Decided {
  const object = textOf(ingress);
  const refuse = (why: Refusal, locus: Locus): Decided => ({ action: { kind: 'refuse', share: 1, why, locus }, note: null });
  if (backend === null) return refuse({ kind: 'no-backend', object: text }, origin.locus ?? ingress.locus);
  const { namespace } = ingress;
  const service = services.get(`${namespace}/${backend.service}`);
  if (service === undefined) return refuse({ kind: 'no-service', object, namespace, name: backend.service }, backend.locus);
  const forward = (port: ServicePort): Action => ({ kind: 'forward', share: 1, service, port, request, edits: [], locus: backend.locus });
  if (service.externalName !== null) {
    const called = nginx ? externalNamePort(service, backend) : null;
    if (called !== null && !isLocalName(service.externalName.name)) return { action: forward(called), note: null };
    if (!nginx || called !== null) return refuse({ kind: 'external-name', object, service, refused: nginx }, backend.locus);
  }
  const port = service.ports.find((p) => p.protocol === 'tcp' && (p.port === backend.port || p.name === backend.port));
  if (port !== undefined) return { action: forward(port), note: null };
  const target = portByTarget(service, backend);
  const refused = refuse({ kind: 'no-port', object, service, port: backend.port }, backend.locus);
  if (target === null) return refused;
  const isTarget = `${object}: ${backend.port} is no port of service ${service.name} but a targetPort`;
  if (!nginx)
    return { ...refused, note: `${isTarget}, which ingress-nginx takes all the same: state controller of the class, if it is that` };
  return { action: forward(target), note: `${isTarget}; ingress-nginx takes that all the same, and other controllers do not` };
}

const textOf = ({ namespace, name }: Ingress) => `Ingress ${namespace}/${name}`;

const covers = ({ tls }: Ingress, host: string) =>
  tls.some(({ hosts }) => hosts.length === 0 || hosts.some((h) => ingressHostMatches(h, host)));

/** Rules and certificates that the host misses since `*` of an Ingress stands for one label, where what it gets is less precise. */
function wildcardNotes(ingresses: readonly Ingress[], { host }: HttpRequest, rank: number): readonly string[] {
  const misses = (pattern: string | null): pattern is string => nearlyHolds(pattern, host) && !ingressHostMatches(pattern, host);
  const notes = ingresses.flatMap((ingress) => {
    const hosts = ingress.rules.flatMap((r) => (misses(r.host) && hostRank(r.host) > rank ? [r.host] : []));
    const secrets = covers(ingress, host) ? [] : ingress.tls.flatMap((t) => t.hosts).filter(misses);
    const note = (of: string) => (pattern: string) => wildcardNote('one label', pattern, host, of);
    return [...hosts.map(note(textOf(ingress))), ...secrets.map(note(`tls of ${textOf(ingress)}`))];
  });
  return [...new Set(notes)];
}

/** TLS ends at the controller: the certificate that the client sees hangs on the hosts of `tls`. */
function certificateNotes(ingresses: readonly Ingress[], { scheme, host }: HttpRequest): readonly string[] {
  if (scheme === 'http' || ingresses.some((i) => covers(i, host))) return [];
  const [only, second] = ingresses;
  const missing =
    only !== undefined && second === undefined ? `${textOf(only)} has no tls entry` : 'no Ingress of the class has a tls entry';
  return [`${missing} for ${host}: the controller shows a certificate of its own, which clients do not trust`];
}

/** An Ingress without a class, or a route that no listener takes, which would have matched. */
function unserved(cluster: Cluster, request: HttpRequest, plans: readonly HttpPlan[]): HttpPlan | null {
  const { http } = cluster;
  const orphans = http.ingresses.filter((i) => classOf(http, i) === null);
  const match = matchIngresses(orphans, request);
  if (match === null) return unattached(cluster, request, plans);
  const { ingress, text, origin } = match;
  const why: Refusal = { kind: 'no-class', object: `Ingress ${ingress.namespace}/${ingress.name}`, className: ingress.className };
  const frontend = plans.find((p) => p.frontend?.api === 'Ingress')?.frontend ?? null;
  const action: Action = { kind: 'refuse', share: 1, why, locus: ingress.locus };
  return {
    request,
    frontend,
    rule: { text, origin: declared(origin.locus ?? ingress.locus) },
    actions: [action],
    notes: [],
    hostRank: match.hostRank,
  };
}
