import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bracketed, formatAddress, formatEndpoint, type IpAddress, isLinkLocal, unmapped, withPort } from '../../src/net/address.ts';
import { parsePlace } from '../../src/query/place.ts';
import { parseUrl } from '../../src/query/url.ts';

/** What is typed: [address, port, protocol, container]. */
const READ: Readonly<Record<string, readonly [string, number | string | null, string | null, (string | null)?]>> = {
  '10.244.1.10': ['10.244.1.10', null, null],
  '10.244.1.10:53/udp': ['10.244.1.10', 53, 'udp'],
  'fd00:10:244:2::11': ['fd00:10:244:2::11', null, null],
  'FD00:0:0::0001': ['fd00::1', null, null],
  '[fd00::1]': ['fd00::1', null, null],
  '[fd00::1]:8080': ['fd00::1', 8080, null],
  '[fd00::1]:http': ['fd00::1', 'http', null],
  '[fd00::1]:53/udp': ['fd00::1', 53, 'udp'],
  '[fd00::1]/icmp': ['fd00::1', null, 'icmp'],
  'fd00::1/icmp': ['fd00::1', null, 'icmp'],
  'fd00::1:80': ['fd00::1:80', null, null],
  'fd00::1:80/tcp': ['fd00::1:80', null, 'tcp'],
  'fd00::192.0.2.1': ['fd00::c000:201', null, null],
  '::1': ['::1', null, null],
  '[::1]:80': ['::1', 80, null],
  'app@[fd00::1]:80': ['fd00::1', 80, null, 'app'],
};

test.each(Object.entries(READ))('%s', (text, [address, port, protocol, container = null]) => {
  const place = parsePlace(text);
  if (!place.ok) throw new Error(place.message);
  const { value } = place;
  expect(value.address === null ? null : formatAddress(value.address)).toBe(address);
  expect(value).toMatchObject({ text, name: address, kind: null, namespace: null, port, protocol, container });
});

test.each(['constructor', 'toString', '__proto__', 'valueOf'])('%s is a namespace like others, and no kind', (name) => {
  expect(parsePlace(`${name}/web`)).toMatchObject({ ok: true, value: { kind: null, namespace: name, name: 'web' } });
  expect(parsePlace(`shop/${name}/web`)).toMatchObject({ ok: false, message: `"${name}" is not a kind` });
});

const REFUSED: Readonly<Record<string, RegExp>> = {
  'fd00::zz': /not an IPv6 address/,
  '1:2:3:4:5:6:7:8:9': /not an IPv6 address/,
  'fd00::1]': /not an IPv6 address/,
  '[fd00::1': /not closed/,
  '[fd00::1]80': /after the bracket/,
  '[fd00::1]:': /after the colon/,
  '[]:80': /in brackets/,
  '[10.0.0.1]': /brackets are for IPv6/,
  'fe80::1%eth0': /%eth0 is a zone/,
  'fe80::1': /link-local/,
  '::ffff:10.0.0.1': /IPv4-mapped/,
  'fd00::1/64': /after the slash is a protocol/,
  'shop/fd00::1': /not a name/,
  'web:80:90': /not an IPv6 address/,
  '@fd00::1': /not a name/,
};

test.each(Object.entries(REFUSED))('%s is refused', (text, says) => {
  const place = parsePlace(text);
  expect(place.ok ? '' : place.message).toMatch(says);
});

describe('what is written is read again', () => {
  const ipv4 = fc.integer({ min: 0, max: 0xffffffff }) as fc.Arbitrary<IpAddress>;
  // Of addresses at random nearly none has a run of zeros.
  const group = fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 0xffff }));
  const ipv6 = fc
    .array(group, { minLength: 8, maxLength: 8 })
    .map((groups) => groups.reduce((a, g) => (a << 16n) | BigInt(g), 0n) as IpAddress)
    .filter((a) => !isLinkLocal(a) && unmapped(a) === null);
  const address = fc.oneof(ipv4, ipv6);
  const port = fc.integer({ min: 1, max: 65535 });

  test('an address', () => {
    fc.assert(
      fc.property(address, (a) => {
        expect(parsePlace(formatAddress(a))).toMatchObject({ value: { address: a, port: null } });
        expect(parsePlace(bracketed(a))).toMatchObject({ value: { address: a, port: null } });
      }),
    );
  });

  test('an address with a port, and with a protocol', () => {
    fc.assert(
      fc.property(address, port, fc.constantFrom('tcp', 'udp', 'sctp'), (a, p, protocol) => {
        expect(parsePlace(formatEndpoint(a, p))).toMatchObject({ value: { address: a, port: p, protocol: null } });
        expect(parsePlace(`${formatEndpoint(a, p)}/${protocol}`)).toMatchObject({ value: { address: a, port: p, protocol } });
        expect(withPort(formatAddress(a), p)).toBe(formatEndpoint(a, p));
      }),
    );
  });
});

test.each([
  ['http://[FD00::0001]/cart', {}, '[fd00::1]', 80, '[fd00::1]'],
  ['https://[fd00::1]:8443/', {}, '[fd00::1]', 8443, '[fd00::1]'],
  ['http://[fd00::1]/', { Host: '[fd00::2]:8080' }, '[fd00::2]', 80, '[fd00::1]'],
  ['http://[fd00::1]/', { Host: 'shop.example.com:8080' }, 'shop.example.com', 80, '[fd00::1]'],
  ['http://shop.example.com/', { Host: '[fd00::2]' }, '[fd00::2]', 80, 'shop.example.com'],
] as const)('%s %j: the host has brackets, and is called by its address', (url, headers, host, port, dnsName) => {
  const called = parseUrl(url, { headers });
  expect(called.ok && called.value).toMatchObject({ request: { host, port }, dnsName });
});

/** `ingress` is a kind, and a usual name of a namespace. */
test('a namespace may have the name of a kind that is no end of a packet', () => {
  const place = parsePlace('ingress/controller');
  expect(place.ok && [place.value.kind, place.value.namespace, place.value.name]).toEqual([null, 'ingress', 'controller']);
  expect(parsePlace('default/ingress/api')).toMatchObject({ ok: false, message: '"ingress" is not a kind' });
});
