import { expect, test } from 'vitest';
import { machineAnswers, machineOf } from './machine.ts';
import { saved } from './router.ts';

/**
 * Rules about headers on a machine that forwards from 10.1.0.2 (fd00:1::2) to 10.2.0.2 (fd00:2::2): whether a SYN to port 80 gets there was given by a kernel
 * (Linux 6.18, iptables 1.8.9).
 */

const DEVICE = (index: number, n: number) => `${index}: v${n}@if2: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP
    link/ether 02:00:00:00:00:0${index} brd ff:ff:ff:ff:ff:ff link-netnsid ${n}
    inet 10.${n}.0.1/24 scope global v${n}
       valid_lft forever preferred_lft forever
    inet6 fd00:${n}::1/64 scope global
       valid_lft forever preferred_lft forever
`;
const BASE = {
  'ip-address': DEVICE(2, 1) + DEVICE(3, 2),
  'ip-route': '10.1.0.0/24 dev v1 proto kernel scope link src 10.1.0.1\n10.2.0.0/24 dev v2 proto kernel scope link src 10.2.0.1\n',
  'ip--6-route': 'fd00:1::/64 dev v1 proto kernel metric 256 pref medium\nfd00:2::/64 dev v2 proto kernel metric 256 pref medium\n',
  sysctl: 'net.ipv4.ip_forward = 1\nnet.ipv6.conf.all.forwarding = 1\nnet.ipv4.conf.all.rp_filter = 0\n',
};

type Row = readonly [program: 'iptables' | 'ip6tables', table: 'filter' | 'mangle', rule: string, there: 'arrives' | string];
const PASSES = 'arrives';
const DROPPED = 'dropped FILTER_DROP';

test.each<Row>([
  ['iptables', 'filter', '-A FORWARD -s 10.0.0.2/255.0.255.255 -j DROP', DROPPED],
  ['iptables', 'filter', '-A FORWARD -s 10.0.1.2/255.0.255.255 -j DROP', PASSES],
  ['iptables', 'filter', '-A FORWARD ! -s 10.0.1.2/255.0.255.255 -j DROP', DROPPED],
  ['iptables', 'filter', '-A FORWARD -d 10.9.0.2/255.0.255.255 -j DROP', DROPPED],
  ['ip6tables', 'filter', '-A FORWARD -s fd00::2/ffff:0:ffff:ffff:ffff:ffff:ffff:ffff -j DROP', DROPPED],
  ['ip6tables', 'filter', '-A FORWARD -s fd00:0:1::2/ffff:0:ffff:ffff:ffff:ffff:ffff:ffff -j DROP', PASSES],
  ['ip6tables', 'filter', '-A FORWARD ! -d ::2/::ffff -j DROP', PASSES],
  ['iptables', 'filter', '-A FORWARD -p tcp -m length --length 60 -j DROP', DROPPED],
  ['iptables', 'filter', '-A FORWARD -p tcp -m tcp --dport 80 -m length --length 61:65535 -j DROP', PASSES],
  ['iptables', 'filter', '-A FORWARD -p tcp -m tcp --dport 80 -m length ! --length 40:60 -j DROP', PASSES],
  ['ip6tables', 'filter', '-A FORWARD -p tcp -m length --length 80 -j DROP', DROPPED],
])('%s -t %s %s: %s', (program, table, rule, there) => {
  const [from, to] = program === 'iptables' ? ['10.1.0.2', '10.2.0.2'] : ['fd00:1::2', 'fd00:2::2'];
  const network = machineOf({ ...BASE, [`${program}-save`]: saved({ [table]: [rule] }) });
  const [answer] = machineAnswers(network, from, to.includes(':') ? `[${to}]:80` : `${to}:80`, 'v1');
  expect(answer?.there).toBe(there === PASSES ? `v2: ${from} > ${to}:80` : there);
});
