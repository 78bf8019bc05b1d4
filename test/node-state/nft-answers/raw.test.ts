import { describe, expect, test } from 'vitest';
import { machine } from '../machine.ts';
import { asked } from './asked.ts';

/**
 * A rule for each question, all of them in chains before conntrack (priority raw - 50), in FORWARD, POSTROUTING and OUTPUT.
 * As in kernel-answers.test.ts: what becomes of each packet, and the rule that it ends at, was told by a kernel (Linux 6.18, nft 1.0.6).
 */
const CODES: Readonly<Record<string, string>> = { rejected: 'FILTER_REJECT', undetermined: 'FACT_MISSING' };

describe('What rules ask before and after conntrack', () => {
  const network = machine('nft-raw');
  test.each<readonly [string, string]>([
    ['tcp dport 1001 ct state invalid drop', 'dropped'],
    ['tcp dport 1002 ct state untracked drop', 'eth-b: 10.1.0.2 > 10.2.0.9:1002'],
    ['tcp dport 1003 ct state new drop', 'eth-b: 10.1.0.2 > 10.2.0.9:1003'],
    ['tcp dport 1004 ct mark 0x00000000 drop', 'eth-b: 10.1.0.2 > 10.2.0.9:1004'],
    ['tcp dport 1005 ct status dnat drop', 'eth-b: 10.1.0.2 > 10.2.0.9:1005'],
    ['tcp dport 1008 ct direction original drop', 'eth-b: 10.1.0.2 > 10.2.0.9:1008'],
    ['tcp dport 1009 ct state != established drop', 'dropped'],
    ['tcp dport 1010 fib daddr type != local drop', 'dropped'],
    ['tcp dport 1011 fib saddr oif missing drop', 'eth-b: 10.1.0.2 > 10.2.0.9:1011'],
    ['tcp dport 1013 fib daddr . iif type { local, broadcast, multicast } drop', 'eth-b: 10.1.0.2 > 10.2.0.9:1013'],
    ['tcp dport 1014 oifname != "eth-a" drop', 'dropped'],
    ['tcp dport 1018 meta protocol ip drop', 'dropped'],
    ['tcp dport 1019 meta length > 1000 drop', 'eth-b: 10.1.0.2 > 10.2.0.9:1019'],
    ['tcp dport 1021 ip option lsrr exists drop', 'eth-b: 10.1.0.2 > 10.2.0.9:1021'],
    ['tcp dport 1022 tcp dport 1022 drop', 'dropped'],
    ['tcp dport 1024 ip frag-off & 8191 != 0 drop', 'eth-b: 10.1.0.2 > 10.2.0.9:1024'],
    ['tcp dport 1025 meta cgroup 5 drop', 'eth-b: 10.1.0.2 > 10.2.0.9:1025'],
    ['tcp dport 1026 meta skuid 0 drop', 'eth-b: 10.1.0.2 > 10.2.0.9:1026'],
    ['tcp dport 1027 socket transparent 1 drop', 'undetermined'],
    ['tcp dport 1032 meta nftrace set 1 counter packets 0 bytes 0 drop', 'dropped'],
    ['tcp dport 1033 ip dscp ef drop', 'undetermined'],
    ['tcp dport 1035 tcp flags syn / fin,syn,rst,ack drop', 'dropped'],
    ['tcp dport 1036 tcp flags != syn drop', 'eth-b: 10.1.0.2 > 10.2.0.9:1036'],
    ['tcp dport 1037 tcp flags ! ack drop', 'dropped'],
    ['tcp dport 1039 ct count 5 drop', 'undetermined'],
    ['tcp dport 1040 ether type ip drop', 'dropped'],
    ['tcp dport 1042 meta time > "2020-01-01 00:00:00" drop', 'undetermined'],
    ['tcp dport 1049 ip dscp set ef', 'eth-b: 10.1.0.2 > 10.2.0.9:1049'],
    ['tcp dport 1050 ip daddr set 10.2.0.77', 'undetermined'],
    ['tcp dport 1051 tcp dport set 1151', 'undetermined'],
    ['tcp dport 1053 meta pkttype { broadcast, multicast } drop', 'eth-b: 10.1.0.2 > 10.2.0.9:1053'],
    ['tcp dport 1054 ip protocol != { tcp, udp } drop', 'eth-b: 10.1.0.2 > 10.2.0.9:1054'],
    ['tcp dport 1055 ip daddr != 10.2.0.0/24 ip daddr != 10.3.0.0/24 drop', 'eth-b: 10.1.0.2 > 10.2.0.9:1055'],
    ['tcp dport 1056 ip saddr 10.1.0.2-10.1.0.8 ip daddr { 10.2.0.1, 10.2.0.5-10.2.0.9, 10.2.0.64/27 } drop', 'dropped'],
    ['tcp dport 1059 iifname "eth-*" drop', 'dropped'],
    ['tcp dport 1060 iifname { "lo", "eth-b" } drop', 'eth-b: 10.1.0.2 > 10.2.0.9:1060'],
    ['tcp dport 1072 ip saddr . ip daddr . iifname { 10.1.0.0/24 . 10.2.0.0/24 . "eth-a" } drop', 'dropped'],
    ['tcp dport 1073 ip version 4 drop', 'dropped'],
    ['tcp dport 1074 reject', 'rejected'],
    ['tcp dport 1075 reject with tcp reset', 'rejected'],
    ['tcp dport 1077 meta mark != 0x00000000 drop', 'eth-b: 10.1.0.2 > 10.2.0.9:1077'],
    ['tcp dport 1078 meta mark set 0x000000ff meta mark & 0x000000f0 == 0x000000f0 drop', 'dropped'],
    ['tcp dport 1087 drop', 'eth-b: 10.1.0.2 > 10.2.0.9:1087'],
    ['udp dport 1076 reject with icmp net-prohibited', 'rejected'],
    ['tcp dport 1028 meta random < 2147483648 drop', 'undetermined'],
    ['tcp dport 1029 numgen random mod 4 < 1 drop', 'dropped | eth-b: 10.1.0.2 > 10.2.0.9:1029'],
    ['tcp dport 1030 symhash mod 2 0 drop', 'undetermined'],
    ['tcp dport 1101 ct state invalid drop', 'eth-b: 10.1.0.2 > 10.2.0.9:1101'],
    ['tcp dport 1102 iifname "eth-a" oifname "eth-b" reject with icmp host-unreachable', 'rejected'],
    ['tcp dport 1107 ct original proto-dst 1107 ct reply ip saddr 10.2.0.9 drop', 'dropped'],
    ['tcp dport 1108 ct status ! confirmed drop', 'undetermined'],
    ['tcp dport 1114 ct state new,untracked drop', 'dropped'],
    ['tcp dport 1115 ct state { new, untracked } drop', 'dropped'],
    ['tcp dport 1116 ct state != { established, related } drop', 'dropped'],
    ['tcp dport 1118 ct protocol tcp drop', 'dropped'],
    ['tcp dport 1119 ct zone 0 drop', 'undetermined'],
    ['tcp dport 1122 meta mark set 0x00000005 ct mark set meta mark ct mark 0x00000005 drop', 'dropped'],
    ['tcp dport 1201 iifname "eth-a" drop', 'dropped'],
    ['tcp dport 1204 ct state new drop', 'dropped'],
  ])('%s', (rule, ways) => {
    const [, protocol, port] = /^(tcp|udp) dport (\d+)/.exec(rule) ?? [];
    const ended = /^(?:dropped|rejected|undetermined)/.test(ways) ? `${CODES[ways] ?? 'FILTER_DROP'} ${rule}` : null;
    expect(asked(network, '10.1.0.2', `10.2.0.9:${port}/${protocol}`, 'eth-a')).toEqual([ways, ended]);
  });

  test('tcp dport 1048 ip ttl set 1, before it is to be sent on', () => {
    const route = 'TTL_EXPIRED 10.2.0.0/24 dev eth-b proto kernel scope link src 10.2.0.1';
    expect(asked(network, '10.1.0.2', '10.2.0.9:1048/tcp', 'eth-a')).toEqual(['rejected', route]);
  });
});
