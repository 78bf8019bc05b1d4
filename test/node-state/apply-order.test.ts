import { describe, expect, it } from 'vitest';
import { seenIn } from '../../src/datapath/found/seen.ts';
import { NOTHING_FOUND } from '../../src/datapath/found-state.ts';
import { loadNetwork } from '../../src/index.ts';
import { ip } from '../../src/net/address.ts';
import { readNodeState } from '../../src/node-state/index.ts';

const bytesOf = (text: string) => new TextEncoder().encode(text);

const LINKS = [
  '1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue state UNKNOWN mode DEFAULT group default qlen 1000',
  '    link/loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00 promiscuity 0',
  '3: cni0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP mode DEFAULT group default qlen 1000',
  '    link/ether 0a:58:00:00:00:03 brd ff:ff:ff:ff:ff:ff promiscuity 0',
  '    bridge forward_delay 1500',
  '5: veth1@if2: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue master cni0 state UP mode DEFAULT group default qlen 1000',
  '    link/ether 0a:58:00:00:00:05 brd ff:ff:ff:ff:ff:ff promiscuity 0',
  '    veth',
  '6: cali1@if2: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP mode DEFAULT group default qlen 1000',
  '    link/ether 0a:58:00:00:00:06 brd ff:ff:ff:ff:ff:ff promiscuity 0',
  '    veth',
  '7: cali2@if2: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP mode DEFAULT group default qlen 1000',
  '    link/ether 0a:58:00:00:00:07 brd ff:ff:ff:ff:ff:ff promiscuity 0',
  '    veth',
].join('\n');

describe('the device that an address is behind', () => {
  it.each([
    ['a route by it', '10.244.1.4 dev cali1', 'cali1'],
    ['a route by the port of a bridge, which takes no part in routing', '10.244.1.4 dev veth1 table 100', undefined],
    ['the main table speaks before others', '10.244.1.4 dev cali1\n10.244.1.4 dev cali2 table 100', 'cali1'],
    ['another table, where the main one says nothing', '10.244.1.4 dev cali2 table 100', 'cali2'],
  ])('%s', (_name, routes, expected) => {
    const files = Object.entries({ 'ip -d link': LINKS, 'ip route show table all': routes });
    const { state } = readNodeState(
      'n',
      files.map(([name, text]) => ({ name, path: name.replaceAll(' ', '-'), text: `${text}\n` })),
    );
    expect(seenIn(state ?? NOTHING_FOUND).ways.get(ip('10.244.1.4'))).toBe(expected);
  });
});

const TOPOLOGY = `apiVersion: k8s-trace/v1
kind: Topology
cluster: { podCIDR: 'fd00:1::/48', cni: { plugin: bridge } }
nodes: [{ name: n1, ip: 'fd00:9::11', podCIDR: 'fd00:1:0:1::/64' }]
pods: [{ name: p1, node: n1, ip: 'fd00:1:0:1::2' }]
`;

/** What `ip -d address` shows of d0 after \`ip addr add fd00:9::11/64\` and then \`fd00:9::12/64\`: the newest first, as here. */
const ADDRESSES = `1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue state UNKNOWN group default qlen 1000
    link/loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00 promiscuity 0
    inet6 ::1/128 scope host
2: cni0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP group default qlen 1000
    link/ether 0a:58:00:00:00:02 brd ff:ff:ff:ff:ff:ff promiscuity 0
    bridge forward_delay 1500
    inet6 fd00:1:0:1::1/64 scope global
3: eth0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP group default qlen 1000
    link/ether 0a:58:00:00:00:03 brd ff:ff:ff:ff:ff:ff promiscuity 0
    inet6 fd00:9::12/64 scope global
    inet6 fd00:9::11/64 scope global
`;

describe('the order in which IPv6 looks for a source', () => {
  const files = [{ name: 'n1/ip-d-address', path: 'ip -d address', bytes: bytesOf(ADDRESSES) }];
  const loaded = loadNetwork([{ name: 't.yaml', bytes: bytesOf(TOPOLOGY) }], { nodeState: [{ node: 'n1', files }] });
  if (!loaded.ok) throw new Error(loaded.diagnostics[0]?.message);
  const devices = loaded.value.datapath.netns('n1')?.devices ?? new Map();

  it('devices as they were made', () => {
    expect([...devices.keys()].filter((d) => !d.startsWith('veth'))).toEqual(['lo', 'cni0', 'eth0']);
  });

  it('of a device the newest address, which is shown first and was added last', () => {
    expect(devices.get('eth0')?.addresses.at(-1)?.address).toBe(ip('fd00:9::12'));
  });
});
