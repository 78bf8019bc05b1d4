import type { IpAddress } from '../../net/address.ts';
import type { Locus, Origin } from '../../source/origin.ts';
import type { Service, ServicePort } from '../service.ts';

/** One request, as the Host header and the request line have it. */
export interface HttpRequest {
  readonly scheme: 'http' | 'https';
  /** In lower case, without a port. */
  readonly host: string;
  readonly port: number;
  /** Begins with a slash, without the query. */
  readonly path: string;
  readonly query: readonly (readonly [name: string, value: string])[];
  /** The same as it is written, with its question mark; empty without. */
  readonly search: string;
  readonly method: string;
  /** By their names in lower case. */
  readonly headers: ReadonlyMap<string, string>;
}

/** The way of a share of the requests that a rule matches. */
export type Action =
  | {
      readonly kind: 'forward';
      readonly share: number;
      readonly service: Service;
      readonly port: ServicePort;
      /** As the backend gets it: host and path may have been rewritten. */
      readonly request: HttpRequest;
      /** Header changes, in words. */
      readonly edits: readonly string[];
      readonly locus: Locus;
    }
  | ({ readonly kind: 'redirect'; readonly share: number } & Redirect)
  | { readonly kind: 'refuse'; readonly share: number; readonly why: Refusal; readonly locus: Locus };

/** An answer that sends the client elsewhere. */
export interface Redirect {
  readonly status: number;
  /** A whole URL. */
  readonly location: string;
  readonly locus: Locus;
}

/** What a client does when it is sent elsewhere. */
export const REDIRECTS = ['follow', 'stay'] as const;
export type Redirects = (typeof REDIRECTS)[number];

/** Why a controller answers itself. */
export type Refusal =
  | { readonly kind: 'no-rule'; readonly frontend: string }
  | { readonly kind: 'no-listener'; readonly frontend: string; readonly listeners: readonly string[]; readonly sameEntry: boolean }
  | { readonly kind: 'no-class'; readonly object: string; readonly className: string | null }
  | { readonly kind: 'no-controller'; readonly frontend: string }
  | { readonly kind: 'not-accepted'; readonly route: string; readonly because: string; readonly fix: string; readonly at: Locus }
  | { readonly kind: 'regular-expression'; readonly route: string }
  /** What an object does is not known; `because`: its field, and why. */
  | { readonly kind: 'not-followed'; readonly object: string; readonly because: string }
  /** `what` may be there, and is of a kind that the objects do not list. */
  | { readonly kind: 'unlisted'; readonly object: string; readonly what: string; readonly command: string }
  | { readonly kind: 'no-backend'; readonly object: string }
  | { readonly kind: 'no-service'; readonly object: string; readonly namespace: string; readonly name: string }
  /** An ExternalName has no endpoints. `refused`: it is known that this controller calls none. */
  | { readonly kind: 'external-name'; readonly object: string; readonly service: Service; readonly refused: boolean }
  | { readonly kind: 'no-port'; readonly object: string; readonly service: Service; readonly port: number | string }
  | { readonly kind: 'no-grant'; readonly object: string; readonly from: string; readonly namespace: string; readonly name: string };

/** The controller that ends the client's connection: that of an Ingress class, or of a Gateway. */
export interface Frontend {
  readonly api: 'Ingress' | 'Gateway';
  /** `IngressClass nginx`, `Gateway infra/web`. */
  readonly name: string;
  /** Null: the input does not say whose pods these are. */
  readonly service: Service | null;
  /** Where it is reached, when that is stated; else its service says it. */
  readonly addresses: readonly IpAddress[];
  readonly locus: Locus;
}

/** The way of a request from a controller on. */
export interface HttpPlan {
  readonly request: HttpRequest;
  /** Null: no controller serves this. */
  readonly frontend: Frontend | null;
  readonly rule: { readonly text: string; readonly origin: Origin } | null;
  /** Their shares sum to 1. */
  readonly actions: readonly Action[];
  readonly notes: readonly string[];
  /** The name that the client called is an ExternalName's, and the Host header has it: the service, and the name that it stands for. */
  readonly alias?: { readonly service: Service; readonly name: string };
  /** How precisely the rule, or the controller's rules, name the host; 0: not by name. */
  readonly hostRank: number;
}

/** `https://shop.example.com/cart?a=b`, without a port that the scheme has anyway. */
export function urlText({ scheme, host, port, path, search }: HttpRequest): string {
  const usual = port === USUAL_PORTS[scheme] ? '' : `:${port}`;
  return `${scheme}://${host}${usual}${path}${search}`;
}

export const USUAL_PORTS: Readonly<Record<HttpRequest['scheme'], number>> = { http: 80, https: 443 };

/**
 * By path element: /foo is a prefix of /foo, /foo/ and /foo/bar, and not of /foobar; a trailing slash of the prefix does not count.
 * Source: PathTypePrefix, k8s.io/api/networking/v1; PathMatchPathPrefix of the Gateway API is the same.
 */
export function isPathPrefix(prefix: string, path: string): boolean {
  const bare = withoutTrailingSlash(prefix);
  return path === bare || path.startsWith(`${bare}/`);
}

/** `/` becomes the empty path. */
export const withoutTrailingSlash = (path: string): string => (path.endsWith('/') ? path.slice(0, -1) : path);

/** Precise names first, the longer the better; then wildcards, the longer the better; last what has no name. */
export function hostRank(pattern: string | null): number {
  if (pattern === null) return 0;
  return pattern.startsWith('*.') ? pattern.length : 1000 + pattern.length;
}

/** An Ingress's wildcard stands for exactly one label. */
export function ingressHostMatches(pattern: string | null, host: string): boolean {
  if (pattern === null || pattern === host) return true;
  return pattern.startsWith('*.') && host.includes('.') && host.slice(host.indexOf('.')) === pattern.slice(1);
}

/** A wildcard of the Gateway API stands for one label or several. */
export function routeHostMatches(pattern: string | null, host: string): boolean {
  if (pattern === null || pattern === host) return true;
  return pattern.startsWith('*.') && host.length > pattern.length - 1 && host.endsWith(pattern.slice(1));
}

/** Would a wildcard hold the host if `*` stood for any number of labels, and for none? */
export const nearlyHolds = (pattern: string | null, host: string): boolean =>
  pattern?.startsWith('*.') === true && (host.endsWith(pattern.slice(1)) || host === pattern.slice(2));

/** A host that misses a rule by what `*` stands for. `of`: whose the pattern is. */
export const wildcardNote = (labels: 'one label' | 'one label or more', pattern: string, host: string, of: string): string =>
  `* stands for ${labels}: ${pattern} of ${of} does not hold ${host}`;
