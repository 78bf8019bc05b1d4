import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readIp } from '../../src/node-state/ip/index.ts';
import { type Reading, stateText } from '../../src/node-state/text.ts';

/** What `ip` and `bridge` print, as text and as JSON: the two say the same. The lines are of iproute2 6.1, by hand. */

const read = (text: string, command: string | null = null): Reading => readIp(stateText('node-1', 'state.txt', text, 1, command));

/** Without the places, which differ between the forms. */
const plain = (pieces: Reading['pieces']): unknown =>
  JSON.parse(
    JSON.stringify(pieces, (key, value: unknown) =>
      key === 'origin' ? undefined : typeof value === 'bigint' ? `${value}` : value instanceof Map ? [...value.entries()] : value,
    ),
  );

test('routes of IPv6 that are listed twice in one file are one way', () => {
  const route = 'default via fe80::1 dev eth0 metric 1024 pref medium\n';
  const other = 'default via fe80::1 dev eth1 metric 1024 pref medium\n';
  expect(plain(read(route + route, 'ip -6 route').pieces)).toEqual(plain(read(route, 'ip -6 route').pieces));
  expect(plain(read(route + other + route, 'ip -6 route').pieces)).toEqual(plain(read(route + other, 'ip -6 route').pieces));
  expect(plain(read(route + other, 'ip -6 route').pieces)).not.toEqual(plain(read(route, 'ip -6 route').pieces));
});

const BOTH: readonly (readonly [what: string, text: string, json: unknown])[] = [
  [
    'an address',
    `1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue state UNKNOWN group default qlen 1000
    link/loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00
    inet 127.0.0.1/8 scope host lo
       valid_lft forever preferred_lft forever
5: eth0@if2: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP group default qlen 1000
    link/ether 02:00:00:00:00:05 brd ff:ff:ff:ff:ff:ff link-netnsid 0
    inet 10.0.0.5/24 brd 10.0.0.255 scope global secondary eth0
       valid_lft forever preferred_lft forever`,
    [
      {
        ifindex: 1,
        ifname: 'lo',
        flags: ['LOOPBACK', 'UP', 'LOWER_UP'],
        mtu: 65536,
        operstate: 'UNKNOWN',
        link_type: 'loopback',
        address: '00:00:00:00:00:00',
        addr_info: [{ family: 'inet', local: '127.0.0.1', prefixlen: 8, scope: 'host', label: 'lo' }],
      },
      {
        ifindex: 5,
        link_index: 2,
        ifname: 'eth0',
        flags: ['BROADCAST', 'MULTICAST', 'UP', 'LOWER_UP'],
        mtu: 1500,
        operstate: 'UP',
        link_type: 'ether',
        address: '02:00:00:00:00:05',
        link_netnsid: 0,
        addr_info: [
          { family: 'inet', local: '10.0.0.5', prefixlen: 24, broadcast: '10.0.0.255', scope: 'global', secondary: true, label: 'eth0' },
        ],
      },
    ],
  ],
  [
    'a route',
    '10.1.0.0/24 via 192.168.1.1 dev eth0 proto bird src 192.168.1.5 metric 100 onlink',
    [{ dst: '10.1.0.0/24', gateway: '192.168.1.1', dev: 'eth0', protocol: 'bird', prefsrc: '192.168.1.5', metric: 100, flags: ['onlink'] }],
  ],
  [
    'next hops',
    '10.2.0.0/24\n\tnexthop via 192.168.1.1 dev eth0 weight 2\n\tnexthop via 192.168.1.2 dev eth0 weight 1 dead',
    [
      {
        dst: '10.2.0.0/24',
        flags: [],
        nexthops: [
          { gateway: '192.168.1.1', dev: 'eth0', weight: 2, flags: [] },
          { gateway: '192.168.1.2', dev: 'eth0', weight: 1, flags: ['dead'] },
        ],
      },
    ],
  ],
  [
    'a rule',
    '101:\tnot from 10.1.2.3 fwmark 0x10/0xf0 lookup 100',
    [{ priority: 101, not: null, src: '10.1.2.3', fwmark: '0x10', fwmask: '0xf0', table: '100' }],
  ],
  [
    'a neighbour',
    '10.0.0.1 dev eth0 lladdr 02:00:00:00:00:01 router STALE',
    [{ dst: '10.0.0.1', dev: 'eth0', lladdr: '02:00:00:00:00:01', router: null, state: ['STALE'] }],
  ],
  [
    'an entry of a forwarding table',
    '02:00:00:00:01:01 dev flannel.1 dst 192.168.1.9 self permanent',
    [{ mac: '02:00:00:00:01:01', ifname: 'flannel.1', dst: '192.168.1.9', flags: ['self'], state: 'permanent' }],
  ],
];

describe('text and JSON say the same:', () => {
  test.each(BOTH)('%s', (_, text, json) => {
    const [fromText, fromJson, pretty] = [read(text), read(JSON.stringify(json)), read(JSON.stringify(json, null, 4))];
    expect(fromText.pieces).not.toEqual([]);
    expect(plain(fromJson.pieces)).toEqual(plain(fromText.pieces));
    expect(plain(pretty.pieces)).toEqual(plain(fromText.pieces));
    for (const { unread, faults } of [fromText, fromJson, pretty]) expect({ unread, faults }).toEqual({ unread: [], faults: [] });
  });
});

const ADDRESSES = BOTH[0]?.[1] ?? '';

describe('what is not understood is said', () => {
  test.each([
    ['a word of a route', '10.0.0.0/8 via 10.1.1.1 dev eth0 teleport fast', 'unknown word "teleport", unknown word "fast"'],
    ['a gateway that is none', '10.0.0.0/8 via 10.1.1 dev eth0', 'gateway "10.1.1" is no address'],
    ['a route that goes nowhere', '10.0.0.0/8 proto static', 'no device'],
    ['a type of route', 'nat 10.0.0.0/8 dev eth0', 'unknown type "nat"'],
    ['a word of a rule', '9:\tfrom all colour red lookup 7', 'unknown word "colour", unknown word "red"'],
    ['a prefix of a rule', '9:\tfrom 10.0.0.0/99 lookup 7', 'src "10.0.0.0/99" is no prefix'],
    [
      'a state of a neighbour that is not known',
      '10.0.0.1 dev eth0 lladdr 02:00:00:00:00 STALE',
      'lladdr "02:00:00:00:00" is no MAC address',
    ],
    ['another command', 'total 12', 'not a line of ip, bridge or route -n'],
    ['a line below nothing', '    mystery 1', 'not a line of ip, bridge or route -n'],
    ['JSON of something else', '[{"colour":"red"}]', 'neither a device nor a route, a rule or a neighbour'],
    ['JSON that is none', '[{"dst":}]', 'not JSON'],
    ['what stands between objects', '[{"priority":0,"src":"all","table":"local"},7]', 'no JSON object'],
  ])('%s', (_, text, why) => {
    expect(read(text).unread.map((u) => u.why)).toEqual([why]);
  });

  test('a line under a device', () => {
    const { unread } = read(`${ADDRESSES}\n    mystery 1`);
    expect(unread.map(({ locus, text, why }) => [locus.path, text, why])).toEqual([[[8], '    mystery 1', 'unknown word "mystery"']]);
  });

  test('JSON that is cut off: rules that come first may have followed', () => {
    const { pieces, faults } = read('[{"priority":0,"src":"all","table":"local"},{"priority":9,"src":"10.1.0.0","srcl');
    expect(pieces).toMatchObject(
      ['IPv4', 'IPv6'].map((family) => ({ kind: 'rules', family, rules: [{ priority: 0, action: { kind: 'unmodelled' } }] })),
    );
    expect(faults.map((f) => f.message)).toEqual(['the JSON is cut off: its end is missing']);
  });

  test('addresses of some devices are not those of the node', () => {
    const { pieces, faults } = read('2: eth0    inet 10.0.0.5/24 brd 10.0.0.255 scope global eth0');
    expect(pieces).toEqual([]);
    expect(faults.map((f) => f.message)).toEqual(['only some addresses: lo is not among them']);
  });

  test('some devices are not those of the node', () => {
    const { pieces, faults } = read(
      '2: eth0: <UP,LOWER_UP> mtu 1500 state UP\n    link/ether 02:00:00:00:00:05 brd ff:ff:ff:ff:ff:ff\n    inet 10.0.0.5/24 scope global eth0',
    );
    expect(pieces).toMatchObject([{ kind: 'links', isAll: false }]);
    expect(faults.map((f) => f.message)).toEqual(['only some devices: lo is not among them']);
  });

  test('rules of both families in one list', () => {
    const { pieces, faults } = read('9:\tfrom 10.0.0.0/8 lookup 7\n10:\tfrom fd00::/8 lookup 7');
    expect(pieces).toEqual([]);
    expect(faults.map((f) => f.message)).toEqual(['rules with addresses of both families']);
  });
});

const routesOf = (text: string, command: string | null = null) =>
  read(text, command).pieces.flatMap((p) =>
    p.kind === 'routes' ? [[p.family, p.isAll, [...p.tables].map(([id, routes]) => [id, routes.length])]] : [],
  );

describe('routes', () => {
  test.each([
    ['of the main table', 'default via 10.0.0.1 dev eth0', null, [['IPv4', false, [[254, 1]]]]],
    [
      'of all tables',
      'default via 10.0.0.1 dev eth0\ndefault dev lo table 100',
      null,
      [
        [
          'IPv4',
          true,
          [
            [254, 1],
            [100, 1],
          ],
        ],
      ],
    ],
    ['of a table that was asked for', 'default via 10.0.0.1 dev eth0', 'ip route show table 100', [['IPv4', false, [[100, 1]]]]],
    [
      'of the local table, by what it has',
      'local 10.0.0.5 dev eth0 proto kernel scope host src 10.0.0.5',
      null,
      [['IPv4', false, [[255, 1]]]],
    ],
    [
      'of both families',
      'default via 10.0.0.1 dev eth0\ndefault via fe80::1 dev eth0 metric 1024',
      null,
      [
        ['IPv4', false, [[254, 1]]],
        ['IPv6', false, [[254, 1]]],
      ],
    ],
    ['of the family that was asked for', 'default dev tun0', 'ip -6 route', [['IPv6', false, [[254, 1]]]]],
    ['none, of a command that is known', '', 'ip -6 route', [['IPv6', false, [[254, 0]]]]],
    ['none, in JSON', '[ ]', 'ip -j route', [['IPv4', false, [[254, 0]]]]],
    ['none, of nobody knows what', '', null, []],
    [
      'next hops that an older tool prints one by one',
      'fd00::/8 via fe80::1 dev eth0 metric 5\nfd00::/8 via fe80::2 dev eth0 metric 5',
      null,
      [['IPv6', false, [[254, 1]]]],
    ],
    [
      'links of several devices are several',
      'fe80::/64 dev eth0 metric 256\nfe80::/64 dev eth1 metric 256',
      null,
      [['IPv6', false, [[254, 2]]]],
    ],
    [
      'that stand for there being none',
      'unreachable default dev lo table unspec proto kernel metric 4294967295 error -101\nfd00::/8 dev eth0 metric 5',
      null,
      [['IPv6', false, [[254, 1]]]],
    ],
    [
      'to groups are not walked',
      'multicast ff00::/8 dev eth0 table local metric 256\nfd00::/8 dev eth0 metric 5 table 7',
      null,
      [['IPv6', true, [[7, 1]]]],
    ],
    ['of one device are not those of a table', 'default via 10.0.0.1', 'ip route show dev eth0', []],
  ])('%s', (_, text, command, expected) => {
    expect(routesOf(text, command)).toEqual(expected);
  });

  test('a name of a table means the same in a rule', () => {
    const [routes] = read('default dev eth0 table vpn').pieces;
    const [rules] = read('9:\tfrom all lookup vpn').pieces;
    if (routes?.kind !== 'routes' || rules?.kind !== 'rules') throw new Error('no routes or no rules');
    expect([...routes.tables.keys()]).toContain(rules.rules[0]?.table);
    expect([...routes.tables.keys()]).not.toContain(254);
  });

  test('as route -n prints them: those of IPv6 have the mark of a local one', () => {
    const text = `Kernel IP routing table
Destination     Gateway         Genmask         Flags Metric Ref    Use Iface
0.0.0.0         192.168.1.1     0.0.0.0         UG    100    0        0 eth0
10.5.0.0        0.0.0.0         255.255.240.0   U     0      0        0 *
Kernel IPv6 routing table
Destination                    Next Hop                   Flag Met Ref  Use If
2001:db8:2::/64                fe80::1                    UG   5   2      0 eth0
::1/128                        ::                         Un   0   3      0 lo
::/0                           ::                         !n   -1  2      0 lo`;
    const { pieces, unread } = read(text);
    expect(unread).toEqual([]);
    const same = read(
      'default via 192.168.1.1 dev eth0 metric 100\nblackhole 10.5.0.0/20\n2001:db8:2::/64 via fe80::1 dev eth0 metric 5\nlocal ::1 dev lo table local metric 0 pref medium',
    );
    expect(plain(pieces)).toEqual(plain(same.pieces.map((piece) => ({ ...piece, areBrief: true }))));
  });

  test.each([
    ['10.0.0.0/8 tos 0x10 dev eth0', 'tos 0x10'],
    ['10.0.0.0/8 encap mpls 100 via 10.0.0.1 dev eth0', 'encap mpls 100'],
    ['fd00::/8 from fd01::/16 dev eth0 metric 5', 'from fd01::/16'],
  ])('one that is not modelled is kept, and says so: %s', (text, unmodelled) => {
    const { pieces, unread } = read(text);
    expect(unread).toEqual([]);
    const routes = pieces.flatMap((p) => (p.kind === 'routes' ? [...p.tables.values()].flat() : []));
    expect(routes).toMatchObject([{ unmodelled }]);
  });
});

describe('rules', () => {
  test.each([
    ['0:\tfrom all lookup local\n32766:\tfrom all lookup main\n32767:\tfrom all lookup default', null, ['IPv4']],
    ['0:\tfrom all lookup local\n32766:\tfrom all lookup main', null, ['IPv6']],
    ['0:\tfrom all lookup local\n32766:\tfrom all lookup main', 'ip rule', ['IPv4']],
    ['0:\tfrom all lookup local\n9:\tfrom fd00::/8 lookup 7', null, ['IPv6']],
    [
      '0:\tfrom all lookup local\n32767:\tfrom all lookup default\n0:\tfrom all lookup local\n32766:\tfrom all lookup main',
      null,
      ['IPv4', 'IPv6'],
    ],
  ])('are of a family: %j, %s', (text, command, families) => {
    expect(read(text, command).pieces.flatMap((p) => (p.kind === 'rules' ? [p.family] : []))).toEqual(families);
  });

  test.each([
    ['uidrange 1000-2000 lookup 7', { unmodelled: 'uidrange 1000-2000' }],
    ['tos 0x10 lookup 7', { unmodelled: 'tos 0x10' }],
    ['lookup [l3mdev-table]', { action: { kind: 'unmodelled', text: 'lookup [l3mdev-table]' } }],
    ['ipproto udp sport 100-200 lookup 7', { protocol: 17, sourcePorts: [100, 200], table: 7 }],
    ['iif gone0 [detached] unreachable', { iif: 'gone0', action: { kind: 'unreachable' } }],
    ['fwmark 0x3 goto 110', { mark: { value: 3, mask: null }, action: { kind: 'goto', priority: 110 } }],
    ['lookup main suppress_prefixlength 0', { table: 254, suppressPrefixLength: 0 }],
  ])('ask and do what is modelled, or are kept: %s', (text, expected) => {
    const { pieces, unread } = read(`9:\tfrom all ${text}`);
    expect(unread).toEqual([]);
    expect(pieces).toMatchObject([{ kind: 'rules', rules: [expected] }]);
  });
});

describe('devices', () => {
  const link = (text: string) => read(text).pieces.flatMap((p) => (p.kind === 'links' ? p.links : []))[0];

  test.each([
    [
      '3: eth0.5@eth0: <NO-CARRIER,BROADCAST,UP> mtu 1400 qdisc noqueue state LOWERLAYERDOWN\n    link/ether 02:00:00:00:00:01 brd ff:ff:ff:ff:ff:ff promiscuity 0\n    vlan protocol 802.1Q id 5 <REORDER_HDR>',
      { kind: 'vlan', vlan: 5, up: true, carrier: false, mtu: 1400, link: { name: 'eth0' } },
    ],
    [
      '3: vx@NONE: <UP> mtu 1450 state DOWN\n    link/ether 02:00:00:00:00:01 brd ff:ff:ff:ff:ff:ff\n    vxlan id 7 local 10.0.0.5 dev eth0 srcport 0 0 dstport 8472 nolearning',
      { kind: 'vxlan', link: null, vxlan: { vni: 7, port: 8472, learning: false } },
    ],
    [
      '3: ipip1@NONE: <NOARP,UP> mtu 1480 state UNKNOWN\n    link/ipip 10.0.0.5 peer 10.0.0.6\n    ipip any remote 10.0.0.6 local 10.0.0.5 ttl inherit',
      { kind: 'ipip', mac: null, tunnel: {} },
    ],
    [
      '3: vrf1: <UP> mtu 65575 state UP\n    link/ether 02:00:00:00:00:01 brd ff:ff:ff:ff:ff:ff\n    vrf table 77',
      { kind: 'vrf', vrf: 77 },
    ],
    ['veth1@if2  UP  02:00:00:00:00:01 <BROADCAST,UP,LOWER_UP>', { name: 'veth1', mac: '02:00:00:00:00:01', up: true, link: { index: 2 } }],
    ['eth0  DOWN  10.0.0.5/24', { name: 'eth0', up: null }],
    [
      '3: veth1@cni0: <UP> mtu 1500 master cni0 state forwarding priority 32 cost 2\n    hairpin on guard off',
      { hairpin: true, isolated: null, master: 'cni0', link: null },
    ],
    [
      '3: veth1@if2: <UP> mtu 1500 master cni0\n    link/ether 02:00:00:00:00:01 brd ff:ff:ff:ff:ff:ff\n    bridge_slave state forwarding hairpin off isolated on locked off',
      { hairpin: false, isolated: true },
    ],
  ])('%s', (text, expected) => {
    expect(link(text)).toMatchObject(expected);
  });

  test('ifconfig says what ip addr says', () => {
    const { pieces, unread } = read(`eth0: flags=4163<UP,BROADCAST,RUNNING,MULTICAST>  mtu 1450
        inet 10.0.0.5  netmask 255.255.255.0  broadcast 10.0.0.255
        inet6 2001:db8::5  prefixlen 64  scopeid 0x0<global>
        ether 02:00:00:00:00:05  txqueuelen 1000  (Ethernet)
        RX packets 2  bytes 152 (152.0 B)

lo: flags=73<UP,LOOPBACK,RUNNING>  mtu 65536
        inet 127.0.0.1  netmask 255.0.0.0
        loop  txqueuelen 1000  (Local Loopback)`);
    expect(unread).toEqual([]);
    expect(pieces).toMatchObject([
      { kind: 'links', isAll: true, links: [{ name: 'eth0', mtu: 1450, carrier: true, mac: '02:00:00:00:00:05' }, { name: 'lo' }] },
      { kind: 'addresses', family: 'IPv4', addresses: [{ device: 'eth0', prefix: { length: 24 } }, { device: 'lo' }] },
      { kind: 'addresses', family: 'IPv6', addresses: [{ device: 'eth0', prefix: { length: 64 } }] },
    ]);
  });
});

test('no text is too strange', () => {
  const samples = BOTH.flatMap(([, text, json]) => [text, JSON.stringify(json), JSON.stringify(json, null, 2)]);
  const junk = fc.constantFrom(
    '',
    '\n',
    '    ',
    '"',
    '\\',
    '[',
    ']',
    '{',
    '}',
    'via ',
    'nexthop',
    '__proto__ ',
    ' dev',
    '/99',
    '0x',
    ':',
    '99999999999',
  );
  const mutated = fc
    .tuple(fc.constantFrom(...samples), fc.array(fc.tuple(fc.nat(), fc.nat(9), junk), { maxLength: 6 }))
    .map(([text, edits]) =>
      edits.reduce((so, [at, length, more]) => so.slice(0, at % (so.length + 1)) + more + so.slice((at % (so.length + 1)) + length), text),
    );
  fc.assert(
    fc.property(
      mutated,
      fc.constantFrom(null, 'ip -6 route show table', 'ip rule', 'bridge fdb show dev', 'ip route show dev x'),
      (text, command) => {
        read(text, command);
      },
    ),
    { numRuns: Number(process.env['K8S_TRACE_FUZZ'] ?? 2000) },
  );
});

test('a rule that `not` turns round is selected where its words are not, and what its suppress_ifgroup does then is not known', () => {
  const [rule] = read('90:\tnot from all iif eth7 lookup main suppress_ifgroup default').pieces.flatMap((p) =>
    p.kind === 'rules' ? p.rules : [],
  );
  expect([rule?.inverted, rule?.action, rule?.unmodelled]).toEqual([
    true,
    { kind: 'unmodelled', text: 'lookup main suppress_ifgroup default' },
    undefined,
  ]);
});
