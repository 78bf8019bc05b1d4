import { named, type Wording } from '../source/sentence.ts';
import type { Words } from './words.ts';

/** Faults of an Ingress, a Gateway or a route. Objects are named as `Ingress shop/web`, services as `shop/web`. */
export interface HttpFacts {
  readonly NO_INGRESS_RULE:
    | { readonly why: 'no-rule'; readonly frontend: string; readonly url: string }
    | { readonly why: 'no-listener'; readonly frontend: string; readonly url: string; readonly listeners: readonly string[] };
  /** Null: it names no class, and there is no default one. */
  readonly NO_INGRESS_CLASS: { readonly object: string; readonly className: string | null };
  readonly ROUTE_NOT_ACCEPTED: { readonly route: string; readonly because: string };
  /** Null: it has no backend that gets requests. */
  readonly BACKEND_SERVICE_MISSING: { readonly object: string; readonly service: string | null };
  readonly REFERENCE_NOT_PERMITTED: {
    readonly object: string;
    readonly from: string;
    readonly service: { readonly namespace: string; readonly name: string };
  };
  readonly REDIRECT_LOOP: /** The URLs of the circle, each once. */
  { readonly why: 'circle'; readonly urls: readonly string[] } | { readonly why: 'too-many'; readonly most: number; readonly url: string };
}

export const httpWords: Words<HttpFacts> = {
  NO_INGRESS_RULE: (facts) =>
    named(
      facts.why === 'no-rule'
        ? `${facts.frontend} has no rule for ${facts.url}`
        : `${facts.frontend} has no listener for ${facts.url}: it has ${facts.listeners.join('; ')}`,
    ),
  NO_INGRESS_CLASS: ({ object, className }) =>
    named(
      className === null
        ? `${object} names no class, and there is no default class, so no controller serves it`
        : `${object} is of class ${className}, which does not exist, so no controller serves it`,
    ),
  ROUTE_NOT_ACCEPTED: ({ route, because }) => named(`${route} would match, but no listener takes it: ${because}`),
  BACKEND_SERVICE_MISSING: ({ object, service }) =>
    named(
      service === null
        ? `${object} matches, and has no backend that gets requests`
        : `${object} sends this to service ${service}, which does not exist`,
    ),
  REFERENCE_NOT_PERMITTED: ({ object, from, service: { namespace, name } }) =>
    named(`${object} in namespace ${from} refers to service ${namespace}/${name}, and no ReferenceGrant in ${namespace} allows that`),
  REDIRECT_LOOP: redirectLoop,
};

/** A long circle is told by its beginning. */
const MOST_URLS = 4;

function redirectLoop(facts: HttpFacts['REDIRECT_LOOP']): Wording {
  if (facts.why === 'too-many')
    return `more than ${facts.most} redirects lead on and on, and the client gives up: the last one leads to ${facts.url}`;
  const [first = '', second] = facts.urls;
  if (second === undefined) return `the redirect leads to the very URL that was asked for: ${first}`;
  const shown = facts.urls.length > MOST_URLS ? [...facts.urls.slice(0, MOST_URLS), '…'] : facts.urls;
  return `the redirects lead round in a circle: ${[...shown, first].join(' -> ')}`;
}
