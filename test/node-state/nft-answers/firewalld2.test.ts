import { describe } from 'vitest';
import { ask } from './asked.ts';

/**
 * `table inet firewalld` of firewalld 1 and later, in both families.
 * As in kernel-answers.test.ts: what becomes of each packet, and the rule that it ends at, was told by a kernel (Linux 6.18, nft 1.0.6).
 */
describe('firewalld with policies between its zones', () => {
  ask('nft-firewalld2', [
    ['forward port', '9.9.9.9', '198.18.0.2:8080', 'eno1', 'br-int: 9.9.9.9 > 10.50.0.8:80'],
    ['redirect port', '9.9.9.9', '198.18.0.2:2022', 'eno1', 'here'],
    ['ssh', '9.9.9.9', '198.18.0.2:22', 'eno1', 'here'],
    [
      'ssh denied',
      '203.0.113.5',
      '198.18.0.2:22',
      'eno1',
      'rejected',
      'FILTER_REJECT ip saddr 203.0.113.0/24 tcp dport 22 reject with icmp host-prohibited',
    ],
    ['blocked', '192.0.2.5', '198.18.0.2:22', 'eno1', 'dropped', 'FILTER_DROP ip saddr @blocklist drop'],
    ['closed', '9.9.9.9', '198.18.0.2:443', 'eno1', 'rejected', 'FILTER_REJECT reject with icmpx admin-prohibited'],
    ['ftp', '9.9.9.9', '198.18.0.2:21', 'eno1', 'here'],
    ['rsh high port', '9.9.9.9', '198.18.0.2:514', 'eno1', 'rejected', 'FILTER_REJECT reject with icmpx admin-prohibited'],
    ['mark', '9.9.9.9', '198.18.0.2:9090', 'eno1', 'rejected', 'FILTER_REJECT reject with icmpx admin-prohibited'],
    ['ping', '9.9.9.9', '198.18.0.2/icmp', 'eno1', 'here'],
    ['trusted any', '10.77.3.3', '10.77.0.1:9999', 'eno2', 'here'],
    ['spoofed trusted', '10.77.3.3', '198.18.0.2:9999', 'eno1', 'rejected', 'FILTER_REJECT reject with icmpx admin-prohibited'],
    ['trusted to int', '10.77.3.3', '10.50.0.5:80', 'eno2', 'br-int: 10.77.3.3 > 10.50.0.5:80'],
    ['trusted to db', '10.77.3.3', '10.50.0.5:3306', 'eno2', 'dropped', 'FILTER_DROP tcp dport 3306 drop'],
    ['eno2 other source', '10.88.3.3', '10.50.0.5:80', 'eno2', 'rejected', 'FILTER_REJECT reject with icmpx admin-prohibited'],
    ['trusted to internet', '10.77.3.3', '9.9.9.9:80', 'eno2', 'rejected', 'FILTER_REJECT reject with icmpx admin-prohibited'],
    ['int dns', '10.50.0.5', '10.50.0.1:53/udp', 'br-int', 'here'],
    ['int ssh', '10.50.0.5', '10.50.0.1:22', 'br-int', 'rejected', 'FILTER_REJECT iifname "br-int" reject with icmpx admin-prohibited'],
    ['int out', '10.50.0.5', '9.9.9.9:80', 'br-int', 'eno1: 198.18.0.2 > 9.9.9.9:80'],
    ['int smtp', '10.50.0.5', '9.9.9.9:25', 'br-int', 'rejected', 'FILTER_REJECT tcp dport 25 reject with tcp reset'],
    ['int quic', '10.50.0.5', '9.9.9.9:443/udp', 'br-int', 'dropped', 'FILTER_DROP udp dport 443 drop'],
    ['int to 10/8', '10.50.0.5', '10.1.1.1:80', 'br-int', 'rejected', 'FILTER_REJECT ip daddr 10.0.0.0/8 reject with icmp net-prohibited'],
    ['int to eno2', '10.50.0.5', '10.77.3.3:80', 'br-int', 'rejected', 'FILTER_REJECT iifname "br-int" reject with icmpx admin-prohibited'],
    ['int smtp udp', '10.50.0.5', '9.9.9.9:25/udp', 'br-int', 'eno1: 198.18.0.2 > 9.9.9.9:25'],
    ['public to int', '9.9.9.9', '10.50.0.9:443', 'eno1', 'br-int: 9.9.9.9 > 10.50.0.9:443'],
    ['public to int other', '9.9.9.9', '10.50.0.9:80', 'eno1', 'rejected', 'FILTER_REJECT reject with icmpx admin-prohibited'],
    ['out to .13', '10.50.0.1', '10.50.0.13:80', null, 'rejected', 'FILTER_REJECT ip daddr 10.50.0.13 reject with icmpx host-unreachable'],
    [
      'out udp to .13',
      '10.50.0.1',
      '10.50.0.13:80/udp',
      null,
      'rejected',
      'FILTER_REJECT ip daddr 10.50.0.13 reject with icmpx host-unreachable',
    ],
    ['out to .14', '10.50.0.1', '10.50.0.14:80', null, 'br-int: 10.50.0.1 > 10.50.0.14:80'],
    ['v6 ssh', '2001:db8:9::9', '[2001:db8:1::2]:22', 'eno1', 'here'],
    [
      'v6 spoofed',
      'fd00:50::7',
      '[2001:db8:1::2]:22',
      'eno1',
      'dropped',
      'FILTER_DROP meta nfproto ipv6 fib saddr . mark . iif oif missing drop',
    ],
    ['v6 forward port', '2001:db8:9::9', '[2001:db8:1::2]:8080', 'eno1', 'br-int: 2001:db8:9::9 > fd00:50::8:80'],
    ['v6 forwarded to', '2001:db8:9::9', '[fd00:50::9]:443', 'eno1', 'rejected', 'FILTER_REJECT reject with icmpx admin-prohibited'],
    [
      'v6 to mapped',
      'fd00:50::9',
      '[2002:a00:1::1]:443',
      'br-int',
      'rejected',
      'FILTER_REJECT ip6 daddr { ::/96, ::ffff:0.0.0.0/96, 2002:a00::/24 } reject with icmpv6 addr-unreachable',
    ],
    ['v6 out', 'fd00:50::9', '[2001:db8:9::9]:443', 'br-int', 'eno1: fd00:50::9 > 2001:db8:9::9:443'],
  ]);
});
