import { describe, expect, test } from 'vitest';
import { type Ipset, matchSet, type SetDirection } from '../../src/datapath/netfilter/ipset.ts';
import type { KeyValue } from '../../src/datapath/netfilter/sets.ts';
import { type IpFamily, ip } from '../../src/net/address.ts';
import { readIpset } from '../../src/node-state/ipset/read.ts';
import { stateText } from '../../src/node-state/text.ts';

function read(text: string) {
  const { pieces, unread, faults } = readIpset(stateText('node-1', 'ipset.txt', text));
  const sets = pieces.flatMap((p) => (p.kind === 'ipset' ? [...p.sets.values()] : []));
  return { sets, unread: unread.map((u) => `${u.text}: ${u.why}`), faults: faults.map((f) => f.message) };
}

function setIn(text: string, name = 's'): Ipset {
  const set = read(text).sets.find((s) => s.name === name);
  if (set === undefined) throw new Error(`no set ${name}`);
  return set;
}

/** The packet's fields by nft's names, as the walk knows them. */
type Fields = Readonly<Record<string, KeyValue>>;

const packet = (source: string, destination: string, more: Fields = {}): Fields => {
  const of = source.includes(':') ? 'ip6' : 'ip';
  const fields = { 'meta l4proto': 'tcp', 'set sport': 40000, 'set dport': 80, 'meta mark': 0, iifname: 'eth0', oifname: 'eth1' };
  return { ...fields, [`${of} saddr`]: ip(source), [`${of} daddr`]: ip(destination), ...more };
};

/** True, false; null: nobody knows. */
function isIn(set: Ipset, directions: string, fields: Fields, family: IpFamily = 'IPv4'): boolean | null {
  const match = matchSet(set, directions.split(',') as SetDirection[], family);
  if (match === null) return null;
  const values = match.key.map((selector) => {
    const value = fields[selector];
    if (value === undefined) throw new Error(`nobody states ${selector}`);
    return value;
  });
  return match.set.find(values) !== undefined;
}

const OTHER = '192.0.2.9';
const HASH = 'family inet hashsize 1024 maxelem 65536';

/** Of one set `s`: which packets are in it. What the kernel says of these was asked of it where it has the type (test/kernel). */
const SETS: readonly (readonly [create: string, elements: readonly string[], directions: string, Fields, boolean | null])[] = [
  [`hash:ip ${HASH}`, ['10.0.0.1'], 'src', packet('10.0.0.1', OTHER), true],
  [`hash:ip ${HASH}`, ['10.0.0.1'], 'dst', packet('10.0.0.1', OTHER), false],
  [
    `hash:ip ${HASH}`,
    ['10.0.0.1 timeout 30 packets 4 bytes 1 comment "a b" skbmark 0x1/0xff skbprio 1:2 skbqueue 3'],
    'src',
    packet('10.0.0.1', OTHER),
    true,
  ],
  [`hash:ip ${HASH} netmask 24`, ['10.1.1.0'], 'src', packet('10.1.1.77', OTHER), true],
  [`hash:ip ${HASH} netmask 24`, ['10.1.1.0'], 'src', packet('10.1.2.0', OTHER), false],
  [`hash:ip ${HASH} bitmask 255.255.255.0`, ['10.1.1.0'], 'src', packet('10.1.1.77', OTHER), true],
  ['bitmap:ip range 10.0.0.0-10.0.255.255 netmask 24', ['10.0.3.0'], 'src', packet('10.0.3.200', OTHER), true],
  ['bitmap:port range 0-1024', ['80'], 'dst', packet('10.0.0.1', OTHER), true],
  ['bitmap:port range 0-1024', ['79-81'], 'dst', packet('10.0.0.1', OTHER), true],
  ['bitmap:port range 0-1024', ['80'], 'dst', packet('10.0.0.1', OTHER, { 'meta l4proto': 'udp' }), true],
  ['bitmap:port range 0-1024', ['0'], 'dst', packet('10.0.0.1', OTHER, { 'meta l4proto': 'ipip', 'set dport': 0 }), false],
  ['bitmap:port range 0-1024', ['80'], 'src', packet('10.0.0.1', OTHER), false],
  [`hash:net ${HASH}`, ['10.0.0.0/8', '10.1.0.0/16 nomatch'], 'src', packet('10.2.0.1', OTHER), true],
  [`hash:net ${HASH}`, ['10.0.0.0/8', '10.1.0.0/16 nomatch'], 'src', packet('10.1.0.1', OTHER), false],
  [`hash:net ${HASH}`, ['10.0.0.0/8', '10.1.0.0/16 nomatch', '10.1.2.3'], 'src', packet('10.1.2.3', OTHER), true],
  [`hash:ip,port ${HASH}`, ['10.0.0.1,tcp:80'], 'src,dst', packet('10.0.0.1', OTHER), true],
  [`hash:ip,port ${HASH}`, ['10.0.0.1,6:80'], 'src,dst', packet('10.0.0.1', OTHER), true],
  [`hash:ip,port ${HASH}`, ['10.0.0.1,80'], 'src,dst', packet('10.0.0.1', OTHER), true],
  [`hash:ip,port ${HASH}`, ['10.0.0.1,tcp:80'], 'src,dst', packet('10.0.0.1', OTHER, { 'meta l4proto': 'udp' }), false],
  [`hash:ip,port ${HASH}`, ['10.0.0.1,tcp:80-90'], 'src,dst', packet('10.0.0.1', OTHER, { 'set dport': 90 }), true],
  // A ping is type 8, code 0, and the port 2048.
  [
    `hash:ip,port ${HASH}`,
    ['10.0.0.1,icmp:echo-request'],
    'src,dst',
    packet('10.0.0.1', OTHER, { 'meta l4proto': 'icmp', 'set dport': 2048 }),
    true,
  ],
  [
    `hash:ip,port ${HASH}`,
    ['10.0.0.1,icmp:8/0'],
    'src,dst',
    packet('10.0.0.1', OTHER, { 'meta l4proto': 'icmp', 'set dport': 2048 }),
    true,
  ],
  [`hash:ip,port ${HASH}`, ['10.0.0.1,ipencap:0'], 'src,dst', packet('10.0.0.1', OTHER, { 'meta l4proto': 'ipip', 'set dport': 0 }), true],
  [`hash:net,port ${HASH}`, ['10.0.0.0/8,tcp:80', '10.1.0.0/16,tcp:80 nomatch'], 'src,dst', packet('10.1.0.1', OTHER), false],
  // The exception is of another port.
  [`hash:net,port ${HASH}`, ['10.0.0.0/8,tcp:80', '10.1.0.0/16,tcp:81 nomatch'], 'src,dst', packet('10.1.0.1', OTHER), true],
  [`hash:ip,port,ip ${HASH}`, ['10.0.0.1,tcp:80,10.0.0.1'], 'dst,dst,src', packet('10.0.0.1', '10.0.0.1'), true],
  [`hash:ip,port,ip ${HASH}`, ['10.0.0.1,tcp:80,10.0.0.1'], 'dst,dst,src', packet('10.0.0.2', '10.0.0.1'), false],
  [`hash:ip,port,net ${HASH}`, ['10.0.0.1,tcp:80,10.9.0.0/16'], 'dst,dst,src', packet('10.9.3.3', '10.0.0.1'), true],
  [`hash:net,net ${HASH}`, ['10.0.0.0/8,0.0.0.0/0', '10.0.0.0/8,192.0.2.0/24 nomatch'], 'src,dst', packet('10.1.0.1', OTHER), false],
  // The first part's length comes first.
  [`hash:net,net ${HASH}`, ['10.0.0.0/16,0.0.0.0/0', '10.0.0.0/8,192.0.2.0/24 nomatch'], 'src,dst', packet('10.0.0.1', OTHER), true],
  [`hash:net,port,net ${HASH}`, ['10.0.0.0/8,tcp:80,192.0.2.0/24'], 'src,dst,dst', packet('10.1.0.1', OTHER), true],
  [`hash:net,iface ${HASH}`, ['10.0.0.0/8,eth0'], 'src,src', packet('10.1.0.1', OTHER), true],
  [`hash:net,iface ${HASH}`, ['10.0.0.0/8,eth0'], 'src,dst', packet('10.1.0.1', OTHER), false],
  [`hash:net,iface ${HASH}`, ['10.0.0.0/8,eth wildcard'], 'src,dst', packet('10.1.0.1', OTHER), true],
  // The longest prefix decides, whichever device it is for.
  [`hash:net,iface ${HASH}`, ['10.0.0.0/8,eth0', '10.1.0.0/16,eth1'], 'src,src', packet('10.1.0.1', OTHER), false],
  [`hash:net,iface ${HASH}`, ['10.0.0.0/8,eth0', '10.1.0.0/16,eth1'], 'src,src', packet('10.2.0.1', OTHER), true],
  [`hash:net,iface ${HASH}`, ['10.0.0.0/8,physdev:eth0'], 'src,src', packet('10.1.0.1', OTHER), null],
  [`hash:ip,mark ${HASH}`, ['10.0.0.1,0x00004000'], 'src,src', packet('10.0.0.1', OTHER, { 'meta mark': 0x4000 }), true],
  [`hash:ip,mark ${HASH}`, ['10.0.0.1,0x00004000'], 'src,src', packet('10.0.0.1', OTHER, { 'meta mark': 0x4001 }), false],
  [
    `hash:ip,mark ${HASH} markmask 0x0000ff00`,
    ['10.0.0.1,0x00004000'],
    'src,src',
    packet('10.0.0.1', OTHER, { 'meta mark': 0x4001 }),
    true,
  ],
  ['hash:mac hashsize 1024 maxelem 65536', ['02:00:00:00:00:01'], 'src', packet('10.0.0.1', OTHER), null],
  ['hash:mac hashsize 1024 maxelem 65536', [], 'src', packet('10.0.0.1', OTHER), false],
  ['bitmap:ip,mac range 10.0.0.0-10.0.0.9', ['10.0.0.1', '10.0.0.2,02:00:00:00:00:01'], 'src,src', packet('10.0.0.1', OTHER), null],
  // Fewer directions than parts never match, more do.
  [`hash:ip,port ${HASH}`, ['10.0.0.1,tcp:80'], 'src', packet('10.0.0.1', OTHER), false],
  [`hash:ip ${HASH}`, ['10.0.0.1'], 'src,dst', packet('10.0.0.1', OTHER), true],
  ['hash:ip family inet6 hashsize 1024 maxelem 65536', ['fd00::1'], 'src', packet('10.0.0.1', OTHER), false],
];

test.each(SETS)('ipset: create s %s, with %j, asked %s', (create, elements, directions, fields, expected) => {
  const text = [`create s ${create}`, ...elements.map((e) => `add s ${e}`)].join('\n');
  const set = setIn(text);
  expect(isIn(set, directions, fields)).toBe(expected);
  // The same listed.
  const [type = '', ...header] = create.split(' ');
  const listed = [
    'Name: s',
    `Type: ${type}`,
    'Revision: 6',
    `Header: ${header.join(' ')}`,
    'Size in memory: 88',
    'References: 1',
    `Number of entries: ${elements.length}`,
    'Members:',
    ...elements,
  ];
  expect(isIn(setIn(listed.join('\n')), directions, fields)).toBe(expected);
});

test('a set of IPv6', () => {
  const set = setIn('create s hash:net family inet6 hashsize 1024 maxelem 65536\nadd s fd00::/8\nadd s fd00:1::/32 nomatch');
  expect(isIn(set, 'src', packet('fd00:2::1', 'fd01::1'), 'IPv6')).toBe(true);
  expect(isIn(set, 'src', packet('fd00:1::1', 'fd01::1'), 'IPv6')).toBe(false);
});

describe('a list of sets', () => {
  const text = [
    'create l list:set size 8',
    'add l a',
    'add l b',
    `create a hash:net ${HASH}`,
    'add a 10.0.0.0/8',
    'add a 10.1.0.0/16 nomatch',
    `create b hash:ip,port ${HASH}`,
    'add b 10.1.0.1,tcp:80',
  ];
  test('is in any of them, each with as many directions as it has parts', () => {
    const list = setIn(text.join('\n'), 'l');
    expect(isIn(list, 'src', packet('10.2.0.1', OTHER))).toBe(true);
    expect(isIn(list, 'src', packet('10.1.0.1', OTHER))).toBe(false);
    expect(isIn(list, 'src,dst', packet('10.1.0.1', OTHER))).toBe(true);
    expect(isIn(list, 'dst,dst', packet('10.1.0.1', OTHER))).toBe(false);
  });
  test('with a set that no dump has: nobody knows', () => {
    expect(isIn(setIn([...text, 'add l c'].join('\n'), 'l'), 'src', packet('10.2.0.1', OTHER))).toBeNull();
  });
});

test.each<readonly [name: string, text: string, unread: readonly string[], faults: readonly string[]]>([
  [
    'a type',
    'create s hash:ipp family inet\nadd s 10.0.0.1',
    ['create s hash:ipp family inet: sets of type "hash:ipp" are not known: did you mean hash:ip?'],
    [],
  ],
  ['an option of a set', 'create s hash:ip family inet foo 3', ['create s hash:ip family inet foo 3: unknown option "foo"'], []],
  ['an option of an element', 'create s hash:ip\nadd s 10.0.0.1 foo', ['add s 10.0.0.1 foo: unknown option "foo"'], []],
  ['an element', 'create s hash:ip,port\nadd s 10.0.0.1', ['add s 10.0.0.1: "10.0.0.1" is not ip,port'], []],
  ['an address', 'create s hash:ip\nadd s 10.0.0.256', ['add s 10.0.0.256: "10.0.0.256" is not an address or a prefix'], []],
  ['a family', 'create s hash:ip family inet6\nadd s 10.0.0.1', ['add s 10.0.0.1: "10.0.0.1" is not of IPv6'], []],
  ['a port', 'create s hash:ip,port\nadd s 10.0.0.1,tcp:65536', ['add s 10.0.0.1,tcp:65536: "tcp:65536" is not a port'], []],
  ['a set', 'add s 10.0.0.1', ['add s 10.0.0.1: no set "s" is created before'], []],
  ['a command', 'destroy s', ['destroy s: "destroy" is neither create nor add'], []],
  ['a second set of the name', 'create s hash:ip\ncreate s hash:ip', ['create s hash:ip: set "s" is created a second time'], []],
  [
    'an error',
    'ipset v7.17: Kernel error received: Operation not permitted',
    [],
    ['ipset printed an error: ipset v7.17: Kernel error received: Operation not permitted'],
  ],
  ['names only', 's\nt', [], ['these are names of sets only']],
  ['no members', 'Name: s\nType: hash:ip\nHeader: family inet\nNumber of entries: 2\n', [], ['set s is listed without its members']],
  [
    'some members',
    'Name: s\nType: hash:ip\nHeader: family inet\nNumber of entries: 2\nMembers:\n10.0.0.1\n',
    [],
    ['set s has 2 entries, and 1 are listed: the text is cut off'],
  ],
])('not understood: %s', (_, text, unread, faults) => {
  const found = read(text);
  expect({ unread: found.unread, faults: found.faults }).toEqual({ unread, faults });
  // Whatever is there of the set, nobody is told that a packet is not in it.
  for (const set of found.sets) expect(matchSet(set, ['src', 'dst'], set.family ?? 'IPv4')).toBeNull();
});
