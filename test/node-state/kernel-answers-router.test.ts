import { describe, expect, test } from 'vitest';
import { machineAnswers, machineOf } from './machine.ts';
import { DEVICES, OWN, router, saved } from './router.ts';

/**
 * What is expected was given by a kernel (Linux 6.18): such machines were built in a network namespace, datagrams to port 9000 sent from behind
 * their devices or by a process there, caught where they came out and answered there.
 */

type Row = readonly [what: string, from: string, to: string, enters: string | null, expected: string, back?: string];

const check = (network: Parameters<typeof machineAnswers>[0], rows: readonly Row[]) =>
  test.each(rows.map((row) => [row[0], row] as const))('%s', (_what, [, from, to, enters, expected, back]) => {
    const [answer, ...others] = machineAnswers(network, from, `${to.includes(':') ? `[${to}]` : to}:9000/udp`, enters);
    expect(others).toEqual([]);
    expect(answer?.there).toBe(expected);
    if (back !== undefined) expect(answer?.back).toBe(back);
  });

describe('a firewall that lets in nothing but what it names', () => {
  const CLOSED = ['-P INPUT DROP', '-P FORWARD DROP', '-A FORWARD -i eth1 -j ACCEPT'];
  const nat = ['-A POSTROUTING -o eth0 -j MASQUERADE'];
  describe('and forgets the answers', () => {
    check(router({ more: { 'iptables-save': saved({ nat, filter: CLOSED }) } }), [
      ['of what it forwards', '10.9.0.2', '8.8.8.8', 'eth1', `eth0: ${OWN} > 8.8.8.8:9000`, 'dropped FILTER_DROP'],
      ['of what it sends', OWN, '8.8.8.8', null, `eth0: ${OWN} > 8.8.8.8:9000`, 'dropped FILTER_DROP'],
      ['from outside', '8.8.8.8', '10.9.0.2', 'eth0', 'dropped FILTER_DROP'],
    ]);
  });
  describe('and answers', () => {
    const open = ['FORWARD', 'INPUT'].map((chain) => `-A ${chain} -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT`);
    check(router({ more: { 'iptables-save': saved({ nat, filter: [...CLOSED, ...open] }) } }), [
      ['of what it forwards', '10.9.0.2', '8.8.8.8', 'eth1', `eth0: ${OWN} > 8.8.8.8:9000`, 'eth1: 8.8.8.8:9000 > 10.9.0.2'],
      ['of what it sends', OWN, '8.8.8.8', null, `eth0: ${OWN} > 8.8.8.8:9000`, 'here'],
    ]);
  });
});

describe('a routing rule by a mark', () => {
  const marked = {
    rules: '32765:\tfrom all fwmark 0x10 lookup 100\n',
    routes: 'default via 192.168.50.1 dev eth0\ndefault via 172.20.0.2 dev eth2 table 100\n',
  };
  const mangle = [
    '-A PREROUTING -i eth1 -p udp -m udp --dport 9000 -j MARK --set-xmark 0x10/0xffffffff',
    '-A OUTPUT -d 1.1.1.1/32 -p udp -m udp --dport 9000 -j MARK --set-xmark 0x10/0xffffffff',
  ];
  const [all, valid] = ['conf.all.rp_filter', 'conf.all.src_valid_mark'];
  const withSysctls = (sysctls: Readonly<Record<string, number>>, more: readonly string[] = []) =>
    router({ ...marked, sysctls, more: { 'iptables-save': saved({ mangle: [...mangle, ...more] }) } });
  describe('rp_filter is loose', () => {
    check(withSysctls({ [all]: 2 }), [
      ['forwarded', '10.9.0.2', '8.8.8.8', 'eth1', 'eth2: 10.9.0.2 > 8.8.8.8:9000', 'eth1: 8.8.8.8:9000 > 10.9.0.2'],
      ['sent from here', OWN, '1.1.1.1', null, `eth2: ${OWN} > 1.1.1.1:9000`, 'here'],
      ['not marked', OWN, '8.8.8.8', null, `eth0: ${OWN} > 8.8.8.8:9000`, 'here'],
    ]);
  });
  describe('rp_filter is strict', () => {
    check(withSysctls({ [all]: 1 }), [
      ['forwarded', '10.9.0.2', '8.8.8.8', 'eth1', 'eth2: 10.9.0.2 > 8.8.8.8:9000', 'dropped REVERSE_PATH_FILTER'],
      ['sent from here', OWN, '1.1.1.1', null, `eth2: ${OWN} > 1.1.1.1:9000`, 'dropped REVERSE_PATH_FILTER'],
      ['not marked', OWN, '8.8.8.8', null, `eth0: ${OWN} > 8.8.8.8:9000`, 'here'],
    ]);
  });
  describe('rp_filter is strict, and sees the mark', () => {
    check(withSysctls({ [all]: 1, [valid]: 1 }, ['-A PREROUTING -i eth2 -j MARK --set-xmark 0x10/0xffffffff']), [
      ['forwarded', '10.9.0.2', '8.8.8.8', 'eth1', 'dropped REVERSE_PATH_FILTER'],
      ['sent from here', OWN, '1.1.1.1', null, `eth2: ${OWN} > 1.1.1.1:9000`, 'here'],
    ]);
  });
});

describe('Docker without its proxy', () => {
  const nat = [
    '-A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER',
    '-A OUTPUT -m addrtype --dst-type LOCAL -j DOCKER',
    '-A POSTROUTING -s 10.9.0.0/24 ! -o eth1 -j MASQUERADE',
    '-A POSTROUTING -o eth1 -m addrtype --src-type LOCAL -j MASQUERADE',
    '-A POSTROUTING -s 10.9.0.2/32 -d 10.9.0.2/32 -p udp -m udp --dport 8000 -j MASQUERADE',
    '-A DOCKER -p udp -m udp --dport 9000 -j DNAT --to-destination 10.9.0.2:8000',
  ];
  const text = saved({ nat }).replace('\n-A', '\n:DOCKER - [0:0]\n-A');
  const docker = (localnet: number) => router({ sysctls: { 'conf.eth1.route_localnet': localnet }, more: { 'iptables-save': text } });
  describe('with route_localnet', () => {
    check(docker(1), [
      ['from outside', '8.8.8.8', OWN, 'eth0', 'eth1: 8.8.8.8 > 10.9.0.2:8000', `eth0: ${OWN}:9000 > 8.8.8.8`],
      ['from another network', '172.20.0.5', '10.9.0.1', 'eth2', 'eth1: 172.20.0.5 > 10.9.0.2:8000', 'eth2: 10.9.0.1:9000 > 172.20.0.5'],
      ['at 127.0.0.1', OWN, '127.0.0.1', null, 'eth1: 10.9.0.1 > 10.9.0.2:8000', 'here'],
      ['from the machine', OWN, OWN, null, 'eth1: 10.9.0.1 > 10.9.0.2:8000', 'here'],
      ['from the container itself', '10.9.0.2', OWN, 'eth1', 'eth1: 10.9.0.1 > 10.9.0.2:8000', `eth1: ${OWN}:9000 > 10.9.0.2`],
    ]);
  });
  describe('without', () => {
    check(docker(0), [
      ['at 127.0.0.1', 'node', '127.0.0.1', null, 'rejected MARTIAN_ADDRESS'],
      [
        'at 127.0.0.1, by a program that chose another address of its own',
        OWN,
        '127.0.0.1',
        null,
        'eth1: 10.9.0.1 > 10.9.0.2:8000',
        'here',
      ],
      ['from the machine', OWN, OWN, null, 'eth1: 10.9.0.1 > 10.9.0.2:8000', 'here'],
    ]);
  });
});

describe('answers by another way than the request', () => {
  check(router({ routes: 'default via 192.168.50.1 dev eth0\n9.9.9.0/24 via 172.20.0.2 dev eth2\n' }), [
    [
      'of a client that came in by another',
      '9.9.9.9',
      '10.9.0.5',
      'eth0',
      'eth1: 9.9.9.9 > 10.9.0.5:9000',
      'eth2: 10.9.0.5:9000 > 9.9.9.9',
    ],
    [
      'to a client that should not be there',
      '10.9.0.5',
      '8.8.8.8',
      'eth2',
      'eth0: 10.9.0.5 > 8.8.8.8:9000',
      'eth1: 8.8.8.8:9000 > 10.9.0.5',
    ],
  ]);
});

describe('SNAT to an address that nothing here has', () => {
  const nat = [
    '-A PREROUTING -d 10.9.0.1/32 -p udp -m udp --dport 9000 -j DNAT --to-destination 172.20.0.9:7',
    '-A POSTROUTING -o eth0 -j SNAT --to-source 192.168.50.99',
  ];
  check(router({ more: { 'iptables-save': saved({ nat }) } }), [
    ['forwarded', '10.9.0.2', '8.8.8.8', 'eth1', 'eth0: 192.168.50.99 > 8.8.8.8:9000', 'eth1: 8.8.8.8:9000 > 10.9.0.2'],
    ['to another port', '10.9.0.2', '10.9.0.1', 'eth1', 'eth2: 10.9.0.2 > 172.20.0.9:7', 'eth1: 10.9.0.1:9000 > 10.9.0.2'],
    ['sent from here', OWN, '8.8.8.8', null, 'eth0: 192.168.50.99 > 8.8.8.8:9000', 'here'],
  ]);
});

describe('two ways out, each by rules of its own', () => {
  const network = router({
    routes:
      'default proto static\n\tnexthop via 192.168.50.1 dev eth0 weight 1\n\tnexthop via 172.20.0.2 dev eth2 weight 1\ndefault via 192.168.50.1 dev eth0 table 101\ndefault via 172.20.0.2 dev eth2 table 102\n',
    rules: '32764:\tfrom 172.20.0.1 lookup 102\n32765:\tfrom 192.168.50.11 lookup 101\n',
  });
  check(network, [
    ['bound to one address', OWN, '8.8.8.8', null, `eth0: ${OWN} > 8.8.8.8:9000`, 'here'],
    ['bound to the other', '172.20.0.1', '8.8.8.8', null, 'eth2: 172.20.0.1 > 8.8.8.8:9000', 'here'],
  ]);
});

describe('of two default routes, the one with the lower metric; and those that refuse', () => {
  const network = router({
    routes: `default via 172.20.0.2 dev eth2 metric 100
default via 192.168.50.1 dev eth0 metric 200
throw 100.64.0.0/10
prohibit 192.0.2.0/24
unreachable 198.51.100.0/24
blackhole 203.0.113.0/24
`,
  });
  check(network, [
    ['forwarded', '10.9.0.2', '8.8.8.8', 'eth1', 'eth2: 10.9.0.2 > 8.8.8.8:9000', 'eth1: 8.8.8.8:9000 > 10.9.0.2'],
    ['sent from the other address', OWN, '8.8.8.8', null, `eth2: ${OWN} > 8.8.8.8:9000`],
    ['blackhole', '10.9.0.2', '203.0.113.5', 'eth1', 'dropped BLACKHOLE_ROUTE'],
    ['unreachable', '10.9.0.2', '198.51.100.5', 'eth1', 'rejected UNREACHABLE_ROUTE'],
    ['prohibit', '10.9.0.2', '192.0.2.7', 'eth1', 'rejected PROHIBIT_ROUTE'],
    ['throw, and nothing after it', '10.9.0.2', '100.64.1.1', 'eth1', 'rejected NO_ROUTE'],
    ['blackhole, sent from here', OWN, '203.0.113.5', null, 'rejected BLACKHOLE_ROUTE'],
  ]);
});

describe('a VPN with suppress_prefixlength, and a kill switch', () => {
  const wg0 = `5: wg0: <POINTOPOINT,NOARP,UP,LOWER_UP> mtu 1420 qdisc noqueue state UNKNOWN group default qlen 1000
    link/none
    wireguard
    inet 10.66.0.2/32 scope global wg0
       valid_lft forever preferred_lft forever
`;
  const network = router({
    addresses: wg0,
    routes: 'default via 192.168.50.1 dev eth0\ndefault dev wg0 table 51820 scope link\n',
    rules: '32764:\tfrom all lookup main suppress_prefixlength 0\n32765:\tnot from all fwmark 0xca6c lookup 51820\n',
    more: {
      'iptables-save': saved({
        filter: ['-A OUTPUT ! -o wg0 -m mark ! --mark 0xca6c -m addrtype ! --dst-type LOCAL -j REJECT --reject-with icmp-port-unreachable'],
      }),
    },
  });
  check(network, [
    ['outside goes by the VPN', 'node', '8.8.8.8', null, 'wg0: 10.66.0.2 > 8.8.8.8:9000'],
    ['its own network is cut off', OWN, '192.168.50.77', null, 'rejected FILTER_REJECT'],
    ['what it forwards goes by the VPN, too', '10.9.0.2', '8.8.8.8', 'eth1', 'wg0: 10.9.0.2 > 8.8.8.8:9000'],
    ['and is not rejected in its own network', '10.9.0.2', '192.168.50.77', 'eth1', 'eth0: 10.9.0.2 > 192.168.50.77:9000'],
    ['itself', OWN, OWN, null, 'here'],
  ]);
});

describe('routing rules by what a packet comes from, and by devices', () => {
  const network = router({
    routes: 'default via 192.168.50.1 dev eth0\ndefault via 172.20.0.2 dev eth2 table 100\n6.6.6.6 via 172.20.0.77 dev eth2 table 200\n',
    rules:
      '40:\tfrom all oif eth2 lookup 200\n50:\tfrom 10.9.0.66 blackhole\n32763:\tfrom all to 8.8.4.4 prohibit\n32764:\tfrom 10.9.0.0/24 lookup 100\n',
  });
  check(network, [
    ['its source', '10.9.0.2', '8.8.8.8', 'eth1', 'eth2: 10.9.0.2 > 8.8.8.8:9000'],
    ['another source', OWN, '8.8.8.8', null, `eth0: ${OWN} > 8.8.8.8:9000`],
    ['its destination', '10.9.0.2', '8.8.4.4', 'eth1', 'rejected PROHIBIT_ROUTE'],
    ['a rule that discards', '10.9.0.66', '8.8.8.8', 'eth1', 'dropped BLACKHOLE_ROUTE'],
    [
      'oif is of programs that are bound to a device, and of no other packet',
      '10.9.0.2',
      '6.6.6.6',
      'eth1',
      'eth2: 10.9.0.2 > 6.6.6.6:9000',
    ],
    ['nor of what an unbound program sends', OWN, '6.6.6.6', null, `eth0: ${OWN} > 6.6.6.6:9000`],
  ]);
});

describe('the MTU of a route, of datagrams of 1400 bytes that must not be fragmented', () => {
  const network = router({
    routes: `default via 192.168.50.1 dev eth0
8.8.6.0/24 via 172.20.0.2 dev eth2 mtu 9000
8.8.7.0/24 via 192.168.50.1 dev eth0 mtu lock 1300
8.8.8.0/24 via 192.168.50.1 dev eth0 mtu 1300
`,
  });
  test.each([
    ['forwarded', '10.9.0.2', '8.8.8.8', 'eth1', 'rejected MTU_EXCEEDED'],
    ['forwarded, locked', '10.9.0.2', '8.8.7.7', 'eth1', 'rejected MTU_EXCEEDED'],
    ['more than its device takes', '10.9.0.2', '8.8.6.8', 'eth1', 'eth2: 10.9.0.2 > 8.8.6.8:9000'],
    ['another route', '10.9.0.2', '8.8.5.8', 'eth1', 'eth0: 10.9.0.2 > 8.8.5.8:9000'],
    ['sent from here', OWN, '8.8.8.8', null, 'rejected MTU_EXCEEDED'],
  ])('%s', (_what, from, to, enters, expected) => {
    expect(machineAnswers(network, from, `${to}:9000/udp`, enters, 1400).map((a) => a.there)).toEqual([expected]);
  });
});

describe('a device without carrier', () => {
  const routes = 'default via 172.20.0.2 dev eth2 metric 100 linkdown\ndefault via 192.168.50.1 dev eth0 metric 200\n';
  describe('keeps its routes', () => {
    check(router({ noCarrier: 'eth2', routes }), [
      ['what is forwarded', '10.9.0.2', '8.8.8.8', 'eth1', 'rejected LINK_DOWN'],
      ['its own network', '10.9.0.2', '172.20.0.9', 'eth1', 'rejected LINK_DOWN'],
      ['the address on it', '10.9.0.2', '172.20.0.1', 'eth1', 'here'],
    ]);
  });
  describe('but for ignore_routes_with_linkdown', () => {
    check(router({ noCarrier: 'eth2', routes, sysctls: { 'conf.eth2.ignore_routes_with_linkdown': 1 } }), [
      ['what is forwarded', '10.9.0.2', '8.8.8.8', 'eth1', 'eth0: 10.9.0.2 > 8.8.8.8:9000'],
      ['its own network', '10.9.0.2', '172.20.0.9', 'eth1', 'eth0: 10.9.0.2 > 172.20.0.9:9000'],
      ['the address on it', '10.9.0.2', '172.20.0.1', 'eth1', 'here'],
    ]);
  });
});

describe('a bridge whose forwarding table tells who is behind which port', () => {
  const port = (index: number) =>
    `${index}: eth${index - 2}@if2: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue master br0 state UP group default qlen 1000
    link/ether 02:00:00:00:00:0${index} brd ff:ff:ff:ff:ff:ff link-netnsid 0 promiscuity 1
    veth
    bridge_slave state forwarding hairpin off
`;
  const br0 = `5: br0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP group default qlen 1000
    link/ether 02:00:00:00:00:05 brd ff:ff:ff:ff:ff:ff promiscuity 0
    bridge forward_delay 1500 hello_time 200 max_age 2000
    inet 10.9.0.1/24 scope global br0
       valid_lft forever preferred_lft forever
`;
  const nat = ['-A PREROUTING -d 10.9.0.1/32 -p udp -m udp --dport 9000 -j DNAT --to-destination 10.9.0.2:8000'];
  const network = machineOf({
    'ip--d-address': [DEVICES[0], DEVICES[1], port(3), port(4), br0].join(''),
    'ip-route': `default via 192.168.50.1 dev eth0\n10.9.0.0/24 dev br0 proto kernel scope link src 10.9.0.1\n192.168.50.0/24 dev eth0 proto kernel scope link src ${OWN}\n`,
    'ip-neigh': '10.9.0.2 dev br0 lladdr ee:00:00:00:00:02 REACHABLE\n10.9.0.3 dev br0 lladdr ee:00:00:00:00:03 REACHABLE\n',
    'bridge-fdb':
      'ee:00:00:00:00:02 dev eth1 master br0\nee:00:00:00:00:03 dev eth2 master br0\n02:00:00:00:00:03 dev eth1 master br0 permanent\n',
    sysctl: 'net.ipv4.ip_forward = 1\nnet.bridge.bridge-nf-call-iptables = 1\nnet.ipv4.conf.all.rp_filter = 0\n',
    'iptables-save': saved({ nat }),
  });
  check(network, [
    ['from the other port', '10.9.0.3', '10.9.0.1', 'eth2', 'eth1: 10.9.0.3 > 10.9.0.2:8000'],
    ['back to its own port, without hairpin', '10.9.0.2', '10.9.0.1', 'eth1', 'dropped HAIRPIN_OFF'],
    ['outside', '10.9.0.2', '8.8.8.8', 'eth1', 'eth0: 10.9.0.2 > 8.8.8.8:9000'],
    ['from here', OWN, '10.9.0.3', null, `eth2: ${OWN} > 10.9.0.3:9000`],
    ['from outside', '8.8.8.8', '10.9.0.3', 'eth0', 'eth2: 8.8.8.8 > 10.9.0.3:9000'],
    ['one that nobody has heard of may be there', OWN, '10.9.0.9', null, `br0: ${OWN} > 10.9.0.9:9000`],
  ]);
});
