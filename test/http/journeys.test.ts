import { describe, expect, test } from 'vitest';
import type { Request, TraceDocument } from '../../src/index.ts';
import { headersFollow } from '../laws/headers.ts';
import { ask, crossings } from '../tracing.ts';

type Row = readonly [source: string, url: string, paths: readonly string[], more?: Partial<Request>];

/** `0.5 default/shop-1`, `0.25 NO_ENDPOINTS http-503`: a path's share, and who got the request or why nobody did. */
const paths = (trace: TraceDocument) =>
  trace.paths.map((p) => {
    const share = Number(p.probability.toFixed(4));
    return p.reason === null
      ? `${share} ${p.endpoint?.pod ?? p.forward.hops.at(-1)?.netns}`
      : `${share} ${p.outcome} ${p.reason.code} ${p.reason.client}`;
  });

const API = { headers: { Host: 'api.example.com' } };

/**
 * Two nodes are balanced to by the load balancer of ingress.yaml, each with half of the connections that come from outside. From inside its
 * address is translated on the client's own node. Statuses: ingress-nginx for Ingresses, HTTPRouteRule.backendRefs for the others.
 */
const INGRESS: readonly Row[] = [
  ['laptop', 'https://shop.example.com/', ['0.25 default/shop-1', '0.25 default/shop-2', '0.25 default/shop-1', '0.25 default/shop-2']],
  ['client', 'https://shop.example.com/', ['0.5 default/shop-1', '0.5 default/shop-2']],
  ['node-1', 'https://shop.example.com/', ['0.5 default/shop-1', '0.5 default/shop-2']],
  ['client', 'https://shop.example.com/cart', ['1 rejected NOBODY_LISTENS http-502']],
  ['client', 'https://shop.example.com/asleep', ['1 rejected NO_READY_ENDPOINTS http-503']],
  ['client', 'https://shop.example.com/empty', ['1 rejected NO_ENDPOINTS http-503']],
  ['client', 'https://shop.example.com/gone', ['1 rejected BACKEND_SERVICE_MISSING http-503']],
  [
    'laptop',
    'https://shop.example.com/gone',
    ['0.5 rejected BACKEND_SERVICE_MISSING http-503', '0.5 rejected BACKEND_SERVICE_MISSING http-503'],
  ],
  ['client', 'https://shop.example.com/port', ['1 rejected NO_SUCH_PORT http-503']],
  ['client', 'http://shop.example.com/gone', ['1 rejected BACKEND_SERVICE_MISSING http-503']],
  ['client', 'https://api.example.com/v1/x', ['0.5 default/shop-1', '0.5 default/shop-2']],
  ['client', 'https://api.example.com/v2', ['1 rejected NO_INGRESS_RULE http-404']],
  ['client', 'https://other.example.com/', ['1 rejected NO_INGRESS_RULE http-404']],
  ['client', 'https://lost.example.com/', ['1 rejected NO_INGRESS_CLASS http-404']],
  ['client', 'https://nobody.example.com/', ['1 undetermined FACT_MISSING unknown']],
  ['client', 'https://203.0.113.10/', ['1 rejected NO_INGRESS_RULE http-404']],
  ['client', 'https://203.0.113.10/', ['0.5 default/shop-1', '0.5 default/shop-2'], { headers: { Host: 'shop.example.com' } }],
  ['client', 'http://10.96.0.23/', ['1 rejected NOBODY_LISTENS refused']],
  // Names that the source's resolver knows go straight there, and names of the cluster mean nothing outside.
  ['client', 'http://shop/', ['0.5 default/shop-1', '0.5 default/shop-2']],
  ['client', 'http://shop.default.svc.cluster.local/', ['0.5 default/shop-1', '0.5 default/shop-2']],
  ['client', 'http://shop.nowhere.svc.cluster.local/', ['1 rejected NO_SUCH_NAME name-not-found']],
  ['laptop', 'http://shop.default.svc.cluster.local/', ['1 rejected NO_SUCH_NAME name-not-found']],
  // Neither pods nor the services of some namespace have a name of one label for whoever has no search list.
  ['client', 'http://shop-1/', ['1 rejected NO_SUCH_NAME name-not-found']],
  ['node-1', 'http://shop/', ['1 rejected NO_SUCH_NAME name-not-found']],
  // The controller is the same one, whatever it is called by: its service's name or address, its pod's, a node port.
  ['client', 'http://ingress-nginx-controller.ingress-nginx/', ['1 rejected NO_INGRESS_RULE http-404']],
  ['client', 'http://10.96.0.50/', ['1 rejected NO_INGRESS_RULE http-404']],
  ['client', 'http://10.244.1.10/', ['1 rejected NO_INGRESS_RULE http-404']],
  ['client', 'http://192.168.1.12:30080/', ['1 rejected NO_INGRESS_RULE http-404']],
  ['client', 'http://10.244.1.10:8080/', ['1 rejected NOBODY_LISTENS refused']],
  // A Host header chooses the rule, and not whom the client connects to.
  ['client', 'http://ingress-nginx-controller.ingress-nginx/v1', ['0.5 default/shop-1', '0.5 default/shop-2'], API],
  ['client', 'https://shop.example.com/v1', ['0.5 default/shop-1', '0.5 default/shop-2'], API],
  ['client', 'http://shop/v1', ['0.5 default/shop-1', '0.5 default/shop-2'], API],
  ['client', 'http://fallback/v1', ['1 default/fallback'], API],
  ['client', 'http://nosuch.ingress-nginx/v1', ['1 rejected NO_SUCH_NAME name-not-found'], API],
  ['client', 'http://lb.example.net/v1', ['1 undetermined FACT_MISSING unknown'], API],
];

const GATEWAY: readonly Row[] = [
  ['internet', 'https://shop.example.com/', ['0.9 shop/v1', '0.1 shop/v2']],
  ['client', 'https://shop.example.com/', ['0.9 shop/v1', '0.1 shop/v2']],
  ['client', 'https://shop.example.com/', ['1 shop/v2'], { headers: { 'x-canary': 'always' } }],
  ['client', 'https://a.shop.example.com/old/x', ['1 shop/v1']],
  ['client', 'https://shop.example.com/mixed', ['0.75 shop/v1', '0.25 rejected BACKEND_SERVICE_MISSING http-500']],
  ['client', 'https://shop.example.com/pay', ['1 bank/pay']],
  ['client', 'https://shop.example.com/ledger', ['1 rejected REFERENCE_NOT_PERMITTED http-500']],
  ['client', 'https://shop.example.com/idle', ['1 rejected NO_ENDPOINTS http-503']],
  ['client', 'https://shop.example.com/port', ['1 rejected NO_SUCH_PORT http-500']],
  ['client', 'https://shop.example.com/none', ['1 rejected BACKEND_SERVICE_MISSING http-500']],
  ['client', 'https://shop.example.com/item/3', ['1 undetermined FACT_MISSING unknown'], { method: 'put' }],
  ['client', 'http://shop.example.com/x?y=1', ['0.9 shop/v1', '0.1 shop/v2']],
  ['client', 'http://intern.example.com/', ['1 rejected ROUTE_NOT_ACCEPTED http-404']],
  ['client', 'https://bank.example.com/', ['1 rejected ROUTE_NOT_ACCEPTED http-404']],
  ['client', 'https://orphan.example.com/', ['1 rejected ROUTE_NOT_ACCEPTED http-404']],
  ['client', 'http://other.example.org/', ['1 rejected NO_INGRESS_RULE http-404']],
  ['client', 'https://other.example.org/', ['1 rejected NO_INGRESS_RULE unknown']],
  ['node-2', 'https://192.168.1.11:30443/pay', ['1 bank/pay'], { headers: { host: 'shop.example.com' } }],
  ['internet', 'https://203.0.113.11:30443/pay', ['1 bank/pay'], { headers: { host: 'shop.example.com' } }],
];

/** A controller that is told nothing gives up with 504, one that is refused with 502: RFC 9110, 15.6.3 and 15.6.5. */
const BROKEN: readonly Row[] = [
  ['client', 'http://x.example.com/good', ['1 default/good']],
  ['client', 'http://x.example.com/swallowed', ['1 rejected BLACKHOLE_ROUTE http-504']],
  ['client', 'http://x.example.com/mute', ['1 rejected BLACKHOLE_ROUTE http-504']],
  ['client', 'http://x.example.com/deaf', ['1 rejected NOBODY_LISTENS http-502']],
  ['client', 'http://x.example.com/half', ['0.5 default/good', '0.5 rejected NOBODY_LISTENS http-502']],
  ['client', 'http://x.example.com/absent', ['1 rejected NEIGHBOUR_UNREACHABLE http-502']],
  ['client', 'http://x.example.com/remote', ['1 server']],
  ['client', 'http://closed.example.com/', ['1 dropped SOURCE_RANGE_DENIED time-out']],
  ['client', 'http://pending.example.com/', ['1 rejected LOAD_BALANCER_PENDING name-not-found']],
  ['client', 'http://starting.example.com/', ['1 rejected NO_READY_ENDPOINTS refused']],
  ['client', 'http://edge.example.com:8081/', ['1 default/good']],
  ['laptop', 'http://edge.example.com:8081/', ['1 default/good']],
  ['client', 'http://edge.example.com/', ['1 undetermined FACT_MISSING unknown']],
  ['client', 'http://elsewhere.example.com/', ['1 undetermined FACT_MISSING unknown']],
  // Another service, of another class, before the same pods.
  ['client', 'http://10.96.0.51/good', ['1 default/good'], { headers: { host: 'x.example.com' } }],
  ['client', 'http://10.96.0.51/', ['1 rejected NO_INGRESS_RULE http-404']],
];

const ALL: readonly (readonly [fixture: string, ...Row])[] = [
  ...INGRESS.map((row) => ['http/ingress.yaml', ...row] as const),
  ...GATEWAY.map((row) => ['http/gateway.yaml', ...row] as const),
  ...BROKEN.map((row) => ['http/broken.yaml', ...row] as const),
];

describe('journeys', () => {
  test.each(ALL.map(([fixture, source, url, expected, more = {}]) => [fixture, source, url, expected, more] as const))(
    '%s: %s %s',
    (fixture, source, url, expected, more) => {
      expect(paths(ask(fixture, source, url, more))).toEqual(expected);
    },
  );

  test('keep the laws: headers follow from changes, shares sum to 1, a reason points at a hop and says what to change', () => {
    let changed = 0;
    for (const [fixture, source, url, , more] of ALL) {
      const trace = ask(fixture, source, url, more);
      expect(trace.paths.reduce((sum, p) => sum + p.probability, 0)).toBeCloseTo(1, 9);
      for (const path of trace.paths) {
        for (const walk of [path.forward, path.reply, path.ack]) if (walk !== null) changed += headersFollow(walk.hops);
        const { reason } = path;
        if (reason === null) continue;
        const hop = (reason.walk === 'dns' ? null : path[reason.walk])?.hops[reason.hop];
        expect([url, hop?.kind]).toEqual([url, 'drop']);
        expect([url, reason.fix.length > 0]).toEqual([url, true]);
      }
    }
    expect(changed).toBeGreaterThan(500);
  });
});

describe('a journey is two connections, joined at the controller', () => {
  const whole = ask('http/ingress.yaml', 'client', 'https://api.example.com/v1');
  const first = ask('http/ingress.yaml', 'client', 'ingress-nginx/svc/ingress-nginx-controller:https');
  const [toShop1, toShop2] = ['10.244.1.21:8080', '10.244.2.22:8080'].map((to) => ask('http/ingress.yaml', 'ingress-nginx/controller', to));

  test.each([
    [0, toShop1],
    [1, toShop2],
  ])('path %i', (i, second) => {
    const path = whole.paths[i];
    const [a, b] = [first.paths[0], second?.paths[0]];
    // The client calls the load balancer's address here, and the ClusterIP there; nothing else differs.
    const same = (lines: readonly string[]) => lines.map((l) => l.replaceAll('203.0.113.10', '10.96.0.50'));
    const seen = (which: 'forward' | 'reply' | 'ack') => same(crossings(path?.[which] ?? null));
    const alone = (which: 'forward' | 'reply' | 'ack') => [crossings(a?.[which] ?? null), crossings(b?.[which] ?? null)] as const;
    // A ClusterIP is masqueraded for nobody, a load balancer's address for all: the controller sees the node.
    const masqueraded = (lines: readonly string[]) =>
      lines.map((l) =>
        l
          .replace(/(node-1|ingress-nginx\/controller) (.*)10\.244\.2\.9/, '$1 $2192.168.1.12')
          .replace(/node-2 eth0 (.*)10\.244\.2\.9/, 'node-2 eth0 $1192.168.1.12'),
      );
    for (const which of ['forward', 'ack'] as const) {
      const [one, two] = alone(which);
      expect([one.length, two.length]).not.toContain(0);
      expect(seen(which)).toEqual([...masqueraded(one), ...two]);
    }
    const [one, two] = alone('reply');
    expect(seen('reply')).toEqual([...two, ...masqueraded(one)]);
  });
});

describe('what stands in the hop of the controller', () => {
  const proxies = (trace: TraceDocument) => trace.paths.flatMap((p) => p.forward.hops.filter((h) => h.kind === 'proxy'));

  test('the rule with its place, the rewritten URL, and who the client is to the controller', () => {
    const [hop] = proxies(ask('http/gateway.yaml', 'internet', 'https://shop.example.com/old/a?b=c'));
    expect(hop).toMatchObject({
      netns: 'infra/envoy',
      process: 'envoy@envoy',
      rule: 'HTTPRoute shop/shop, shop.example.com /old (PathPrefix)',
      source: { line: 52, object: 'HTTPRoute/shop/shop' },
      url: 'https://shop.example.com/old/a?b=c',
      to: 'https://legacy.internal/v0/a?b=c',
      backend: 'service shop/v1:80',
      tls: 'terminated',
      edits: ['request header X-From set to shop', 'request header Cookie removed'],
      // Masqueraded on the node, since the service's externalTrafficPolicy is Cluster.
      forwardedFor: '10.244.1.1',
      packet: { source: '10.244.1.10', destination: '10.244.1.21', destinationPort: 8080 },
    });
  });

  test('on the way back it answers with the address that the client called', () => {
    const [path] = ask('http/gateway.yaml', 'internet', 'http://intern.example.com/').paths;
    expect(path?.reply?.hops.at(-1)?.packet).toMatchObject({ source: '203.0.113.11', sourcePort: 30080 });
    const [other] = ask('http/gateway.yaml', 'internet', 'https://shop.example.com/pay').paths;
    expect(other?.reply?.hops.filter((h) => h.kind === 'proxy').map((h) => h.action)).toEqual(['return']);
    expect(other?.reply?.hops.at(-1)?.packet).toMatchObject({ source: '203.0.113.11', sourcePort: 30443 });
  });

  test('without TLS nothing ends but the connection', () => {
    expect(proxies(ask('http/broken.yaml', 'client', 'http://x.example.com/good'))).toMatchObject([
      { tls: 'none', to: 'http://x.example.com/good' },
    ]);
  });
});

describe('what is taken for granted is said', () => {
  const assumed = (fixture: string, source: string, url: string) =>
    ask(fixture, source, url)
      .assumptions.map((a) => a.message)
      .join('\n');

  test.each([
    ['http/ingress.yaml', 'laptop', 'https://shop.example.com/', /shop\.example\.com is taken to stand for 203\.0\.113\.10/],
    ['http/ingress.yaml', 'laptop', 'https://shop.example.com/', /connect to ready endpoints itself/],
    ['http/ingress.yaml', 'laptop', 'https://shop.example.com/gone', /does not say what a controller answers here; 503/],
    ['http/ingress.yaml', 'laptop', 'https://nope.example.com/', /does not say what a controller answers here; 404/],
    [
      'http/ingress.yaml',
      'laptop',
      'http://shop.example.com/',
      /ssl-redirect[\s\S]*follow redirects, as curl -L does: 308 to https:\/\/shop\.example\.com\/$/,
    ],
    ['http/gateway.yaml', 'internet', 'https://shop.example.com/', /port 443 to node port 30443/],
    ['http/gateway.yaml', 'internet', 'https://shop.example.com/idle', /503 is what the Gateway API recommends/],
    ['http/gateway.yaml', 'internet', 'https://shop.example.com/none', /500 is usual, and some answer 503/],
    ['http/gateway.yaml', 'internet', 'https://other.example.org/', /no certificate to show/],
    ['http/broken.yaml', 'client', 'http://x.example.com/half', /try another endpoint/],
  ])('%s: %s %s: %s', (fixture, source, url, message) => {
    expect(assumed(fixture, source, url)).toMatch(message);
  });

  test('a Host header comes after TLS', () => {
    const of = (url: string) =>
      ask('http/gateway.yaml', 'client', url, { headers: { host: 'shop.example.com' } })
        .assumptions.map((a) => a.message)
        .join();
    expect(of('https://192.168.1.11:30443/pay')).toMatch(/192\.168\.1\.11 \(SNI\).*Host header says shop\.example\.com/);
    expect(of('http://192.168.1.11:30080/pay')).not.toMatch(/SNI/);
    expect(of('https://shop.example.com/pay')).not.toMatch(/SNI/);
  });

  test('by address nothing is assumed about names', () => {
    expect(assumed('http/ingress.yaml', 'client', 'https://203.0.113.10/')).not.toMatch(/taken to stand for/);
  });

  test('nor by a name that is looked up: the journey begins with that', () => {
    const url = 'http://ingress-nginx-controller.ingress-nginx/';
    expect(assumed('http/ingress.yaml', 'client', url)).not.toMatch(/taken to stand for/);
    const trace = ask('http/ingress.yaml', 'client', url);
    expect(trace.destination).toMatchObject({ kind: 'URL', dnsName: 'ingress-nginx-controller.ingress-nginx' });
    expect(trace.paths[0]?.forward.hops[0]).toMatchObject({ kind: 'dns', answer: ['10.96.0.50'] });
  });
});

describe('what to change', () => {
  test.each([
    ['http/ingress.yaml', 'https://shop.example.com/gone', /name a service that is there: shop/],
    [
      'http/ingress.yaml',
      'https://api.example.com/v2',
      /add a path that matches \/v2 to the rules for api\.example\.com.*ingress\.yaml:54/,
    ],
    ['http/ingress.yaml', 'https://shpo.example.com/', /check the host: there are rules for shop\.example\.com/],
    ['http/ingress.yaml', 'https://elsewhere.org/', /add a rule for elsewhere\.org; there are rules for/],
    ['http/ingress.yaml', 'https://lost.example.com/', /set ingressClassName to nginx.*ingress\.yaml:55/],
    ['http/ingress.yaml', 'https://nobody.example.com/', /ingressClasses\[\]\.service: NAMESPACE\/NAME.*ingress\.yaml:36/],
    ['http/ingress.yaml', 'https://shop.example.com/cart', /set the targetPort of service cart to 8081 \(/],
    ['http/ingress.yaml', 'https://shop.example.com/port', /port of the backend.*ingress\.yaml:50.*one that service cart has.*80 \(http\)/],
    [
      'http/gateway.yaml',
      'https://shop.example.com/port',
      /one that service v1 has.*\n?8080 is a targetPort \(the pods' own port\): write 80/,
    ],
    ['http/gateway.yaml', 'https://shop.example.com/ledger', /add a ReferenceGrant in namespace bank.*kind: HTTPRoute, namespace: shop/],
    ['http/gateway.yaml', 'https://shop.example.com/none', /backend with a weight above 0/],
    ['http/gateway.yaml', 'https://bank.example.com/', /give namespace bank the labels.*gateway\.yaml:36/],
    ['http/gateway.yaml', 'https://orphan.example.com/', /name a Gateway that exists.*infra\/public/],
    [
      'http/gateway.yaml',
      'https://canary.example.com/new',
      /^send what the rule for canary\.example\.com \/new asks for \(\S+gateway\.yaml:93\): --method POST -H 'X-Canary: always' \?v=2 in the URL$/m,
    ],
    [
      'http/gateway.yaml',
      'https://canary.example.com/other',
      /^add a path.*which has canary\.example\.com \/new \(PathPrefix, with method POST and header X-Canary: always and query v=2, \S+:93\)$/m,
    ],
    [
      'http/ingress.yaml',
      'http://10.96.0.50/',
      /^send a Host header that a rule is for: -H 'Host: shop\.example\.com' \(\S+ingress\.yaml:45\)$/m,
    ],
    [
      'http/ingress.yaml',
      'http://ingress-nginx-controller.ingress-nginx/',
      /^send a Host header that a rule is for: -H 'Host: shop\.example\.com' \(\S+ingress\.yaml:45\)$/m,
    ],
    ['http/gateway.yaml', 'https://other.example.org/', /call what a listener is for.*shop HTTPS 443 \*\.example\.com/],
  ])('%s %s: %s', (fixture, url, fix) => {
    expect(ask(fixture, 'client', url).reason?.fix.join('\n')).toMatch(fix);
  });

  test.each([
    ['an Ingress without a class', 'http/ingress.yaml', 'http://losst.example.com/', /lost\.example\.com/],
    ['nor of all there is', 'http/ingress.yaml', 'http://elsewhere.org/', /lost\.example\.com/],
    ['a route that no listener takes', 'http/gateway.yaml', 'http://orphann.example.com/', /orphan\.example\.com|bank\.example\.com/],
  ])('no rule of %s is offered', (_name, fixture, url, rule) => {
    const { reason } = ask(fixture, 'client', url);
    expect(reason?.code).toBe('NO_INGRESS_RULE');
    expect(reason?.fix.join()).not.toMatch(rule);
  });
});
