import { describe, expect, test } from 'vitest';
import { readNodeState } from '../../src/node-state/index.ts';

/** Outputs of two machines, or of two moments, under one name. */

const conflictsOf = (a: string, b: string) =>
  readNodeState('node-1', [
    { name: 'a', path: 'a', text: a },
    { name: 'b', path: 'b', text: b },
  ]).conflicts.map(({ message }) => message);

const ADDR = `1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue state UNKNOWN group default qlen 1000
    link/loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00
    inet 127.0.0.1/8 scope host lo
       valid_lft forever preferred_lft forever
2: eth0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc fq_codel state UP group default qlen 1000
    link/ether 0a:00:00:00:00:01 brd ff:ff:ff:ff:ff:ff
    inet 192.168.1.11/24 brd 192.168.1.255 scope global eth0
       valid_lft forever preferred_lft forever
    inet6 fd00::11/64 scope global
       valid_lft forever preferred_lft forever
`;
const ROUTES = `default via 192.168.1.1 dev eth0 proto static
192.168.1.0/24 dev eth0 proto kernel scope link src 192.168.1.11
`;
const IFCONFIG = `eth0: flags=4163<UP,BROADCAST,RUNNING,MULTICAST>  mtu 1500
        inet 192.168.1.11  netmask 255.255.255.0  broadcast 192.168.1.255
        ether 0a:00:00:00:00:01  txqueuelen 1000  (Ethernet)
`;
const SETS = `create blocked hash:ip family inet hashsize 1024 maxelem 65536
add blocked 10.0.0.1
add blocked 10.0.0.2
`;
const SOCKETS = `Netid State  Recv-Q Send-Q Local Address:Port  Peer Address:PortProcess
udp   UNCONN 0      0            0.0.0.0:40123      0.0.0.0:*
tcp   LISTEN 0      4096       127.0.0.1:41001      0.0.0.0:*
tcp   LISTEN 0      128          0.0.0.0:22         0.0.0.0:*
`;
const connections = (first: number) =>
  [0, 1, 2, 3, 4]
    .map(
      (i) =>
        `tcp      6 86399 ESTABLISHED src=10.244.1.10 dst=10.96.0.1 sport=${first + i} dport=443 src=192.168.1.11 dst=10.244.1.10 sport=6443 dport=${first + i} [ASSURED] mark=0 use=1\n`,
    )
    .join('');

describe('of two machines', () => {
  test.each([
    [
      'other addresses',
      ADDR,
      ADDR.replaceAll('.11', '.12').replaceAll('::11', '::12'),
      [
        'the addresses of eth0 (IPv4) of node node-1 are in a:7, too, and are not the same there',
        'the addresses of eth0 (IPv6) of node node-1 are in a:9, too, and are not the same there',
      ],
    ],
    [
      'another MAC address',
      ADDR,
      ADDR.replace('0a:00:00:00:00:01', '0a:00:00:00:00:02'),
      ['device eth0 of node node-1 is in a:5, too, and is not the same there'],
    ],
    [
      'another number of a device',
      ADDR,
      ADDR.replace('2: eth0', '3: eth0'),
      ['device eth0 of node node-1 is in a:5, too, and is not the same there'],
    ],
    [
      'a route from an address of the other one',
      ADDR,
      ROUTES.replace('.11', '.12'),
      ['a route of node node-1 has the source 192.168.1.12, which is none of the addresses in a:3 and below'],
    ],
    [
      'a set with other members',
      SETS,
      SETS.replace('10.0.0.2', '10.0.0.3'),
      ['the ipset blocked of node node-1 is in a:1, too, and is not the same there'],
    ],
    [
      'other sockets',
      SOCKETS,
      SOCKETS.replace('41001', '33333'),
      ['the sockets that listen of node node-1 are in a:3, too, and are not the same there'],
    ],
    [
      'other connections',
      connections(40000),
      connections(50000),
      ['the connections (IPv4) of node node-1 are in a:1, too, and are not the same there'],
    ],
    [
      'other routing rules',
      '0:\tfrom all lookup local\n32766:\tfrom all lookup main\n32767:\tfrom all lookup default\n',
      '0:\tfrom all lookup local\n100:\tfrom all lookup 7\n32767:\tfrom all lookup default\n',
      ['the routing rules (IPv4) of node node-1 are in a:1, too, and are not the same there'],
    ],
  ])('%s', (_what, a, b, messages) => {
    expect(conflictsOf(a, b)).toEqual(messages);
    expect(conflictsOf(a, a)).toEqual([]);
  });
});

describe('of one machine', () => {
  test.each([
    ['the same, less of it', ADDR, 'lo               UNKNOWN        127.0.0.1/8 \neth0             UP             192.168.1.11/24 \n'],
    [
      'one that has no second address',
      ADDR.replace('    inet6', '    inet 192.168.1.99/24 scope global secondary eth0\n    inet6'),
      IFCONFIG,
    ],
    ['a route from an address that ifconfig does not show', IFCONFIG, ROUTES.replace('.11', '.99')],
    ['a route from one of a range that is all its own', ADDR, `${ROUTES.replace('.11', '.99')}local 192.168.1.0/24 dev lo scope host\n`],
    [
      'a pod that has come',
      ADDR,
      `${ADDR}5: veth1@if2: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP group default\n    link/ether 0a:00:00:00:00:09 brd ff:ff:ff:ff:ff:ff link-netnsid 0\n`,
    ],
    [
      'temporary addresses, one of which has changed',
      ADDR.replace('    inet6', '    inet6 fd00::aaaa/64 scope global temporary dynamic\n    inet6'),
      ADDR.replace('    inet6', '    inet6 fd00::bbbb/64 scope global temporary dynamic\n    inet6'),
    ],
    ['a program that has come', SOCKETS, `${SOCKETS}tcp   LISTEN 0      128          0.0.0.0:80         0.0.0.0:*\n`],
    ['clients of UDP', SOCKETS, SOCKETS.replace('40123', '40124')],
    ['connections, some of which are new', connections(40000), connections(40002)],
  ])('%s', (_what, a, b) => {
    expect(conflictsOf(a, b)).toEqual([]);
  });
});
