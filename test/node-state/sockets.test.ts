import { expect, test } from 'vitest';
import type { Socket } from '../../src/datapath/netns.ts';
import { formatAddress } from '../../src/net/address.ts';
import { readSockets } from '../../src/node-state/sockets/read.ts';
import { stateText } from '../../src/node-state/text.ts';

const shown = ({ protocol, address, port, family, process, origin }: Socket) =>
  [protocol, address === null ? '*' : formatAddress(address), port ?? 'any', family ?? 'both', process, origin.evidence].join(' ');

function read(lines: readonly string[]) {
  const { pieces, unread } = readSockets(stateText('node-1', 'ss.txt', lines.join('\n')));
  const sockets = pieces.flatMap((p) => (p.kind === 'sockets' ? p.sockets : []));
  return { sockets: sockets.map(shown), unread: unread.map((u) => `${u.text}: ${u.why}`) };
}

/** Printed by iproute2 6.1 and net-tools 2.10 for sockets that were made for it: on :: with and without IPV6_V6ONLY, on lo's 127.0.0.53. */
const SS = [
  'Netid State  Recv-Q Send-Q Local Address:Port Peer Address:PortProcess                            ',
  'udp   UNCONN 0      0            0.0.0.0:5353      0.0.0.0:*    users:(("python3",pid=31885,fd=7))',
  'udp   ESTAB  0      0          127.0.0.1:5354    127.0.0.1:99   users:(("python3",pid=31885,fd=8))',
  'tcp   LISTEN 0      128    127.0.0.53%lo:53        0.0.0.0:*    users:(("systemd-resolve",pid=31885,fd=5))',
  'tcp   LISTEN 0      128            [::1]:83           [::]:*    users:(("python3",pid=31885,fd=6))',
  'tcp   LISTEN 0      128             [::]:81           [::]:*    users:(("sshd",pid=1,fd=3),("python3",pid=31885,fd=3)) ino:1 sk:2 <->',
  'tcp   LISTEN 0      128                *:80              *:*    users:(("python3",pid=31885,fd=4))',
];
const NETSTAT = [
  'Active Internet connections (only servers)',
  'Proto Recv-Q Send-Q Local Address           Foreign Address         State       PID/Program name    ',
  'tcp        0      0 127.0.0.53:53           0.0.0.0:*               LISTEN      31885/python3       ',
  'tcp6       0      0 ::1:83                  :::*                    LISTEN      31885/python3       ',
  'tcp6       0      0 :::80                   :::*                    LISTEN      812/sshd: /usr/sbin ',
  'tcp        0      0 10.0.0.1:45678          10.0.0.2:443            ESTABLISHED -                   ',
  'udp        0      0 0.0.0.0:5353            0.0.0.0:*                           -                   ',
];

test.each<readonly [name: string, lines: readonly string[], sockets: readonly string[]]>([
  [
    'ss -tulpn',
    SS,
    [
      'udp * 5353 IPv4 python3 declared',
      'tcp 127.0.0.53 53 both systemd-resolve declared',
      'tcp ::1 83 both python3 declared',
      'tcp * 81 IPv6 sshd declared',
      'tcp * 80 both python3 declared',
    ],
  ],
  [
    'netstat -tulpn',
    NETSTAT,
    [
      'tcp 127.0.0.53 53 both python3 declared',
      'tcp ::1 83 both python3 declared',
      'tcp * 80 both sshd declared',
      'udp * 5353 IPv4 a process on node-1 declared',
    ],
  ],
  // With one protocol there is no column for it.
  [
    'ss -ltn',
    ['State  Recv-Q Send-Q Local Address:Port Peer Address:PortProcess', 'LISTEN 0 128 10.0.0.1:80 0.0.0.0:*'],
    ['tcp 10.0.0.1 80 both a process on node-1 declared'],
  ],
  ['ss -lun', ['UNCONN 0 0 0.0.0.0:68 0.0.0.0:*'], ['udp * 68 IPv4 a process on node-1 declared']],
  ['both asked for, and nothing listens', SS.slice(0, 1), []],
  [
    'an old ss',
    ['Netid State Recv-Q Send-Q Local Address:Port Peer Address:Port', 'tcp LISTEN 0 128 *:22 *:*', 'tcp LISTEN 0 128 :::80 :::*'],
    ['tcp * 22 IPv4 a process on node-1 declared', 'tcp * 80 both a process on node-1 declared'],
  ],
  [
    'SCTP',
    ['tcp LISTEN 0 128 [::ffff:10.0.0.1]:80 *:*', 'udp UNCONN 0 0 [fe80::1]%eth0:546 [::]:*', 'sctp LISTEN 0 128 10.0.0.1:38412 *:*'],
    [
      'tcp 10.0.0.1 80 both a process on node-1 declared',
      'udp fe80::1 546 both a process on node-1 declared',
      'sctp 10.0.0.1 38412 both a process on node-1 declared',
    ],
  ],
  [
    'other kinds',
    [
      ...SS.slice(0, 1),
      'icmp6 UNCONN 0 0 *:58 *:*',
      'u_str LISTEN 0 128 /run/x 1 * 0',
      'nl UNCONN 0 0 rtnl:kernel *',
      'Active UNIX domain sockets (only servers)',
    ],
    [],
  ],
])('sockets: %s', (_, lines, sockets) => {
  expect(read(lines)).toEqual({ sockets, unread: [] });
});

test.each<readonly [line: string, why: string]>([
  ['hello world', '"hello" is no kind of a socket'],
  ['tcp LISTEN 0 128 localhost:http 0.0.0.0:*', '"localhost:http" is not ADDRESS:PORT (-n has numbers)'],
  ['udp UNCONN 0 0 0.0.0.0%eth0:68 0.0.0.0:*', 'taken for a socket of all devices, not of eth0 alone'],
  ['tcp LISTEN', '"" is not ADDRESS:PORT (-n has numbers)'],
])('sockets: %s is not passed over', (line, why) => {
  expect(read([...SS.slice(0, 1), line]).unread).toEqual([`${line}: ${why}`]);
});
