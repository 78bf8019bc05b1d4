import { expect, test } from 'vitest';
import { readSysctl } from '../../src/node-state/sysctl/read.ts';
import { stateText } from '../../src/node-state/text.ts';
import { placeOf } from '../../src/source/origin.ts';

function read(lines: readonly string[]) {
  const { pieces, unread, faults } = readSysctl(stateText('node-1', 'sysctl.txt', `${lines.join('\n')}\n`));
  const [piece] = pieces;
  if (piece?.kind !== 'sysctls') throw new Error('sysctls are read');
  const values = Object.fromEntries([...piece.sysctls].map(([name, s]) => [name, s.value]));
  const places = [...piece.sysctls.values()].map((s) => (s.origin.locus === null ? null : placeOf(s.origin.locus)));
  return { values, places, unread: unread.map((u) => u.text), faults };
}

// Forms: printed by procps 4.0.2 and grep 3.8 on a machine with a device eth0.100.
test.each<readonly [name: string, lines: readonly string[], values: Readonly<Record<string, number>>]>([
  [
    'as sysctl -a prints it',
    ['net.ipv4.ip_forward = 1', 'net.ipv4.tcp_rto_min_us = 200000'],
    { 'net.ipv4.ip_forward': 1, 'net.ipv4.tcp_rto_min_us': 200000 },
  ],
  ['a device with a dot', ['net.ipv4.conf.eth0/100.rp_filter = 2'], { 'net.ipv4.conf.eth0.100.rp_filter': 2 }],
  ['as grep prints it', ['/proc/sys/net/ipv4/conf/eth0.100/rp_filter:2'], { 'net.ipv4.conf.eth0.100.rp_filter': 2 }],
  ['a name with slashes', ['net/ipv4/conf/eth0.100/rp_filter = 2'], { 'net.ipv4.conf.eth0.100.rp_filter': 2 }],
  ['as in sysctl.conf', ['# forward', 'net.ipv4.ip_forward=1'], { 'net.ipv4.ip_forward': 1 }],
  ['below zero', ['net.ipv4.tcp_x = -1'], { 'net.ipv4.tcp_x': -1 }],
  ['CR line ends', ['net.ipv4.ip_forward = 1\r'], { 'net.ipv4.ip_forward': 1 }],
  ['the last of two', ['net.ipv4.ip_forward = 1', 'net.ipv4.ip_forward = 0'], { 'net.ipv4.ip_forward': 0 }],
  [
    'no number, and no business of the network',
    ['net.core.default_qdisc = fq', 'net.ipv4.tcp_rmem = 4096\t131072\t6291456', 'kernel.pid_max = 4194304', 'net.ipv4.x ='],
    {},
  ],
  [
    'what could not be read',
    ['sysctl: permission denied on key "net.ipv4.route.flush"', 'grep: /proc/sys/net/ipv4/route/flush: Permission denied'],
    {},
  ],
])('sysctls: %s', (_, lines, values) => {
  expect(read(lines)).toMatchObject({ values, unread: [], faults: [] });
});

test('a sysctl is of its line, and what is none is not passed over', () => {
  const { places, unread } = read(['net.ipv4.ip_forward = 1', 'hello', 'net.ipv4.conf.all.rp_filter = 1']);
  expect(places).toEqual(['sysctl.txt:1', 'sysctl.txt:3']);
  expect(unread).toEqual(['hello']);
});
