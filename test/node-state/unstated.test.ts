import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { loadNetwork, type Network, type Request, traceRequest } from '../../src/index.ts';
import { machineOf } from './machine.ts';

/** A machine between two networks, in the forms that the programs print, of which something was not collected. */
const ADDRESSES = `1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue state UNKNOWN group default qlen 1000
    link/loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00
    inet 127.0.0.1/8 scope host lo
       valid_lft forever preferred_lft forever
2: eth0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP group default qlen 1000
    link/ether 02:00:00:00:00:01 brd ff:ff:ff:ff:ff:ff
    inet 192.168.50.11/24 scope global eth0
       valid_lft forever preferred_lft forever
3: eth1: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP group default qlen 1000
    link/ether 02:00:00:00:00:02 brd ff:ff:ff:ff:ff:ff
    inet 10.9.0.1/24 scope global eth1
       valid_lft forever preferred_lft forever
`;
const ROUTES = `default via 192.168.50.1 dev eth0
10.9.0.0/24 dev eth1 proto kernel scope link src 10.9.0.1
192.168.50.0/24 dev eth0 proto kernel scope link src 192.168.50.11
`;
const IPV6 = `fd00:1::/64 dev eth1 proto kernel metric 256 pref medium
default via fd00:2::1 dev eth0 metric 1024 pref medium
`;
const BASE = { 'ip--d-address': ADDRESSES, 'ip-route': ROUTES };

function asked(network: Network, request: Request) {
  const answer = traceRequest(network, request);
  if (!answer.ok) throw new Error(answer.message);
  const { outcome, reason, assumptions } = answer.trace;
  return { outcome, reason, assumed: assumptions.map((a) => a.message) };
}

const FORWARDED: Request = { source: '10.9.0.2', destination: '8.8.8.8:53/udp', in: 'node/eth1' };
const settings = (values: Readonly<Record<string, number>>) =>
  Object.entries(values)
    .map(([name, value]) => `${name} = ${value}\n`)
    .join('');
const [ALL, ETH1, ETH0] = ['all', 'eth1', 'eth0'].map((d) => (key: string) => `net.ipv4.conf.${d}.${key}`) as [
  (key: string) => string,
  (key: string) => string,
  (key: string) => string,
];
const OFF = { [ALL('rp_filter')]: 0, [ETH0('rp_filter')]: 0, [ETH1('rp_filter')]: 0 };

describe('a sysctl that was not collected is named where the answer hangs on it, with what another value would do', () => {
  test.each([
    ['forwarding', {}, FORWARDED, [/net\.ipv4\.ip_forward, which is taken to be 1; with 0 .* dropped \(FORWARDING_DISABLED\)/]],
    ['not where it was given', { 'net.ipv4.ip_forward': 1 }, FORWARDED, []],
    ['nor where nothing is forwarded', {}, { ...FORWARDED, destination: '10.9.0.1:53/udp' }, []],
    [
      'a source that is beyond another device',
      { 'net.ipv4.ip_forward': 1 },
      { ...FORWARDED, source: '192.168.50.9' },
      [/conf\.all\.rp_filter, which is taken to be 0; with 1 .* dropped \(REVERSE_PATH_FILTER\) \(sysctl/],
    ],
    [
      'of the two that count, the one that is missing',
      { 'net.ipv4.ip_forward': 1, [ALL('rp_filter')]: 0 },
      { ...FORWARDED, source: '192.168.50.9' },
      [/conf\.eth1\.rp_filter, which is taken to be 0/],
    ],
    ['and none where both were given', { 'net.ipv4.ip_forward': 1, ...OFF }, { ...FORWARDED, source: '192.168.50.9' }, []],
    [
      "a source that is the machine's own",
      { 'net.ipv4.ip_forward': 1, ...OFF },
      { ...FORWARDED, source: '192.168.50.11' },
      [/conf\.all\.accept_local, which is taken to be 0; with 1 the connection would be exits/],
    ],
    [
      'a loopback address from outside',
      { 'net.ipv4.ip_forward': 1, ...OFF },
      { ...FORWARDED, destination: '127.0.0.1:53/udp' },
      [/conf\.all\.route_localnet, which is taken to be 0; with 1 the connection would be delivered to 127\.0\.0\.1:53/],
    ],
  ])('%s', (_what, given, request, expected) => {
    const { assumed } = asked(machineOf({ ...BASE, sysctl: settings({ 'net.core.somaxconn': 128, ...given }) }), request);
    const named = assumed.filter((text) => text.includes('nothing that was given'));
    expect(named).toHaveLength(expected.length);
    for (const [i, pattern] of expected.entries()) expect(named[i]).toMatch(pattern);
  });
});

/** Given by a kernel (Linux 6): packets were sent into such a machine. */
describe('accept_local', () => {
  const strict = { [ETH1('rp_filter')]: 1 };
  test.each([
    ['another device has the source', {}, '192.168.50.11', 'exits'],
    ['the same, to the machine itself', {}, '192.168.50.11', 'delivered', '10.9.0.1:53/udp'],
    ['the same, rp_filter is strict', strict, '192.168.50.11', 'dropped'],
    ['the device itself has it, rp_filter is strict', strict, '10.9.0.1', 'exits'],
    ['it is not set', { [ETH1('accept_local')]: 0 }, '192.168.50.11', 'dropped'],
  ])('%s', (_what, more, source, outcome, destination = '8.8.8.8:53/udp') => {
    const sysctl = settings({ 'net.ipv4.ip_forward': 1, ...OFF, [ETH1('accept_local')]: 1, ...more });
    expect(asked(machineOf({ ...BASE, sysctl }), { ...FORWARDED, source, destination }).outcome).toBe(outcome);
  });
});

describe('routes of one family alone say nothing of the other', () => {
  const both: Request = { source: 'fd00:1::2', destination: '[fd00:9::9]:53/udp', in: 'node/eth1' };
  test.each([
    ['IPv6 is not known', BASE, both, 'undetermined', 'ip -6 route show table all'],
    ['IPv4 is not known', { ...BASE, 'ip-route': IPV6 }, FORWARDED, 'undetermined', 'ip -4 route show table all'],
    ['both are', { ...BASE, 'ip--6-route': IPV6 }, both, 'exits', null],
    [
      'there are none of IPv6, as the command said',
      { ...BASE, 'ip--6-route': '# ip -6 route show table all: no output\n' },
      both,
      'dropped',
      null,
    ],
  ])('%s', (_what, files, request, outcome, command) => {
    const answer = asked(machineOf(files), request);
    expect(answer.outcome).toBe(outcome);
    if (command !== null) expect(JSON.stringify(answer.reason?.fix)).toContain(command);
  });
});

describe('whole kinds of state that were not collected', () => {
  const RULE = '0:\tfrom all lookup local\n32766:\tfrom all lookup main\n32767:\tfrom all lookup default\n';
  const sysctl = settings({ 'net.ipv4.ip_forward': 1, ...OFF });
  test.each([
    ['neither rules nor routing rules', {}, ['no rules of node were given', 'no routing rules of node were given']],
    ['an empty ruleset is one', { 'nft-list-ruleset': '# nft list ruleset: no output\n', 'ip-rule': RULE }, []],
    ['routing rules', { 'nft-list-ruleset': '# nft list ruleset: no output\n' }, ['no routing rules of node were given']],
  ])('%s', (_what, more, expected) => {
    const { assumed } = asked(machineOf({ ...BASE, sysctl, ...more }), FORWARDED);
    expect(assumed.filter((text) => text.startsWith('no ')).map((text) => text.split(',')[0])).toEqual(expected);
  });

  const NONE = 'table inet x {\n\tchain c {\n\t\ttype filter hook forward priority filter; policy accept;\n\t}\n}\n';
  test.each([
    ['a table of nft', { 'nft-list-table-inet-x': NONE }, ['only inet x of nft on node was given']],
    ['all of nft', { 'nft-list-ruleset': NONE }, []],
    ['all of nft as well', { 'nft-list-table-inet-x': NONE, 'nft-list-ruleset': NONE }, []],
    ['a table of iptables', { 'iptables--t-nat--S': '-P PREROUTING ACCEPT\n' }, ['only nat of iptables on node was given']],
    ['all of iptables', { 'iptables-save': '*nat\n:PREROUTING ACCEPT [0:0]\nCOMMIT\n' }, []],
  ])('%s', (_what, more, expected) => {
    const { assumed } = asked(machineOf({ ...BASE, sysctl, 'ip-rule': RULE, ...more }), FORWARDED);
    expect(assumed.filter((text) => text.startsWith('only ')).map((text) => text.split(',')[0])).toEqual(expected);
  });

  test('a table of nft is in the place of the one of its name, and the others stay as they are compiled', () => {
    const topology = readFileSync(new URL('../../fixtures/four-pods.yaml', import.meta.url), 'utf8');
    const outcome = (file: string) => {
      const bytes = Buffer.from(topology.replace('kubeProxy: iptables', 'kubeProxy: nftables'));
      const nodeState = [{ node: 'node-1', root: 'state', files: [{ name: `state/${file}`, bytes: Buffer.from(NONE) }] }];
      const loaded = loadNetwork([{ name: 'x.yaml', bytes }], { nodeState });
      if (!loaded.ok) throw new Error(JSON.stringify(loaded.diagnostics));
      return asked(loaded.value, { source: 'pod-a', destination: 'svc/api' }).outcome;
    };
    expect(outcome('nft-list-table-inet-x')).toBe('delivered');
    expect(outcome('nft-list-ruleset')).not.toBe('delivered');
  });

  test('where only rules of IPv6 were, these are asked', () => {
    const rules = '*raw\n:PREROUTING ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n-A PREROUTING -p udp -j DROP\nCOMMIT\n';
    expect(asked(machineOf({ 'ip6tables-save': rules }), { source: 'fd00::1', destination: '[fd00::2]:53/udp' }).reason?.code).toBe(
      'FILTER_DROP',
    );
  });
});
