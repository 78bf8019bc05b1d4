import { isIPv6 } from 'node:net';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatAddress, type IpAddress, ip, isPrivate, isUnicast, parseAddress } from '../../src/net/address.ts';
import { parsePort } from '../../src/net/port.ts';
import { contains, formatPrefix, maskLength, networkOf, overlaps, parseCidr, prefixOf } from '../../src/net/prefix.ts';
import { PrefixTable } from '../../src/net/prefix-table.ts';

const ipv4 = fc.nat(0xffffffff).map((n) => n as IpAddress);
/** Groups of zeros are what its text is about, so there are many. */
const ipv6 = fc
  .array(fc.oneof(fc.constant(0), fc.nat(0xffff)), { minLength: 8, maxLength: 8 })
  .map((groups) => groups.reduce((a, g) => (a << 16n) | BigInt(g), 0n) as IpAddress);
const address = fc.oneof(ipv4, ipv6);
const prefix = fc.oneof(
  fc.tuple(ipv4, fc.integer({ min: 0, max: 32 })).map(([a, l]) => prefixOf(a, l)),
  fc.tuple(ipv6, fc.integer({ min: 0, max: 128 })).map(([a, l]) => prefixOf(a, l)),
);

const bits = (a: IpAddress) => a.toString(2).padStart(typeof a === 'number' ? 32 : 128, '0');

/** Bit by bit, as the definition says. */
const inPrefix = (a: IpAddress, p: { address: IpAddress; length: number }) =>
  typeof a === typeof p.address && bits(a).slice(0, p.length) === bits(p.address).slice(0, p.length);

describe('addresses', () => {
  it.each(['256.0.0.1', '10.1', '010.0.0.1', '1.2.3.4.5', '1.2.3', '1.2.3.4 ', ' 1.2.3.4', '1.2.3.-4', '', '1.2.3.4/8', '0x10.0.0.1'])(
    '%j is none',
    (text) => {
      expect(parseAddress(text)).toBeNull();
    },
  );

  it('are read as they are written', () => {
    fc.assert(
      fc.property(address, (a) => {
        expect(parseAddress(formatAddress(a))).toBe(a);
      }),
    );
    expect(formatAddress(ip('255.255.255.255'))).toBe('255.255.255.255');
  });

  /** The URL standard writes IPv6 as RFC 5952 does, but for an embedded IPv4 address, which it never writes. */
  it('are written as RFC 5952 has it', () => {
    fc.assert(
      fc.property(ipv6, (a) => {
        const full = (bits(a).match(/.{16}/g) ?? []).map((g) => Number.parseInt(g, 2).toString(16)).join(':');
        expect(`[${formatAddress(a)}]`).toBe(new URL(`http://[${full}]/`).hostname);
      }),
    );
  });

  it('are IPv6 when inet_pton says so', () => {
    const word = fc.oneof(
      fc.constantFrom('', '0', 'ffff', '1.2.3.4', '12345', 'g', '01.2.3.4'),
      fc.nat(0xffff).map((n) => n.toString(16)),
    );
    const text = fc.array(word, { minLength: 2, maxLength: 10 }).map((words) => words.join(':'));
    fc.assert(
      fc.property(text, (t) => {
        expect(parseAddress(t) !== null).toBe(isIPv6(t));
      }),
      { numRuns: 2000 },
    );
  });

  it.each(['fe80::1%eth0', '[fd00::1]', '::1/128', ':::', '1::2::3', ''])('%j is none', (text) => expect(parseAddress(text)).toBeNull());

  it.each([
    ['::', false, false],
    ['ff02::1', false, false],
    ['fd00::1', true, true],
    ['fbff:ffff::1', true, false],
    ['fe80::1', true, false],
    ['2001:db8::1', true, false],
    ['10.0.0.1', true, true],
    ['224.0.0.1', false, false],
  ])('%s: unicast %s, private %s', (text, unicast, isPrivateOne) => {
    expect(isUnicast(ip(text))).toBe(unicast);
    expect(isPrivate(ip(text))).toBe(isPrivateOne);
  });
});

describe('prefixes', () => {
  it('contain what their bits say', () => {
    fc.assert(
      fc.property(address, prefix, (a, p) => {
        expect(contains(p, a)).toBe(inPrefix(a, p));
      }),
    );
  });

  it('overlap when one contains the other', () => {
    fc.assert(
      fc.property(prefix, prefix, (a, b) => {
        expect(overlaps(a, b)).toBe(inPrefix(b.address, a) || inPrefix(a.address, b));
      }),
    );
  });

  it.each(['10.0.0.0/33', '10.0.0.0', '10.0.0.0/08', '10.0.0.0/-1', '10.0.0/8', '/8'])('%s is none', (text) =>
    expect(parseCidr(text)).toBeNull(),
  );

  it('keep their host bits while they are read, so that somebody can complain', () => {
    const parsed = parseCidr('10.0.0.5/8');
    expect(parsed?.address).toBe(ip('10.0.0.5'));
    expect(formatPrefix(prefixOf(ip('10.0.0.5'), 8))).toBe('10.0.0.0/8');
    expect(networkOf(ip('255.255.255.255'), 0)).toBe(0);
  });
});

describe('masks', () => {
  it.each([
    ['0.0.0.0', 0],
    ['128.0.0.0', 1],
    ['255.255.254.0', 23],
    ['255.255.255.255', 32],
    ['255.0.0.255', null],
    ['0.0.0.1', null],
    ['::', 0],
    ['ffff:ffff:ffff:ffff::', 64],
    ['ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff', 128],
    ['ffff::1', null],
  ])('%s has the length %s', (mask, length) => expect(maskLength(ip(mask))).toBe(length));
});

describe('ports', () => {
  it.each([
    ['0', 0],
    ['80', 80],
    ['65535', 65535],
    ['65536', null],
    ['080000', null],
    ['-1', null],
    ['http', null],
    ['', null],
  ])('"%s" is the port %s', (text, port) => expect(parsePort(text)).toBe(port));
});

describe('longest-prefix match', () => {
  it('finds what a search of all prefixes finds', () => {
    fc.assert(
      fc.property(fc.array(prefix, { maxLength: 40 }), address, (prefixes, a) => {
        const table = new PrefixTable<string>();
        for (const p of prefixes) table.add(p, formatPrefix(p));
        const best = prefixes.filter((p) => inPrefix(a, p)).sort((x, y) => y.length - x.length)[0];
        expect(table.longest(a)?.[0]).toBe(best === undefined ? undefined : formatPrefix(best));
      }),
    );
  });
});
