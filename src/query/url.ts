import { type HttpRequest, USUAL_PORTS } from '../k8s/http/http.ts';
import { parsePlace } from './place.ts';
import { fail, type Parsed } from './result.ts';

/** Has the text a scheme, whichever it is? */
export const isUrl = (text: string): boolean => /^[a-z][a-z0-9+.-]*:\/\//i.test(text);

/** The parts of a request that the URL does not have. */
export interface UrlOptions {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Called {
  readonly request: HttpRequest;
  /** The URL's own host, which is called; a Host header may name another one. An IPv6 address keeps its brackets, as in that header. */
  readonly host: string;
  /** The same as it is looked up: with a dot at its end, no search list takes part. */
  readonly dnsName: string;
}

/** `https://shop.example.com:8443/cart?item=1` as a request. */
export function parseUrl(text: string, { method = 'GET', headers = {} }: UrlOptions): Parsed<Called> {
  const url = URL.canParse(text) ? new URL(text) : null;
  // For the parser http:///cart is http://cart.
  if (/^\w+:\/\/[/\\]/.test(text)) return fail(`${text}: the host is missing`, 'write it as https://shop.example.com/cart');
  if (url === null) return badIpv6(text) ?? fail(`${text} is not a URL`, 'write it as https://shop.example.com/cart');
  const scheme = url.protocol.slice(0, -1);
  if (scheme !== 'http' && scheme !== 'https') return fail(`${text}: ${scheme} is not traced`, 'http and https are');
  if (url.username !== '' || url.password !== '')
    return fail(`${text}: a name and a password in a URL are never sent as such`, 'leave them out');
  if (!/^[A-Za-z]+$/.test(method)) return fail(`${JSON.stringify(method)} is not a method`, 'as GET or POST');
  const named = new Map(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
  const called = url.hostname.replace(/\.$/, '');
  const host = (named.get('host') ?? called).toLowerCase().replace(/^(\[.*\]|[^:]*):\d+$/, '$1');
  const port = url.port === '' ? USUAL_PORTS[scheme] : Number(url.port);
  const request = {
    scheme,
    host,
    port,
    path: url.pathname,
    query: [...url.searchParams],
    search: url.search,
    method: method.toUpperCase(),
    headers: named,
  } as const;
  return { ok: true, value: { request, host: called, dnsName: url.hostname } };
}

/** Why an IPv6 address makes no URL; null: there is none in it. */
function badIpv6(text: string) {
  const [, start = '', host = '', rest = ''] = /^(\w+:\/\/)([^/?#]*)(.*)$/.exec(text) ?? [];
  const place = /^\[|:.*:/.test(host) ? parsePlace(host) : null;
  if (place === null) return null;
  if (!place.ok) return fail(`${text}: ${place.message}`, place.hint);
  if (host.startsWith('[')) return null;
  return fail(`${text}: in a URL an IPv6 address stands in brackets`, `write ${start}[${host}]${rest}; a port comes after the bracket`);
}
