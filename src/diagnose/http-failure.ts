import type { Client } from '../hop/code.ts';
import type { Failure } from '../hop/failure.ts';
import { endpointsIn } from '../k8s/families.ts';
import { type Action, type HttpPlan, type Refusal, urlText } from '../k8s/http/http.ts';
import { key } from '../k8s/pod.ts';
import { assumed, declared, type Locus, type Origin } from '../source/origin.ts';
import type { Context } from './context.ts';
import { withoutEndpoints } from './interpret-service.ts';

/** A controller's own answer: why, and what the client gets. */
export interface OwnAnswer {
  readonly failure: Failure;
  readonly client: Client;
}

type Refused = Extract<Action, { kind: 'refuse' }>;

/** 404 and 500 are the Gateway API's words for its cases; an Ingress controller is free, and these are ingress-nginx's answers. */
export function refusedBy({ why, locus }: Refused, api: 'Ingress' | 'Gateway' | null, url: string): OwnAnswer {
  return { failure: failureOf(why, url, locus), client: clientOf(why, api, url) };
}

/** The failure of a URL without a frontend that serves it. */
export function unserved({ frontend, actions, request }: HttpPlan, origin: Origin): Failure {
  const [action] = actions;
  if (frontend !== null) return failureOf({ kind: 'no-controller', frontend: frontend.name }, urlText(request), frontend.locus);
  if (action?.kind !== 'refuse') return { code: 'FACT_MISSING', facts: { why: 'unserved', url: urlText(request) }, origin };
  return failureOf(action.why, urlText(request), action.locus);
}

function clientOf(why: Refusal, api: 'Ingress' | 'Gateway' | null, url: string): Client {
  switch (why.kind) {
    case 'no-rule':
    case 'no-class':
    case 'not-accepted':
      return 'http-404';
    // Without a listener for the name there is no certificate, and without one for the port nothing that the API speaks of.
    case 'no-listener':
      return why.sameEntry && url.startsWith('http:') ? 'http-404' : 'unknown';
    case 'no-service':
    case 'no-port':
    case 'no-grant':
    case 'no-backend':
      return api === 'Gateway' ? 'http-500' : 'http-503';
    case 'external-name':
      return !why.refused ? 'unknown' : api === 'Gateway' ? 'http-500' : 'http-503';
    case 'no-controller':
    case 'regular-expression':
    case 'not-followed':
    case 'unlisted':
      return 'unknown';
  }
}

function failureOf(why: Refusal, url: string, locus: Locus): Failure {
  const origin = declared(locus);
  switch (why.kind) {
    case 'no-rule':
      return { code: 'NO_INGRESS_RULE', facts: { why: 'no-rule', frontend: why.frontend, url }, origin };
    case 'no-listener':
      return { code: 'NO_INGRESS_RULE', facts: { why: 'no-listener', frontend: why.frontend, url, listeners: why.listeners }, origin };
    case 'no-class':
      return { code: 'NO_INGRESS_CLASS', facts: { object: why.object, className: why.className }, origin };
    case 'not-accepted':
      return { code: 'ROUTE_NOT_ACCEPTED', facts: { route: why.route, because: why.because }, origin };
    case 'no-service':
      return { code: 'BACKEND_SERVICE_MISSING', facts: { object: why.object, service: key(why) }, origin };
    case 'no-backend':
      return { code: 'BACKEND_SERVICE_MISSING', facts: { object: why.object, service: null }, origin };
    case 'no-port': {
      const { object, service, port } = why;
      return { code: 'NO_SUCH_PORT', facts: { why: 'backend', object, service: key(service), port }, origin };
    }
    case 'external-name': {
      const { object, service, refused } = why;
      const facts = { why: 'external-name', object, service: key(service), name: service.externalName?.name ?? '' } as const;
      return { code: refused ? 'NO_ENDPOINTS' : 'FACT_MISSING', facts, origin: assumed(locus) };
    }
    case 'no-grant': {
      const { object, from, namespace, name } = why;
      return { code: 'REFERENCE_NOT_PERMITTED', facts: { object, from, service: { namespace, name } }, origin };
    }
    case 'no-controller':
      return { code: 'FACT_MISSING', facts: { why: 'no-controller', frontend: why.frontend }, origin };
    case 'regular-expression':
      return { code: 'FACT_MISSING', facts: { why: 'regular-expression', route: why.route, url }, origin };
    case 'not-followed':
      return { code: 'FACT_MISSING', facts: { why: 'not-followed', object: why.object, because: why.because, url }, origin };
    case 'unlisted':
      return { code: 'FACT_MISSING', facts: { why: 'unlisted', object: why.object, what: why.what, command: why.command }, origin };
  }
}

/** The failure of a backend without ready endpoints; controllers use no others. */
export function emptyBackend(
  { cluster, question: { family } }: Context,
  { service, port }: Extract<Action, { kind: 'forward' }>,
): OwnAnswer {
  const known = withoutEndpoints(cluster, service, port, family);
  if (known !== null) return { failure: known, client: known.code === 'FACT_MISSING' ? 'unknown' : 'http-503' };
  const origin = declared(endpointsIn(port, family)[0]?.readyLocus ?? service.locus);
  return { failure: { code: 'NO_READY_ENDPOINTS', facts: { why: 'controller', service: service.name }, origin }, client: 'http-503' };
}

export const STATUS: Readonly<Partial<Record<Client, string>>> = {
  'http-404': '404',
  'http-500': '500',
  'http-502': '502',
  'http-503': '503',
  'http-504': '504',
};
