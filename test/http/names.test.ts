import { describe, expect, test } from 'vitest';
import { hostRank, ingressHostMatches, isPathPrefix, routeHostMatches } from '../../src/k8s/http/http.ts';

/** The examples of the Ingress documentation (Path types, Hostname wildcards) and of the Gateway API (HTTPRouteSpec.hostnames). */
describe('names and paths', () => {
  test.each([
    ['/', '/', true],
    ['/', '/any/path', true],
    ['/foo', '/foo', true],
    ['/foo', '/foo/', true],
    ['/foo/', '/foo', true],
    ['/foo/', '/foo/', true],
    ['/aaa/bb', '/aaa/bbb', false],
    ['/aaa/bbb', '/aaa/bbb', true],
    ['/aaa/bbb/', '/aaa/bbb', true],
    ['/aaa/bbb', '/aaa/bbb/', true],
    ['/aaa/bbb', '/aaa/bbb/ccc', true],
    ['/aaa/bbb', '/aaa/bbbxyz', false],
    ['/aaa', '/ccc', false],
    ['/foo', '/Foo', false],
  ])('prefix %s of %s: %s', (prefix, path, expected) => {
    expect(isPathPrefix(prefix, path)).toBe(expected);
  });

  test.each([
    ['*.foo.com', 'bar.foo.com', true, true],
    ['*.foo.com', 'baz.bar.foo.com', false, true],
    ['*.foo.com', 'foo.com', false, false],
    ['*.foo.com', 'barfoo.com', false, false],
    ['foo.com', 'foo.com', true, true],
    ['foo.com', 'bar.foo.com', false, false],
    [null, 'anything.example', true, true],
    [null, '203.0.113.1', true, true],
  ])('%s holds %s: Ingress %s, Gateway API %s', (pattern, host, ingress, route) => {
    expect([ingressHostMatches(pattern, host), routeHostMatches(pattern, host)]).toEqual([ingress, route]);
  });

  test('precise names rank before wildcards, longer before shorter, and all before none', () => {
    const names = [null, '*.com', '*.example.com', 'a.b', 'shop.example.com'];
    expect([...names].reverse().sort((a, b) => hostRank(a) - hostRank(b))).toEqual(names);
  });
});
