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
