import type { PathModifier, RouteFilter, RouteMatch } from './gateway.ts';
import { type HttpRequest, USUAL_PORTS, urlText, withoutTrailingSlash } from './http.ts';

/** A rule's filters make another request of one, or an answer that sends the client elsewhere. */
export interface Filtered {
  readonly request: HttpRequest;
  readonly edits: readonly string[];
  readonly redirect: { readonly status: number; readonly location: string } | null;
}

/** Applies the filters of a rule, in their order, to a request that it matches. */
export function applyFilters(filters: readonly RouteFilter[], request: HttpRequest, match: RouteMatch, listenerPort: number): Filtered {
  return filters.reduce<Filtered>((before, filter) => apply(before, filter, match, listenerPort), { request, edits: [], redirect: null });
}

function apply(before: Filtered, filter: RouteFilter, match: RouteMatch, listenerPort: number): Filtered {
  const { request, edits } = before;
  switch (filter.type) {
    case 'RequestHeaderModifier':
    case 'ResponseHeaderModifier': {
      const which = filter.type === 'RequestHeaderModifier' ? 'request' : 'response';
      return { ...before, edits: [...edits, ...filter.edits.map((e) => `${which} header ${e}`)] };
    }
    case 'URLRewrite':
      return {
        ...before,
        request: { ...request, host: filter.hostname ?? request.host, path: modified(request.path, filter.path, match) },
      };
    case 'RequestRedirect': {
      const scheme = filter.scheme ?? request.scheme;
      // Without a port: that of the new scheme, when there is one, else the listener's. Source: HTTPRequestRedirectFilter.port.
      const port = filter.port ?? (filter.scheme === null ? listenerPort : USUAL_PORTS[scheme]);
      const path = modified(request.path, filter.path, match);
      const location = urlText({ ...request, scheme, port, path, host: filter.hostname ?? request.host });
      return { ...before, redirect: { status: filter.statusCode, location } };
    }
  }
}

/** /foo/bar with the prefix /foo replaced by /xyz is /xyz/bar; by nothing, or by /, it is /bar. */
function modified(path: string, modifier: PathModifier | null, match: RouteMatch): string {
  if (modifier === null) return path;
  const rest = modifier.type === 'ReplaceFullPath' ? '' : path.slice(withoutTrailingSlash(match.path.value).length);
  const whole = modifier.type === 'ReplaceFullPath' ? modifier.value : `${withoutTrailingSlash(modifier.value)}${rest}`;
  return whole.startsWith('/') ? whole : `/${whole}`;
}
