import type { Client } from '../hop/code.ts';
import type { Cluster } from '../k8s/cluster.ts';
import { type Action, type HttpPlan, type Refusal, urlText } from '../k8s/http/http.ts';
import type { ServicePort } from '../k8s/service.ts';
import { declared, type Locus, type Origin } from '../source/origin.ts';
import type { Failure } from '../stage/skb.ts';
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

/** Nobody is there whom the client could call. */
export function unserved({ frontend, actions, request }: HttpPlan, origin: Origin): Failure {
  const [action] = actions;
  if (frontend !== null) return failureOf({ kind: 'no-controller', frontend: frontend.name }, urlText(request), frontend.locus);
  if (action?.kind !== 'refuse') return { code: 'FACT_MISSING', text: `nobody serves ${urlText(request)}`, origin };
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
    case 'no-controller':
    case 'regular-expression':
      return 'unknown';
  }
}

function failureOf(why: Refusal, url: string, locus: Locus): Failure {
  const origin = declared(locus);
  switch (why.kind) {
    case 'no-rule':
      return { code: 'NO_INGRESS_RULE', text: `${why.frontend} has no rule for ${url}`, origin };
    case 'no-listener': {
      const there = `it has ${why.listeners.join('; ')}`;
      return { code: 'NO_INGRESS_RULE', text: `${why.frontend} has no listener for ${url}: ${there}`, origin };
    }
    case 'no-class': {
      const text =
        why.className === null
          ? `${why.object} names no class, and there is no default class, so no controller serves it`
          : `${why.object} is of class ${why.className}, which does not exist, so no controller serves it`;
      return { code: 'NO_INGRESS_CLASS', text, origin };
    }
    case 'not-accepted':
      return { code: 'ROUTE_NOT_ACCEPTED', text: `${why.route} would match, but no listener takes it: ${why.because}`, origin };
    case 'no-service':
      return {
        code: 'BACKEND_SERVICE_MISSING',
        text: `${why.object} sends this to service ${why.namespace}/${why.name}, which does not exist`,
        origin,
      };
    case 'no-backend':
      return { code: 'BACKEND_SERVICE_MISSING', text: `${why.object} matches, and has no backend that gets requests`, origin };
    case 'no-port': {
      const { namespace, name } = why.service;
      return {
        code: 'NO_SUCH_PORT',
        text: `${why.object} sends this to port ${why.port} of service ${namespace}/${name}, which has no such TCP port`,
        origin,
      };
    }
    case 'no-grant': {
      const text = `${why.object} in namespace ${why.from} refers to service ${why.namespace}/${why.name}, and no ReferenceGrant in ${why.namespace} allows that`;
      return { code: 'REFERENCE_NOT_PERMITTED', text, origin };
    }
    case 'no-controller':
      return { code: 'FACT_MISSING', text: `the input does not say which service ${why.frontend} is served by`, origin };
    case 'regular-expression':
      return {
        code: 'FACT_MISSING',
        text: `whether ${why.route} matches ${url} is decided by a regular expression, which each implementation reads in its own way`,
        origin,
      };
  }
}

/** A backend without anybody behind it; controllers use the endpoints that are ready, and no others. */
export function emptyBackend(cluster: Cluster, { service, port }: Extract<Action, { kind: 'forward' }>): OwnAnswer {
  const known = withoutEndpoints(cluster, service, port);
  const failure = known ?? {
    code: 'NO_READY_ENDPOINTS',
    text: `no endpoint of service ${service.name} is ready: those that serve while they terminate get nothing from a controller`,
    origin: declared(leaving(port) ?? service.locus),
  };
  return { failure, client: 'http-503' };
}

const leaving = (port: ServicePort) => port.endpoints[0]?.readyLocus;

export const STATUS: Readonly<Partial<Record<Client, string>>> = {
  'http-404': '404',
  'http-500': '500',
  'http-502': '502',
  'http-503': '503',
  'http-504': '504',
};
