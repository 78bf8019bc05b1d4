import { describe, expect, test } from 'vitest';
import { machineAnswers, machineOf } from './machine.ts';
import { DEVICES, OWN, saved } from './router.ts';

/**
 * Two machines on a bridge: what is expected was given by a kernel (Linux 6.18), where the one called a closed port of the other, and heard that it is, or
 * nothing; of an end that nothing has been heard of, of what is routed and of several addresses behind one device it follows from the routes.
 */

const port = (index: number, isolated?: 'on' | 'off') =>
  `${index}: ve${index - 2}@if2: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue master br0 state UP group default qlen 1000
    link/ether 02:00:00:00:00:0${index} brd ff:ff:ff:ff:ff:ff link-netnsid 0 promiscuity 1
    veth
    bridge_slave state forwarding hairpin off${isolated === undefined ? '' : ` vlan_tunnel off isolated ${isolated} locked off`}
`;
const BR0 = `5: br0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP group default qlen 1000
    link/ether 02:00:00:00:00:05 brd ff:ff:ff:ff:ff:ff promiscuity 0
    bridge forward_delay 1500 hello_time 200 max_age 2000
    inet 172.17.0.1/16 scope global br0
       valid_lft forever preferred_lft forever
`;
const ROUTES = `default via 192.168.50.1 dev eth0
172.17.0.0/16 dev br0 proto kernel scope link src 172.17.0.1
192.168.50.0/24 dev eth0 proto kernel scope link src ${OWN}
`;
const LEARNED = {
  'ip-neigh': '172.17.0.11 dev br0 lladdr ee:00:00:00:00:11 REACHABLE\n172.17.0.12 dev br0 lladdr ee:00:00:00:00:12 STALE\n',
  'bridge-fdb': 'ee:00:00:00:00:11 dev ve1 master br0\nee:00:00:00:00:12 dev ve2 master br0\n',
};

interface Setting {
  readonly forward?: 0 | 1;
  readonly calls?: 0 | 1;
  readonly filter?: string;
  /** Of the two ports. */
  readonly isolated?: readonly ['on' | 'off', 'on' | 'off'];
  /** DNAT of 10.96.0.1 to the second machine. */
  readonly translates?: true;
}

const network = ({ forward = 1, calls = 1, filter, isolated, translates }: Setting, learned: Readonly<Record<string, string>>) =>
  machineOf({
    'ip--d-address': [DEVICES[0], DEVICES[1], port(3, isolated?.[0]), port(4, isolated?.[1]), BR0].join(''),
    'ip-route': ROUTES,
    sysctl: `net.ipv4.ip_forward = ${forward}\nnet.bridge.bridge-nf-call-iptables = ${calls}\nnet.ipv4.conf.all.rp_filter = 0\nnet.ipv4.conf.br0.proxy_arp = 0\n`,
    ...(translates === true
      ? { 'iptables-save': saved({ nat: ['-A PREROUTING -d 10.96.0.1/32 -j DNAT --to-destination 172.17.0.12'] }) }
      : {}),
    ...(filter === undefined
      ? { 'nft-list-ruleset': '# nft list ruleset: no output\n' }
      : { 'iptables-save': saved({ filter: [filter] }) }),
    ...learned,
  });

const drops = (match: string): Setting => ({ filter: `-A FORWARD -p tcp -m tcp --dport 80 ${match} -j DROP` });

type Row = readonly [what: string, setting: Setting, arrives: boolean];

const ROWS: readonly Row[] = [
  ['nothing is in the way', {}, true],
  ['the machine does not forward', { forward: 0 }, true],
  ['the policy is to drop', { filter: '-P FORWARD DROP' }, false],
  ['bridges do not call iptables', { calls: 0, filter: '-P FORWARD DROP' }, true],
  ['the bridge is what it comes in by', drops('-i br0'), false],
  ['its port is not', drops('-i ve1'), true],
  ['the bridge is what it leaves by', drops('-o br0'), false],
  ['the port there is not', drops('-o ve2'), true],
  ['by its port', drops('-m physdev --physdev-in ve1'), false],
  ['not by the other port', drops('-m physdev --physdev-in ve2'), true],
  ['to the other port', drops('-m physdev --physdev-out ve2'), false],
  ['bridged', drops('-m physdev --physdev-is-bridged'), false],
];

describe('between two ports of a bridge', () => {
  test.each(ROWS)('of which it is known who is behind them: %s', (_what, setting, arrives) => {
    const there = machineAnswers(network(setting, LEARNED), '172.17.0.11', '172.17.0.12:80', null).map((a) => a.there);
    expect(there).toEqual([arrives ? 've2: 172.17.0.11 > 172.17.0.12:80' : 'dropped FILTER_DROP']);
  });

  test.each(ROWS)('of which it is not known: %s', (_what, setting, arrives) => {
    const there = machineAnswers(network(setting, {}), '172.17.0.11', '172.17.0.12:80', 've1').map((a) => a.there);
    expect(there).toEqual([arrives ? 'br0: 172.17.0.11 > 172.17.0.12:80' : 'dropped FILTER_DROP']);
  });

  test.each([
    ['to one that nobody has heard of', '172.17.0.11', '172.17.0.77', null],
    ['from one that nobody has heard of', '172.17.0.77', '172.17.0.12', 've1'],
  ])('%s', (_what, from, to, enters) => {
    const [answer] = machineAnswers(network({ forward: 0 }, LEARNED), from, `${to}:80`, enters);
    expect(answer?.there).toBe(`${to.endsWith('77') ? 'br0' : 've2'}: ${from} > ${to}:80`);
    expect(answer?.back).toBe(`${to.endsWith('77') ? 've1' : 'br0'}: ${to}:80 > ${from}`);
  });

  test('what is for others is routed, and needs forwarding', () => {
    const there = (learned: typeof LEARNED | Record<string, never>, forward: 0 | 1) =>
      machineAnswers(network({ forward }, learned), '172.17.0.11', '8.8.8.8:80', 've1').map((a) => a.there);
    expect(there(LEARNED, 1)).toEqual(['eth0: 172.17.0.11 > 8.8.8.8:80']);
    expect(there({}, 1)).toEqual(['eth0: 172.17.0.11 > 8.8.8.8:80']);
    expect(there(LEARNED, 0)).toEqual(['dropped FORWARDING_DISABLED']);
    expect(there({}, 0)).toEqual(['dropped FORWARDING_DISABLED']);
  });
});

describe('a machine with several addresses behind one veth', () => {
  const veth = `3: v1@if2: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP group default qlen 1000
    link/ether 02:00:00:00:00:03 brd ff:ff:ff:ff:ff:ff link-netnsid 0
    veth
`;
  const own = DEVICES[1].replace(/$/, '    inet6 fd00:50::11/64 scope global\n       valid_lft forever preferred_lft forever\n');
  const routed = machineOf({
    'ip--d-address': [DEVICES[0], own, veth].join(''),
    'ip-route': `default via 192.168.50.1 dev eth0\n10.9.0.2 dev v1 scope link\n10.9.0.3 dev v1 scope link\n192.168.50.0/24 dev eth0 proto kernel scope link src ${OWN}\n`,
    'ip--6-route':
      'fd00:9::2 dev v1 metric 1024 pref medium\nfd00:9::3 dev v1 metric 1024 pref medium\nfd00:50::/64 dev eth0 proto kernel metric 256 pref medium\n',
    sysctl: 'net.ipv4.ip_forward = 1\nnet.ipv6.conf.all.forwarding = 1\nnet.ipv4.conf.all.rp_filter = 0\n',
    'nft-list-ruleset': '# nft list ruleset: no output\n',
  });
  test.each([
    ['192.168.50.7', '10.9.0.2'],
    ['192.168.50.7', '10.9.0.3'],
    ['fd00:50::7', 'fd00:9::2'],
    ['fd00:50::7', 'fd00:9::3'],
  ])('%s calls %s', (from, to) => {
    const called = to.includes(':') ? `[${to}]` : to;
    const back = from.includes(':') ? `[${from}]` : from;
    expect(machineAnswers(routed, from, `${called}:80`, 'eth0').map((a) => a.there)).toEqual([`v1: ${from} > ${to}:80`]);
    expect(machineAnswers(routed, to, `${back}:80`, 'v1').map((a) => a.there)).toEqual([`eth0: ${to} > ${from}:80`]);
  });
});

/**
 * Isolated ports. A kernel (Linux 6.18) has given: of two, neither finds the other by ARP; one does where the other's port is none, and the bridge itself; a
 * frame that iptables gave the other's address on the bridge is lost; one that was routed there arrives, and its answer finds nobody.
 */
describe('ports of a bridge that are isolated', () => {
  type Case = readonly [what: string, setting: Setting, to: string, there: string, back: string | null];
  const both = { isolated: ['on', 'on'] } as const;
  const OTHER = '172.17.0.12';
  const SERVICE = '10.96.0.1';
  const ARRIVES = `ve2: 172.17.0.11 > ${OTHER}:80`;
  test.each<Case>([
    ['both: its own kernel tells it so', both, OTHER, 'rejected NEIGHBOUR_UNREACHABLE', 'here'],
    ['the first', { isolated: ['on', 'off'] }, OTHER, ARRIVES, `ve1: ${OTHER}:80 > 172.17.0.11`],
    ['the second', { isolated: ['off', 'on'] }, OTHER, ARRIVES, `ve1: ${OTHER}:80 > 172.17.0.11`],
    ['both, and the machine is called', both, '172.17.0.1', 'here', 've1: 172.17.0.1:80 > 172.17.0.11'],
    ['both, and it goes out', both, '8.8.8.8', 'eth0: 172.17.0.11 > 8.8.8.8:80', 've1: 8.8.8.8:80 > 172.17.0.11'],
    ['both, translated on the bridge', { ...both, translates: true }, SERVICE, 'dropped NEIGHBOUR_UNREACHABLE', null],
  ])('%s', (_what, setting, to, there, back) => {
    expect(machineAnswers(network(setting, LEARNED), '172.17.0.11', `${to}:80`, null)).toEqual([{ there, back }]);
  });

  test('both, translated and routed: the answer finds nobody', () => {
    const [answer] = machineAnswers(network({ ...both, translates: true, calls: 0 }, LEARNED), '172.17.0.11', `${SERVICE}:80`, null);
    expect(answer).toEqual({ there: ARRIVES, back: 'rejected NEIGHBOUR_UNREACHABLE' });
  });

  test.each<readonly [string, Setting, string | null, string]>([
    ['all', both, 've1', 'dropped NEIGHBOUR_UNREACHABLE'],
    ['none that it comes in by', { isolated: ['off', 'on'] }, 've1', 'br0: 172.17.0.11 > 172.17.0.12:80'],
  ])('where nothing tells who is behind them: %s', (_what, setting, enters, there) => {
    expect(machineAnswers(network(setting, {}), '172.17.0.11', `${OTHER}:80`, enters)[0]?.there).toBe(there);
  });
});
