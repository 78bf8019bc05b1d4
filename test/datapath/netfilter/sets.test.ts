import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type KeyPart, type KeyValue, namedSet, type SetElement } from '../../../src/datapath/netfilter/sets.ts';
import { ip } from '../../../src/net/address.ts';
import { cidr } from '../../../src/net/prefix.ts';

const element = (key: readonly KeyPart[], comment: string): SetElement => ({ key, comment });
const range = (from: string, to: string): KeyPart => ({ from: ip(from), to: ip(to) });

const ADDRESSES = namedSet({
  name: 's',
  type: ['ipv4_addr'],
  elements: [
    element([cidr('10.2.0.0/16')], 'nets'),
    element([range('10.1.0.5', '10.1.0.9')], 'range'),
    element([cidr('10.0.0.0/8')], 'all of ten'),
    element([ip('10.2.0.7')], 'one'),
    element([cidr('10.3.0.0/16')], 'hidden by all of ten'),
    element([cidr('255.255.255.0/24')], 'end'),
    element([cidr('fd00::/8')], 'six'),
  ],
});

it.each([
  ['10.1.0.4', 'all of ten'],
  ['10.1.0.5', 'range'],
  ['10.1.0.9', 'range'],
  ['10.1.0.10', 'all of ten'],
  ['10.2.0.0', 'nets'],
  ['10.2.0.7', 'one'],
  ['10.2.255.255', 'nets'],
  ['10.3.0.1', 'all of ten'],
  ['9.255.255.255', undefined],
  ['11.0.0.0', undefined],
  ['255.255.254.255', undefined],
  ['255.255.255.255', 'end'],
  ['fcff::1', undefined],
  ['fd12::1', 'six'],
  ['fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff', 'six'],
  ['fe00::', undefined],
  ['::a01:5', undefined],
] as const)('%s hits the element "%s"', (address, hit) => expect(ADDRESSES.find([ip(address)])?.comment).toBe(hit));

it('keys of many parts, names and the element of all are found as before', () => {
  const pairs = namedSet({
    name: null,
    type: ['ipv4_addr', 'inet_service'],
    elements: [element([cidr('10.0.0.0/8'), { first: 80, last: 90 }], 'pair')],
  });
  const hits = (values: readonly KeyValue[]) => pairs.find(values)?.comment;
  expect([hits([ip('10.0.0.1'), 90]), hits([ip('10.0.0.1'), 91]), hits([ip('11.0.0.1'), 90])]).toEqual(['pair', undefined, undefined]);
  const names = namedSet({ name: null, type: ['ifname'], elements: [element([{ starts: 'cali' }], 'cali'), element(['eth0'], 'eth0')] });
  expect(['cali1', 'eth0', 'eth1'].map((n) => names.find([n])?.comment)).toEqual(['cali', 'eth0', undefined]);
});

it('the interval that is found is the first of the list that has the value', () => {
  const intervals = fc.array(fc.tuple(fc.nat(40), fc.nat(12)), { maxLength: 12 });
  fc.assert(
    fc.property(intervals, (all) => {
      const elements = all.map(([first, more], i) => element([{ first, last: first + more }], String(i)));
      const set = namedSet({ name: null, type: ['inet_service'], elements });
      for (let port = 0; port < 55; port++) {
        const first = all.findIndex(([from, more]) => port >= from && port <= from + more);
        expect(set.find([port])?.comment).toBe(first < 0 ? undefined : String(first));
      }
    }),
  );
});
