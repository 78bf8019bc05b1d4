import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatAddress, type IpAddress, ip, looksLikeIpv6, parseAddress } from '../../src/net/address.ts';
import { contains, formatPrefix, networkOf, overlaps, parseCidr, prefixOf } from '../../src/net/prefix.ts';
import { PrefixTable } from '../../src/net/prefix-table.ts';

const address = fc.nat(0xffffffff).map((n) => n as IpAddress);
const length = fc.integer({ min: 0, max: 32 });
const prefix = fc.tuple(address, length).map(([a, l]) => prefixOf(a, l));

/** Bit by bit, as the definition says. */
const inPrefix = (a: IpAddress, p: { address: IpAddress; length: number }) =>
  a.toString(2).padStart(32, '0').slice(0, p.length) === p.address.toString(2).padStart(32, '0').slice(0, p.length);

describe('addresses', () => {
  it.each([
    '256.0.0.1',
    '10.1',
    '010.0.0.1',
    '1.2.3.4.5',
    '1.2.3',
    '1.2.3.4 ',
    ' 1.2.3.4',
    '1.2.3.-4',
    '',
    '::1',
    '1.2.3.4/8',
    '0x10.0.0.1',
  ])('%j is none', (text) => {
    expect(parseAddress(text)).toBeNull();
  });

  it('are read as they are written', () => {
    fc.assert(
      fc.property(address, (a) => {
        expect(parseAddress(formatAddress(a))).toBe(a);
      }),
    );
    expect(formatAddress(ip('255.255.255.255'))).toBe('255.255.255.255');
  });

  it.each(['::1', 'fd00::1', '[fd00::1]', '2001:db8::/32', 'fe80::1%eth0'])('%s looks like IPv6', (text) =>
    expect(looksLikeIpv6(text)).toBe(true),
  );
  it.each(['pod-a:80', '10.0.0.1:80', 'a:b', 'svc/web:http'])('%s does not', (text) => expect(looksLikeIpv6(text)).toBe(false));
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
