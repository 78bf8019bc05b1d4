import { describe, expect, test } from 'vitest';
import { chosen, clusterWith, planOf } from './world.ts';

type Form = Readonly<Record<string, unknown>>;

const to = (name: string, more: Form = {}) => ({ name, port: 80, ...more });
const path = (value: string, type = 'PathPrefix') => ({ path: { type, value } });
const rule = (backends: readonly unknown[], matches: readonly unknown[] = [], filters: readonly unknown[] = []) => ({
  ...(matches.length === 0 ? {} : { matches }),
  ...(filters.length === 0 ? {} : { filters }),
  backendRefs: backends,
});
const route = (name: string, hostnames: readonly string[], rules: readonly unknown[], more: Form = {}) => ({
  name,
  parentRefs: [{ name: 'gw' }],
  hostnames,
  rules,
  ...more,
});
const HTTP = { name: 'web', port: 80, protocol: 'HTTP' };
const gateway = (listeners: readonly unknown[], more: Form = {}) => ({ name: 'gw', gatewayClassName: 'c', listeners, ...more });
const world = (httpRoutes: readonly unknown[], gateways: readonly unknown[] = [gateway([HTTP])], more: Form = {}) =>
  clusterWith({ gatewayClasses: [{ name: 'c', service: 'infra/front' }], gateways, httpRoutes, ...more });

/** In the order that HTTPRouteRule.matches and HTTPRouteSpec.hostnames prescribe. */
const ORDER = world([
  route('hosts', ['shop.example.com'], [rule([to('a')])]),
  route('wild', ['*.example.com'], [rule([to('b')], [path('/exact', 'Exact')])]),
  route('any', [], [rule([to('c')])]),
  route(
    'paths',
    ['p.org'],
    [
      rule([to('a')], [path('/')]),
      rule([to('b')], [path('/long/')]),
      rule([to('c')], [path('/long', 'Exact')]),
      rule(
        [to('d')],
        [
          { ...path('/long'), method: 'POST' },
          { ...path('/'), queryParams: [{ name: 'v', value: '2' }] },
        ],
      ),
      rule([to('e')], [{ ...path('/long'), headers: [{ name: 'X-Env', value: 'test' }] }]),
    ],
  ),
  route('tie-b', ['tie.org'], [rule([to('b')])]),
  route('tie-a', ['tie.org'], [rule([to('a')])]),
  route('first', ['first.org'], [rule([to('d')], [path('/x')]), rule([to('e')], [path('/x')])]),
]);

describe('which match', () => {
  test.each([
    ['the longest host', 'http://shop.example.com/exact', {}, 'a'],
    ['a wildcard before none', 'http://www.example.com/exact', {}, 'b'],
    ['a wildcard of the Gateway API holds several labels', 'http://a.b.example.com/exact', {}, 'b'],
    ['and not the bare name', 'http://example.com/exact', {}, 'c'],
    ['no hostname: all', 'http://other.net/', {}, 'c'],
    ['a host whose routes have no such path falls to the next', 'http://www.example.com/', {}, 'c'],
    ['an exact path before prefixes', 'http://p.org/long', {}, 'c'],
    ['the longest prefix', 'http://p.org/long/x', {}, 'b'],
    ['by path element', 'http://p.org/longer', {}, 'a'],
    ['then the method', 'http://p.org/long/x', { method: 'POST' }, 'd'],
    ['method before header', 'http://p.org/long/x', { method: 'POST', headers: { 'x-env': 'test' } }, 'd'],
    ['then headers, whatever their case', 'http://p.org/long/x', { headers: { 'x-ENV': 'test' } }, 'e'],
    ['whose values count exactly', 'http://p.org/long/x', { headers: { 'x-env': 'Test' } }, 'b'],
    ['query parameters', 'http://p.org/q?v=2', {}, 'd'],
    ['the first one of two', 'http://p.org/q?v=1&v=2', {}, 'a'],
    ['a longer path before query parameters', 'http://p.org/long/q?v=2', {}, 'b'],
    ['then the route whose name is first', 'http://tie.org/', {}, 'a'],
    ['then the rule that is first', 'http://first.org/x', {}, 'd'],
  ] as const)('%s', (_name, url, options, expected) => {
    expect(chosen(planOf(ORDER, url, options))).toBe(expected);
  });

  test('of two routes that match alike the older wins, which the input does not say', () => {
    expect(planOf(ORDER, 'http://tie.org/')?.notes.join()).toMatch(/default\/tie-a and .*default\/tie-b match alike/);
    expect(planOf(ORDER, 'http://first.org/x')?.notes).toEqual([]);
  });
});

describe('regular expressions are up to the implementation', () => {
  const expression = { headers: [{ type: 'RegularExpression', name: 'v', value: '1|2' }] };
  const cluster = world([
    route(
      'r',
      ['r.org'],
      [
        rule([to('a')], [path('/')]),
        rule([to('b')], [{ ...path('/item/[0-9]+', 'RegularExpression'), method: 'PUT' }]),
        rule([to('c')], [{ ...path('/h'), ...expression }]),
        rule([to('d')], [path('/h/exact', 'Exact')]),
      ],
    ),
    route('other', ['s.org'], [rule([to('e')])]),
  ]);
  test.each([
    ['it might match', 'http://r.org/item/3', { method: 'PUT' }, 'regular-expression'],
    ['another condition does not hold', 'http://r.org/item/3', {}, 'a'],
    ['it stands at another host', 'http://s.org/item/3', { method: 'PUT' }, 'e'],
    ['of a header that is not sent', 'http://r.org/h', {}, 'a'],
    ['of a header', 'http://r.org/h', { headers: { v: '1' } }, 'regular-expression'],
    ['of a header, in a match that an exact path precedes', 'http://r.org/h/exact', { headers: { v: '1' } }, 'd'],
  ] as const)('%s', (_name, url, options, expected) => {
    expect(chosen(planOf(cluster, url, options))).toBe(expected);
  });
});

describe('weights', () => {
  test.each([
    ['by weight', [to('a', { weight: 9 }), to('b', { weight: 1 })], '0.9 a, 0.1 b'],
    ['1 each when left out', [to('a'), to('b'), to('c'), to('d')], '0.25 a, 0.25 b, 0.25 c, 0.25 d'],
    ['0 gets nothing', [to('a', { weight: 0 }), to('b', { weight: 2 })], 'b'],
    ['all 0', [to('a', { weight: 0 })], 'no-backend'],
    ['none', [], 'no-backend'],
    ['one that is missing keeps its share', [to('a', { weight: 3 }), to('z')], '0.75 a, 0.25 no-service'],
    ['a port that is not there', [to('a', { port: 8080 })], 'no-port'],
  ] as const)('%s', (_name, backends, expected) => {
    expect(chosen(planOf(world([route('w', [], [rule(backends)])]), 'http://x.org/'))).toBe(expected);
  });
});

describe('filters', () => {
  const rewrite = (urlRewrite: Form) => ({ type: 'URLRewrite', urlRewrite });
  const redirect = (requestRedirect: Form) => ({ type: 'RequestRedirect', requestRedirect });
  const prefix = (replacePrefixMatch: string) => ({ path: { type: 'ReplacePrefixMatch', replacePrefixMatch } });
  const full = (replaceFullPath: string) => ({ path: { type: 'ReplaceFullPath', replaceFullPath } });

  /** The table of HTTPPathModifier.replacePrefixMatch. */
  test.each([
    ['/foo', '/xyz', '/foo/bar', '/xyz/bar'],
    ['/foo', '/xyz/', '/foo/bar', '/xyz/bar'],
    ['/foo/', '/xyz', '/foo/bar', '/xyz/bar'],
    ['/foo/', '/xyz/', '/foo/bar', '/xyz/bar'],
    ['/foo', '/xyz', '/foo', '/xyz'],
    ['/foo', '/xyz', '/foo/', '/xyz/'],
    ['/foo', '', '/foo/bar', '/bar'],
    ['/foo/', '', '/foo', '/'],
    ['/foo', '/', '/foo/', '/'],
    ['/foo', '/', '/foo', '/'],
  ])('prefix %s replaced by %j: %s is %s', (value, replacement, asked, expected) => {
    const cluster = world([route('f', [], [rule([to('a')], [path(value)], [rewrite(prefix(replacement))])])]);
    expect(chosen(planOf(cluster, `http://x.org${asked}`))).toBe(`a x.org${expected}`);
  });

  test.each([
    ['the host', [rewrite({ hostname: 'y.org' })], 'http://x.org/p', 'a y.org/p'],
    ['the whole path', [rewrite({ hostname: 'y.org', ...full('/q') })], 'http://x.org/p', 'a y.org/q'],
    [
      'headers',
      [
        { type: 'RequestHeaderModifier', requestHeaderModifier: { set: [{ name: 'A', value: '1' }], remove: ['B'] } },
        { type: 'ResponseHeaderModifier', responseHeaderModifier: { add: [{ name: 'C', value: '2' }] } },
      ],
      'http://x.org/',
      'a [request header A set to 1; request header B removed; response header C with 2 added]',
    ],
  ] as const)('%s', (_name, filters, url, expected) => {
    expect(chosen(planOf(world([route('f', [], [rule([to('a')], [], filters)])]), url))).toBe(expected);
  });

  test.each([
    ['another scheme, with its own port', { scheme: 'https', statusCode: 301 }, 'http://x.org/p?a=1', '301 https://x.org/p?a=1'],
    ['another scheme, from a port of its own', { scheme: 'https' }, 'http://x.org:8080/', '302 https://x.org/'],
    ['no scheme: the port of the listener', { hostname: 'y.org' }, 'http://x.org:8080/', '302 http://y.org:8080/'],
    ['a port', { port: 8443, scheme: 'https' }, 'http://x.org/', '302 https://x.org:8443/'],
    ['a query, as it was written', { scheme: 'https' }, 'http://x.org/a%20b?q=a%20b&c&d=', '302 https://x.org/a%20b?q=a%20b&c&d='],
    ['a path', full('/new'), 'http://x.org/old', '302 http://x.org/new'],
  ])('a redirect: %s', (_name, form, url, expected) => {
    const listeners = [HTTP, { ...HTTP, name: 'alt', port: 8080 }];
    expect(chosen(planOf(world([route('f', [], [rule([], [], [redirect(form)])])], [gateway(listeners)]), url))).toBe(expected);
  });
});

describe('listeners', () => {
  const shop = { name: 'shop', port: 443, protocol: 'HTTPS', hostname: '*.example.com' };
  const one = { name: 'one', port: 443, protocol: 'HTTPS', hostname: 'one.example.com' };
  const at = (sectionName: string, hostnames: readonly string[], service: string) =>
    route(sectionName + service, hostnames, [rule([to(service)])], { parentRefs: [{ name: 'gw', sectionName }] });
  const cluster = world(
    [at('shop', [], 'a'), at('one', [], 'b'), at('web', ['web.org', 'x.example.com'], 'c')],
    [gateway([HTTP, shop, one])],
  );
  test.each([
    ['the one that names the host', 'https://two.example.com/', 'a'],
    ['the most precise one', 'https://one.example.com/', 'b'],
    ['none for this name', 'https://other.org/', 'no-listener'],
    ['none for this port', 'https://one.example.com:8443/', 'no-listener'],
    ['none for this protocol', 'http://one.example.com:443/', 'no-listener'],
    ['its routes', 'http://web.org/', 'c'],
    ['and no others', 'http://two.example.com/', 'not-accepted'],
  ])('%s', (_name, url, expected) => {
    expect(chosen(planOf(cluster, url))).toBe(expected);
  });

  const OTHER = { namespace: 'other', parentRefs: [{ name: 'gw', namespace: 'default' }] };
  const allowing = (allowedRoutes: Form) => [gateway([{ ...HTTP, allowedRoutes }])];
  const selecting = (selector: Form) => allowing({ namespaces: { from: 'Selector', selector } });
  test.each([
    ['left out: Same', [gateway([HTTP])], 'not-accepted', /its own namespace default only, and the route is in other/],
    ['None', allowing({ namespaces: { from: 'None' } }), 'not-accepted', /no namespace/],
    ['All', allowing({ namespaces: { from: 'All' } }), 'other/a', null],
    ['a label', selecting({ matchLabels: { team: 'x' } }), 'other/a', null],
    ['a label that it does not have', selecting({ matchLabels: { team: 'y' } }), 'not-accepted', /with team=y, and other has only team=x/],
    ['its name, which is a label too', selecting({ matchLabels: { 'kubernetes.io/metadata.name': 'other' } }), 'other/a', null],
    ['In', selecting({ matchExpressions: [{ key: 'team', operator: 'In', values: ['x', 'y'] }] }), 'other/a', null],
    ['NotIn', selecting({ matchExpressions: [{ key: 'team', operator: 'NotIn', values: ['x'] }] }), 'not-accepted', /team notin \(x\)/],
    ['Exists', selecting({ matchExpressions: [{ key: 'team', operator: 'Exists' }] }), 'other/a', null],
    ['DoesNotExist', selecting({ matchExpressions: [{ key: 'team', operator: 'DoesNotExist' }] }), 'not-accepted', /!team/],
    ['everything', selecting({}), 'other/a', null],
    ['kinds with HTTPRoute', allowing({ namespaces: { from: 'All' }, kinds: [{ kind: 'HTTPRoute' }] }), 'other/a', null],
    ['kinds without', allowing({ namespaces: { from: 'All' }, kinds: [{ kind: 'GRPCRoute' }] }), 'not-accepted', /only GRPCRoute/],
  ] as const)('allowedRoutes: %s', (_name, gateways, expected, because) => {
    const namespaces = [{ name: 'other', labels: { team: 'x' } }];
    const plan = planOf(world([route('r', ['x.org'], [rule([to('a')])], OTHER)], gateways, { namespaces }), 'http://x.org/');
    expect(chosen(plan)).toBe(expected);
    const why = plan?.actions[0]?.kind === 'refuse' ? plan.actions[0].why : null;
    if (because === null) expect(why).toBeNull();
    else expect(why).toMatchObject({ because: expect.stringMatching(because) });
  });

  test.each([
    ['a listener that is not there', { name: 'gw', sectionName: 'wbe' }, 'not-accepted', /asks for listener wbe, not web/],
    ['another port', { name: 'gw', port: 81 }, 'not-accepted', /asks for port 81/],
    ['its port', { name: 'gw', port: 80 }, 'a', null],
    ['a Gateway that is not there', { name: 'wg' }, 'not-accepted', /parent Gateway default\/wg does not exist/],
    ['one of another namespace', { name: 'gw', namespace: 'infra' }, 'not-accepted', /parent Gateway infra\/gw does not exist/],
  ] as const)('a parentRef with %s', (_name, parent, expected, because) => {
    const plan = planOf(world([route('r', ['x.org'], [rule([to('a')])], { parentRefs: [parent] })]), 'http://x.org/');
    expect(chosen(plan)).toBe(expected);
    if (because !== null) expect(plan?.actions[0]).toMatchObject({ why: { because: expect.stringMatching(because) } });
  });

  test("hostnames that the listener's does not hold", () => {
    const gateways = [gateway([{ ...HTTP, hostname: '*.example.com' }])];
    const routes = [route('r', ['example.com', 'x.org', 'y.example.com'], [rule([to('a')])]), route('s', ['z.org'], [rule([to('b')])])];
    const of = (url: string) => chosen(planOf(world(routes, gateways), url));
    expect([of('http://y.example.com/'), of('http://x.org/'), of('http://z.org/')]).toEqual(['a', 'no-listener', 'not-accepted']);
  });

  test.each([
    ["the route's within the listener's", '*.example.com', '*.shop.example.com', 'a'],
    ['around it', '*.shop.example.com', '*.example.com', 'a'],
    ['the same', '*.shop.example.com', '*.shop.example.com', 'a'],
    ['beside it', '*.shop.example.com', '*.cart.example.com', 'not-accepted'],
  ])('wildcards of a listener and of a route: %s', (_name, hostname, ofRoute, expected) => {
    const cluster = world([route('r', [ofRoute], [rule([to('a')])])], [gateway([{ ...HTTP, hostname }])]);
    const url = `http://x.${expected === 'a' ? 'shop' : 'cart'}.example.com/`;
    expect(chosen(planOf(cluster, url))).toBe(expected);
  });

  test('a class that is not there', () => {
    const plan = planOf(world([route('r', ['x.org'], [rule([to('a')])])], [gateway([HTTP], { gatewayClassName: 'd' })]), 'http://x.org/');
    expect(chosen(plan)).toBe('no-class');
  });
});

describe('backends of another namespace', () => {
  const GRANT = {
    name: 'g',
    namespace: 'other',
    from: [{ group: 'gateway.networking.k8s.io', kind: 'HTTPRoute', namespace: 'default' }],
    to: [{ group: '', kind: 'Service' }],
  };
  const grant = (more: Form) => [{ ...GRANT, ...more }];
  test.each([
    ['no grant', [], 'no-grant'],
    ['for all services', [GRANT], 'other/a'],
    ['for this one', grant({ to: [{ group: '', kind: 'Service', name: 'a' }] }), 'other/a'],
    ['for another one', grant({ to: [{ group: '', kind: 'Service', name: 'b' }] }), 'no-grant'],
    ['for secrets', grant({ to: [{ group: '', kind: 'Secret' }] }), 'no-grant'],
    ['from another namespace', grant({ from: [{ ...GRANT.from[0], namespace: 'infra' }] }), 'no-grant'],
    ['from another kind', grant({ from: [{ ...GRANT.from[0], kind: 'GRPCRoute' }] }), 'no-grant'],
    ['from another group', grant({ from: [{ ...GRANT.from[0], group: 'networking.k8s.io' }] }), 'no-grant'],
    ['in the namespace of the route', grant({ namespace: 'default' }), 'no-grant'],
    ['the second one', [...grant({ namespace: 'default' }), { ...GRANT, name: 'h' }], 'other/a'],
  ])('%s', (_name, referenceGrants, expected) => {
    const cluster = world([route('r', [], [rule([to('a', { namespace: 'other' })])])], undefined, { referenceGrants });
    expect(chosen(planOf(cluster, 'http://x.org/'))).toBe(expected);
  });

  test('of a service that is not there, the grant is missed first', () => {
    const cluster = world([route('r', [], [rule([to('z', { namespace: 'other' })])])]);
    expect(chosen(planOf(cluster, 'http://x.org/'))).toBe('no-grant');
  });
});
