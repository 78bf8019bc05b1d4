import { describe, expect, test } from 'vitest';
import { chosen, clusterWith, planOf } from './world.ts';

type PathForm = readonly [path: string | undefined, type: 'Exact' | 'Prefix' | 'ImplementationSpecific', service: string];

const backend = (name: string, number = 80) => ({ service: { name, port: { number } } });
const rule = (host: string | null, ...paths: readonly PathForm[]) => ({
  ...(host === null ? {} : { host }),
  http: { paths: paths.map(([path, pathType, name]) => ({ ...(path === undefined ? {} : { path }), pathType, backend: backend(name) })) },
});
const ingress = (name: string, ...rules: readonly unknown[]) => ({ name, ingressClassName: 'x', rules });
const CLASS = { name: 'x', service: 'infra/front' };

/** Who gets what, by IngressSpec and PathType of k8s.io/api/networking/v1. */
const SHOP = clusterWith({
  ingressClasses: [CLASS],
  ingresses: [
    ingress(
      'shop',
      rule('shop.example.com', ['/', 'Prefix', 'a'], ['/cart', 'Prefix', 'b'], ['/cart/pay', 'Prefix', 'c'], ['/cart', 'Exact', 'd']),
      rule('*.example.com', ['/', 'Prefix', 'e'], ['/only', 'Exact', 'c']),
    ),
    ingress('late', rule('shop.example.com', ['/cart/pay/now', 'Prefix', 'e'], ['/cart', 'Prefix', 'e'])),
    ingress('loose', rule('loose.example.org', [undefined, 'ImplementationSpecific', 'a'], ['/x', 'ImplementationSpecific', 'b'])),
  ],
});

describe('which rule of an Ingress', () => {
  test.each([
    ['https://shop.example.com/', 'a'],
    ['https://shop.example.com', 'a'],
    ['https://shop.example.com/other?x=1', 'a'],
    ['https://SHOP.example.com/cart', 'd'],
    ['https://shop.example.com/cart/', 'b'],
    ['https://shop.example.com/cart/1', 'b'],
    ['https://shop.example.com/cartography', 'a'],
    ['https://shop.example.com/cart/pay', 'c'],
    ['https://shop.example.com/cart/pay/now', 'e'],
    ['https://shop.example.com/Cart', 'a'],
    ['https://shop.example.com:8443/cart/1', 'b'],
    ['https://www.example.com/cart', 'e'],
    ['https://www.example.com/only', 'c'],
    ['https://www.example.com/only/', 'e'],
    ['https://a.b.example.com/', 'no-rule'],
    ['https://example.com/', 'no-rule'],
    ['http://loose.example.org/any', 'a'],
    ['http://loose.example.org/x/y', 'b'],
  ])('%s -> %s', (url, expected) => {
    expect(chosen(planOf(SHOP, url))).toBe(expected);
  });

  test('ImplementationSpecific is said to be a guess', () => {
    const plan = planOf(SHOP, 'http://loose.example.org/x');
    expect(plan?.rule?.origin.evidence).toBe('assumed');
    expect(plan?.notes.join()).toMatch(/loose.*ImplementationSpecific is read as Prefix/);
  });

  test('the Host header is what counts', () => {
    expect(chosen(planOf(SHOP, 'https://www.example.com/cart', { headers: { Host: 'shop.example.com:443' } }))).toBe('d');
  });

  test('a more precise host without a path for it: the next one, and some controllers think otherwise', () => {
    const cluster = clusterWith({
      ingressClasses: [CLASS],
      ingresses: [ingress('x', rule('a.example.com', ['/x', 'Prefix', 'a']), rule('*.example.com', ['/', 'Prefix', 'b']))],
    });
    const plan = planOf(cluster, 'http://a.example.com/y');
    expect(chosen(plan)).toBe('b');
    expect(plan?.notes.join()).toMatch(/some controllers look no further/);
  });
});

describe('default backends', () => {
  const having = (name: string, service: string, ...rules: readonly unknown[]) => ({
    ...ingress(name, ...rules),
    defaultBackend: backend(service),
  });

  test.each([
    [
      'its own, for its hosts',
      [having('one', 'c', rule('x.org', ['/a', 'Exact', 'a'])), having('two', 'b', rule('y.org', ['/a', 'Exact', 'a']))],
      'http://y.org/b',
      'b',
    ],
    [
      'of another one, when its own has none',
      [ingress('one', rule('x.org', ['/a', 'Exact', 'a'])), having('two', 'b', rule('y.org', ['/a', 'Exact', 'a']))],
      'http://x.org/b',
      'b',
    ],
    ['of one without rules first', [having('two', 'b', rule('y.org', ['/a', 'Exact', 'a'])), having('all', 'c')], 'http://z.org/', 'c'],
    ['a rule without paths gives everything to it', [having('two', 'b', { host: 'y.org' })], 'http://y.org/any', 'b'],
    ['which may be missing', [ingress('two', { host: 'y.org' })], 'http://y.org/any', 'no-backend'],
    ['no rule has a host: every host', [ingress('two', rule(null, ['/a', 'Prefix', 'd']))], 'http://203.0.113.9/a/b', 'd'],
  ])('%s', (_name, ingresses, url, expected) => {
    expect(chosen(planOf(clusterWith({ ingressClasses: [CLASS], ingresses }), url))).toBe(expected);
  });
});

describe('who serves an Ingress', () => {
  const own = (more: object) => ({ name: 'x', rules: [rule('x.org', ['/', 'Prefix', 'a'])], ...more });

  test.each([
    ['its class', [CLASS], { ingressClassName: 'x' }, 'a', 'IngressClass x'],
    ['the default class', [{ name: 'no' }, { ...CLASS, isDefaultClass: true }], {}, 'a', 'IngressClass x'],
    ['no default class', [CLASS], {}, 'no-class', undefined],
    ['a class that is not there', [CLASS], { ingressClassName: 'y' }, 'no-class', undefined],
    ['no class at all', [], {}, 'no-class', undefined],
  ])('%s', (_name, ingressClasses, more, expected, frontend) => {
    const plan = planOf(clusterWith({ ingressClasses, ingresses: [own(more)] }), 'http://x.org/');
    expect([chosen(plan), plan?.frontend?.name]).toEqual([expected, frontend]);
  });

  test('an Ingress that nobody serves does not hide one that is served', () => {
    const ingresses = [own({ ingressClassName: 'y' }), { ...own({ ingressClassName: 'x' }), name: 'z' }];
    expect(chosen(planOf(clusterWith({ ingressClasses: [CLASS], ingresses }), 'http://x.org/'))).toBe('a');
  });

  test('without Ingresses nobody knows of HTTP', () => {
    expect(planOf(clusterWith({ ingressClasses: [CLASS] }), 'http://x.org/')).toBeNull();
  });
});

describe('backends', () => {
  const to = (service: object, controller?: string, tls: readonly unknown[] = []) =>
    clusterWith({
      ingressClasses: [{ ...CLASS, ...(controller === undefined ? {} : { controller }) }],
      ingresses: [{ ...ingress('i', { host: 'x.org', http: { paths: [{ path: '/', pathType: 'Prefix', backend: { service } }] } }), tls }],
    });
  const NGINX = 'k8s.io/ingress-nginx';

  test.each([
    ['by number', to({ name: 'a', port: { number: 80 } }), 'a'],
    ['by name', to({ name: 'a', port: { name: 'http' } }), 'a'],
    ['a number that it does not have', to({ name: 'a', port: { number: 81 } }), 'no-port'],
    ['a name that it does not have', to({ name: 'a', port: { name: 'https' } }), 'no-port'],
    ['a targetPort', to({ name: 'a', port: { number: 8080 } }), 'no-port'],
    ['a targetPort, which ingress-nginx takes', to({ name: 'a', port: { number: 8080 } }, NGINX), 'a'],
    ['a service that is not there', to({ name: 'z', port: { number: 80 } }), 'no-service'],
    [
      'a service of another namespace only',
      clusterWith({ ingressClasses: [CLASS], ingresses: [{ ...ingress('i', rule('x.org', ['/', 'Prefix', 'e'])), namespace: 'other' }] }),
      'no-service',
    ],
  ])('%s', (_name, cluster, expected) => {
    expect(chosen(planOf(cluster, 'https://x.org/'))).toBe(expected);
  });

  const TLS = [{ hosts: ['x.org'] }];
  test.each([
    [
      'http, and tls for the host',
      'http://x.org/q?a=1',
      to({ name: 'a', port: { number: 80 } }, undefined, TLS),
      'a',
      /many controllers send such requests on to https/,
    ],
    [
      'the same with ingress-nginx',
      'http://x.org/q?a=1',
      to({ name: 'z', port: { number: 80 } }, NGINX, TLS),
      '308 https://x.org/q?a=1',
      /ssl-redirect/,
    ],
    ['https, and tls for the host', 'https://x.org/', to({ name: 'a', port: { number: 80 } }, NGINX, TLS), 'a', /^$/],
    [
      'https, and tls for another',
      'https://x.org/',
      to({ name: 'a', port: { number: 80 } }, NGINX, [{ hosts: ['y.org'] }]),
      'a',
      /no tls entry for x\.org/,
    ],
    ['https, and tls without hosts: all', 'https://x.org/', to({ name: 'a', port: { number: 80 } }, NGINX, [{}]), 'a', /^$/],
    ['https, and no rule', 'https://z.org/', to({ name: 'a', port: { number: 80 } }, NGINX, TLS), 'no-rule', /no tls entry for z\.org/],
  ])('%s', (_name, url, cluster, expected, note) => {
    const plan = planOf(cluster, url);
    expect(chosen(plan)).toBe(expected);
    expect(plan?.notes.join()).toMatch(note);
  });
});
