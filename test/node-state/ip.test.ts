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

const BOTH: readonly (readonly [what: string, text: string, json: unknown])[] = [
  [
    'an address',
    `1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue state UNKNOWN group default qlen 1000
    link/loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00
    inet 127.0.0.1/8 scope host lo
       valid_lft forever preferred_lft forever
5: eth0@if2: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP group default qlen 1000
    link/ether 02:00:00:00:00:05 brd ff:ff:ff:ff:ff:ff link-netnsid 0
    inet 10.0.0.5/24 brd 10.0.0.255 scope global secondary eth0`,
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
