import { describe, expect, test } from 'vitest';
import { readNodeState } from '../../src/node-state/index.ts';

/** Several outputs of one node, put together. */

const read = (files: Readonly<Record<string, string>>) =>
  readNodeState(
    'node-1',
    Object.entries(files).map(([name, text]) => ({ name, path: name, text })),
  );

const LINKS = `1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue state UNKNOWN mode DEFAULT group default qlen 1000
    link/loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00
3: cni0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1450 qdisc noqueue state UP mode DEFAULT group default qlen 1000
    link/ether 0a:00:00:00:00:01 brd ff:ff:ff:ff:ff:ff
4: veth1@if2: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1450 qdisc noqueue master cni0 state UP mode DEFAULT group default qlen 1000
    link/ether 0a:00:00:00:00:02 brd ff:ff:ff:ff:ff:ff link-netnsid 0
`;
/** It shows ports alone, and of these what the other does not. */
const PORTS = `4: veth1@if2: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1450 master cni0 state forwarding priority 32 cost 2
    hairpin on guard off root_block off fastleave off learning on flood on
`;
const FIRST = '*filter\n:FORWARD DROP [0:0]\nCOMMIT\n';
const OTHER = FIRST.replace('COMMIT', '-A FORWARD -j ACCEPT\nCOMMIT');
const IDLE = FIRST.replace('DROP', 'ACCEPT');

describe('devices', () => {
  test.each([
    ['ip link first', { 'a-link': LINKS, 'b-ports': PORTS }],
    ['bridge link first', { 'a-ports': PORTS, 'b-link': LINKS }],
  ])('what one command does not show of a device another one does: %s', (_order, files) => {
    const port = read(files).state?.links?.find((l) => l.name === 'veth1');
    expect(port).toMatchObject({ index: 4, master: 'cni0', mtu: 1450, mac: '0a:00:00:00:00:02', hairpin: true, up: true });
  });

  test('ports alone are not all devices: those that were compiled stay', () => {
    expect(read({ ports: PORTS }).state?.links).toBeNull();
  });
});

describe('one table in two files', () => {
  test('with the same rules is one', () => {
    const { state, conflicts } = read({ a: FIRST, b: FIRST.replace('[0:0]', '[7:420]') });
    expect(conflicts).toEqual([]);
    expect(state?.iptables.IPv4.get('filter')?.policies.get('FORWARD')).toBe('DROP');
  });

  // Of iptables-legacy and iptables-nft a machine uses one, and the other one's tables are empty.
  test.each([
    ['before', { a: IDLE, b: FIRST }],
    ['behind', { a: FIRST, b: IDLE }],
  ])('that lets all pass in one of them is that of the other: %s', (_place, files) => {
    const { state, conflicts } = read(files);
    expect(conflicts).toEqual([]);
    expect(state?.iptables.IPv4.get('filter')?.policies.get('FORWARD')).toBe('DROP');
  });

  test('with other rules is a conflict', () => {
    expect(read({ a: FIRST, b: OTHER }).conflicts).not.toEqual([]);
  });
});

/** As nftables 1.0.6 prints one ruleset: what iptables-nft cannot translate has only a name in JSON. */
const NFT = `table ip filter {
	chain FORWARD {
		type filter hook forward priority filter; policy accept;
		meta l4proto tcp ip saddr 1.2.3.5 tcp dport 80 ct state new counter packets 0 bytes 0 drop
	}
}
table inet foo {
	set s {
		type ipv4_addr
		flags interval
		counter
		elements = { 10.0.0.0/8 counter packets 0 bytes 0, 11.0.0.1 counter packets 0 bytes 0 }
	}

	chain c {
		type filter hook forward priority filter + 10; policy accept;
		tcp dport { 22, 80, 100-200 } ct state established,new counter packets 5 bytes 7 accept
		ip daddr @s counter packets 0 bytes 0 limit rate 5/second drop
	}
}
`;
const HANDLES = NFT.replace(/\b(filter|foo|s|FORWARD|c) \{/g, '$& # handle 1').replace(/(accept|drop)$/gm, '$1 # handle 2');
const NUMBERS = NFT.replace('priority filter + 10', 'priority 10')
  .replace('priority filter;', 'priority 0;')

  .replace('meta l4proto tcp', 'meta l4proto 6')
  .replace('established,new', '0x2,0x8');
const LATER = NFT.replace(/packets \d+ bytes \d+/g, 'packets 81 bytes 4711');
const of = (family: string, table: string) => ({ family, table });
const eq = (protocol: string, field: string, right: unknown) => ({ match: { op: '==', left: { payload: { protocol, field } }, right } });
const AS_JSON = JSON.stringify({
  nftables: [
    { metainfo: { version: '1.0.6', json_schema_version: 1 } },
    { table: { family: 'ip', name: 'filter', handle: 1 } },
    { chain: { ...of('ip', 'filter'), name: 'FORWARD', handle: 1, type: 'filter', hook: 'forward', prio: 0, policy: 'accept' } },
    {
      rule: {
        ...of('ip', 'filter'),
        chain: 'FORWARD',
        handle: 2,
        expr: [
          { match: { op: '==', left: { meta: { key: 'l4proto' } }, right: 'tcp' } },
          eq('ip', 'saddr', '1.2.3.5'),
          { xt: { type: 'match', name: 'comment' } },
          eq('tcp', 'dport', 80),
          { xt: { type: 'match', name: 'conntrack' } },
          { counter: { packets: 0, bytes: 0 } },
          { drop: null },
        ],
      },
    },
    { table: { family: 'inet', name: 'foo', handle: 4 } },
    {
      set: {
        ...of('inet', 'foo'),
        name: 's',
        type: 'ipv4_addr',
        handle: 2,
        flags: ['interval'],
        elem: [
          { elem: { val: { prefix: { addr: '10.0.0.0', len: 8 } }, counter: { packets: 0, bytes: 0 } } },
          { elem: { val: '11.0.0.1', counter: { packets: 0, bytes: 0 } } },
        ],
      },
    },
    { chain: { ...of('inet', 'foo'), name: 'c', handle: 1, type: 'filter', hook: 'forward', prio: 10, policy: 'accept' } },
    {
      rule: {
        ...of('inet', 'foo'),
        chain: 'c',
        handle: 4,
        expr: [
          eq('tcp', 'dport', { set: [22, 80, { range: [100, 200] }] }),
          { match: { op: 'in', left: { ct: { key: 'state' } }, right: ['established', 'new'] } },
          { counter: { packets: 5, bytes: 7 } },
          { accept: null },
        ],
      },
    },
    {
      rule: {
        ...of('inet', 'foo'),
        chain: 'c',
        handle: 5,
        expr: [
          eq('ip', 'daddr', '@s'),
          { counter: { packets: 0, bytes: 0 } },
          { limit: { rate: 5, burst: 5, per: 'second' } },
          { drop: null },
        ],
      },
    },
  ],
});

describe('one ruleset of nft in two files', () => {
  test.each([
    ['with handles', HANDLES],
    ['with numbers', NUMBERS],
    ['with other counters', LATER],
    ['as JSON', AS_JSON],
  ])('%s is one, and the better one counts', (_how, other) => {
    for (const files of [
      { a: NFT, b: other },
      { a: other, b: NFT },
    ]) {
      const { state, conflicts, unread } = read(files);
      expect([conflicts, unread]).toEqual([[], []]);
      const [rule] = state?.nft?.[0]?.chain('FORWARD')?.rules() ?? [];
      expect(rule?.matches.map((m) => m.kind)).toEqual(['protocol', 'source', 'dport', 'ctstate']);
    }
  });

  test.each([
    ['another rule', NFT.replace('80, ', '81, ')],
    ['a rule more', NFT.replace('\t\tip daddr', '\t\ttcp dport 9 drop\n\t\tip daddr')],
    ['another element of a set', NFT.replace('11.0.0.1', '11.0.0.2')],
    ['another verdict', NFT.replace('accept\n\t\tip daddr', 'drop\n\t\tip daddr')],
    ['another policy', NFT.replace('+ 10; policy accept', '+ 10; policy drop')],
    ['another place', NFT.replace('+ 10', '+ 11')],
    ['another target of a rule that is not understood', NFT.replace('second drop', 'second accept')],
  ])('%s is a conflict', (_what, other) => {
    expect(read({ a: NFT, b: other }).conflicts).toHaveLength(1);
  });
});

/** What Linux 6 printed in one namespace, at one moment. */
describe('one routing table by ip route, by route -n and by netstat -rn', () => {
  const IP = `default via 10.1.0.254 dev d0 proto dhcp src 10.1.0.1 metric 100
10.1.0.0/24 dev d0 proto kernel scope link src 10.1.0.1
throw 10.5.0.0/16
blackhole 10.6.0.0/16
unreachable 10.8.0.0/16
10.9.0.0/16
	nexthop via 10.1.0.9 dev d0 weight 1
	nexthop via 10.1.0.8 dev d0 weight 1
`;
  const ROUTE_N = `Kernel IP routing table
Destination     Gateway         Genmask         Flags Metric Ref    Use Iface
0.0.0.0         10.1.0.254      0.0.0.0         UG    100    0        0 d0
10.1.0.0        0.0.0.0         255.255.255.0   U     0      0        0 d0
10.5.0.0        0.0.0.0         255.255.0.0     U     0      0        0 *
10.6.0.0        0.0.0.0         255.255.0.0     U     0      0        0 *
10.8.0.0        -               255.255.0.0     !     0      -        0 -
10.9.0.0        10.1.0.9        255.255.0.0     UG    0      0        0 d0
`;
  const NETSTAT = ROUTE_N.replace('Metric Ref    Use', '  MSS Window  irtt')
    .replace(/ {4}(100|0 {2}) {4}0 {8}0 d0/g, '        0 0          0 d0')
    .replace(/ {5}0 {6}0 {8}0 \*/g, '         0 0          0 *')
    .replace('0      -        0 -', '    - -          - -');
  const IP_6 = `fd00:1::/64 dev d0 proto kernel metric 256 pref medium
fd00:9::/64 metric 1024 pref medium
	nexthop via fd00:1::9 dev d0 weight 1
	nexthop via fd00:1::8 dev d0 weight 1
`;
  // fd00:5::/64 is in table 100.
  const ROUTE_6_N = `Kernel IPv6 routing table
Destination                    Next Hop                   Flag Met Ref  Use If
fd00:5::/64                    ::                         U    1024 1      0 d0
::/0                           ::                         !n   -1  1      0 lo
fd00:1::/64                    ::                         U    256 1      0 d0
fd00:9::/64                    fd00:1::9                  UG   1024 1      0 d0
fd00:9::/64                    fd00:1::8                  UG   1024 1      0 d0
fd00:1::1/128                  ::                         Un   0   3      0 d0
`;

  test.each([
    ['route -n', 'IPv4', { a: IP, b: ROUTE_N }, 'a'],
    ['route -n first', 'IPv4', { a: ROUTE_N, b: IP }, 'b'],
    ['netstat -rn first', 'IPv4', { a: NETSTAT, b: IP }, 'b'],
    ['both without ip route', 'IPv4', { a: NETSTAT, b: ROUTE_N }, 'a'],
    ['route -6 -n first', 'IPv6', { a: ROUTE_6_N, b: IP_6 }, 'b'],
  ] as const)('is one, and what says more is taken: %s', (_by, family, files, taken) => {
    const { state, conflicts, unread } = read(files);
    expect(conflicts).toEqual([]);
    expect(unread.filter(({ why }) => !why.includes('unreachable or prohibit'))).toEqual([]);
    expect(state?.routes[family].get(254)?.[0]?.origin.locus?.document.file).toBe(taken);
  });

  test.each([
    ['another gateway', { a: IP, b: ROUTE_N.replace('10.1.0.254', '10.1.0.253') }],
    ['a route less', { a: NETSTAT.replace(/10\.6\..*\n/, ''), b: IP }],
    ['a route less, of IPv6', { a: IP_6, b: ROUTE_6_N.replace(/fd00:1::\/64.*\n/, '') }],
  ])('is two with %s', (_what, files) => {
    expect(read(files).conflicts).toHaveLength(1);
  });
});

test('what was not collected as root is told once, and what it leaves open is kept', () => {
  const REFUSED = 'Permission denied (you must be root)';
  const { state, faults } = read({
    'iptables-save': `# iptables-save: exit status 4\n# iptables-save v1.8.9 (nf_tables): Could not fetch rule set generation id: ${REFUSED}\n`,
    'ipset-save': '# ipset save: exit status 1\n# ipset v7.17: Kernel error received: Operation not permitted\n',
    'nft-list-ruleset': `# nft list ruleset: exit status 1\n# ${REFUSED}\n`,
  });
  expect(faults.map(({ message, hint }) => [message, hint])).toEqual([
    [
      'it was not collected as root, so that these were refused: iptables-save, ipset save, nft list ruleset',
      'collect it as root: sudo sh collect.sh node-state',
    ],
  ]);
  expect(state?.iptables.IPv4.get('filter')?.untold).toBeDefined();
  expect(state?.untold.map(({ what }) => what)).toEqual(['what is in the tables of nft']);
});
