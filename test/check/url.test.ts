import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { documentOf, expectingOf, unaskedIn } from './checking.ts';

/**
 * fixtures/http/ingress.yaml: the controller is 10.244.1.10 on node-1. shop.example.com goes to shop-1 and shop-2, and /cart to pod cart,
 * whose service says 8080 while it listens on 8081; nope.example.com has no rule, and lost.example.com is of a class that does not exist.
 */
const name = 'http/ingress.yaml';
const world = { name, text: readFileSync(new URL(`../../fixtures/${name}`, import.meta.url), 'utf8') };
const SHOP = 'from: laptop, to: "https://shop.example.com/"';
const CART = 'from: laptop, to: "https://shop.example.com/cart"';

describe('expectations of a URL', () => {
  test.each([
    [`{ ${SHOP} }`, []],
    [`{ ${SHOP}, at: svc/shop }`, []],
    [`{ ${SHOP}, at: shop-1 }`, ['expected to be received by shop-1, and is by shop-2']],
    [`{ ${SHOP}, at: shop-1, paths: some }`, []],
    // Only the backend's service: its pods get the connection from the controller, and not by its address.
    [`{ ${SHOP}, via: [svc/shop, ingress-nginx/controller, ingress-nginx/svc/ingress-nginx-controller] }`, []],
    [`{ ${SHOP}, notVia: svc/cart }`, []],
    [`{ ${SHOP}, notVia: svc/shop }`, ['expected not to pass svc/shop, and does']],
    [`{ from: client, to: "shop-1:8080", notVia: svc/shop }`, []],
    // The second connection is the controller's own.
    [`{ ${SHOP}, source: ingress-nginx/controller }`, []],
    [`{ ${SHOP}, source: laptop }`, ['expected the receiver to see 198.51.100.7, and it sees 10.244.1.10']],
    [`{ ${SHOP}, outcome: blocked }`, ['expected blocked, got delivered']],
    [`{ ${CART} }`, ['expected delivered, got rejected NOBODY_LISTENS']],
    [`{ ${CART}, outcome: blocked, via: svc/cart }`, []],
    [`{ from: client, to: "https://nope.example.com/" }`, ['expected delivered, got rejected NO_INGRESS_RULE']],
    [`{ from: client, to: "https://nope.example.com/", outcome: rejected, reason: NO_INGRESS_RULE }`, []],
    [`{ from: client, to: "https://lost.example.com/", reason: NO_INGRESS_RULE }`, ['expected NO_INGRESS_RULE, got NO_INGRESS_CLASS']],
  ])('%s', async (line, mismatches) => {
    const [result] = (await documentOf(expectingOf(world, line))).results;
    expect([result?.status, result?.mismatches]).toEqual([mismatches.length === 0 ? 'holds' : 'fails', mismatches]);
  });

  test.each([
    // The pod that nobody listens in, as the line of its ports; what lets through, as the Ingress's path.
    [CART, 'name: cart,'],
    [`${SHOP}, outcome: blocked`, 'path: /,'],
  ])('{ %s } is decided where the input says so', async (line, telling) => {
    const [result] = (await documentOf(expectingOf(world, `{ ${line} }`))).results;
    expect(world.text.split('\n')[(result?.decided?.line ?? 0) - 1]).toContain(telling);
    expect(result?.decided?.file).toBe(name);
  });

  test.each([
    [`{ ${SHOP}, port: 80 }`, 'port: a URL says its port itself'],
    [`{ ${SHOP}, protocol: udp }`, 'leave protocol out'],
    [`{ from: "https://shop.example.com/", to: client }`, 'a URL can only be a destination'],
    [`{ ${SHOP}, at: "https://shop.example.com/" }`, 'a URL can only be a destination'],
    [`{ from: client, to: "https://shop.example.com/", via: "http://x/" }`, 'a URL can only be a destination'],
    [`{ from: client, to: "ftp://shop.example.com/" }`, 'ftp is not traced'],
  ])('%s is no expectation', async (line, message) => {
    expect(await unaskedIn(expectingOf(world, line))).toContain(message);
  });

  test('is named as it is written', async () => {
    const [result] = (await documentOf(expectingOf(world, `{ ${CART}, protocol: tcp }`))).results;
    expect(result?.name).toBe('laptop -> https://shop.example.com/cart');
  });
});
