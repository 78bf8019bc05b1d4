import { describe } from 'vitest';
import { ask } from './asked.ts';

/**
 * `table ip docker-bridges` as Docker 29 writes it, and base chains before and after its own.
 * As in kernel-answers.test.ts: what becomes of each packet, and the rule that it ends at, was told by a kernel (Linux 6.18, nft 1.0.6).
 */
describe('Docker with its nftables backend, beside rules of an administrator', () => {
  ask('nft-docker29', [
    ['published', '198.51.100.9', '192.168.1.50:8080', 'enp1s0', 'br-5e1a: 198.51.100.9 > 172.19.0.2:80'],
    ['published udp', '198.51.100.9', '192.168.1.50:5353/udp', 'enp1s0', 'br-5e1a: 198.51.100.9 > 172.19.0.3:53'],
    ['published docker0', '198.51.100.9', '192.168.1.50:2375', 'enp1s0', 'docker0: 198.51.100.9 > 172.17.0.2:2375'],
    [
      'direct',
      '198.51.100.9',
      '172.19.0.2:80',
      'enp1s0',
      'dropped',
      'FILTER_DROP ip daddr 172.19.0.2 iifname != "br-5e1a" counter packets 0 bytes 0 drop comment "DROP DIRECT ACCESS"',
    ],
    ['direct udp', '198.51.100.9', '172.19.0.3:53/udp', 'enp1s0', 'br-5e1a: 198.51.100.9 > 172.19.0.3:53'],
    ['direct docker0', '198.51.100.9', '172.17.0.2:2375', 'enp1s0', 'docker0: 198.51.100.9 > 172.17.0.2:2375'],
    [
      'unpublished',
      '198.51.100.9',
      '172.17.0.2:22',
      'enp1s0',
      'dropped',
      'FILTER_DROP counter packets 0 bytes 0 drop comment "UNPUBLISHED PORT DROP"',
    ],
    ['from docker0 out', '172.17.0.5', '8.8.8.8:53/udp', 'docker0', 'enp1s0: 192.168.1.50 > 8.8.8.8:53'],
    ['from br out', '172.19.0.3', '8.8.8.8:443', 'br-5e1a', 'enp1s0: 192.168.1.50 > 8.8.8.8:443'],
    [
      'from br out else',
      '172.19.0.3',
      '9.9.9.9:443',
      'br-5e1a',
      'dropped',
      'FILTER_DROP type filter hook forward priority filter + 5; policy drop;',
    ],
    ['from br to 10', '172.19.0.3', '10.5.5.5:80', 'br-5e1a', 'rejected', 'FILTER_REJECT reject with icmp admin-prohibited'],
    [
      'from br to 10.1.2.3',
      '172.19.0.3',
      '10.1.2.3:80',
      'br-5e1a',
      'dropped',
      'FILTER_DROP type filter hook forward priority filter + 5; policy drop;',
    ],
    ['between bridges', '172.17.0.5', '172.19.0.3:53/udp', 'docker0', 'br-5e1a: 172.19.0.1 > 172.19.0.3:53'],
    ['between bridges to published', '172.17.0.5', '192.168.1.50:8080', 'docker0', 'br-5e1a: 172.19.0.1 > 172.19.0.2:80'],
    [
      'between bridges tcp',
      '172.19.0.3',
      '172.17.0.2:22',
      'br-5e1a',
      'dropped',
      'FILTER_DROP counter packets 0 bytes 0 drop comment "UNPUBLISHED PORT DROP"',
    ],
    ['hairpin', '172.19.0.2', '192.168.1.50:8080', 'br-5e1a', 'here'],
    ['hairpin to docker0', '172.19.0.2', '192.168.1.50:2375', 'br-5e1a', 'docker0: 172.17.0.1 > 172.17.0.2:2375'],
    [
      'icc',
      '172.19.0.2',
      '172.19.0.3:53/udp',
      'br-5e1a',
      'dropped',
      'FILTER_DROP iifname "br-5e1a" counter packets 0 bytes 0 drop comment "ICC"',
    ],
    ['icc docker0', '172.17.0.5', '172.17.0.2:80', 'docker0', 'docker0: 172.17.0.5 > 172.17.0.2:80'],
    ['host to published', '192.168.1.50', '192.168.1.50:8080', null, 'br-5e1a: 192.168.1.50 > 172.19.0.2:80'],
    ['host loopback', '127.0.0.1', '127.0.0.1:8080', null, 'here'],
    ['host to container', '172.19.0.1', '172.19.0.2:80', null, 'br-5e1a: 172.19.0.1 > 172.19.0.2:80'],
    ['host to docker0 published', '192.168.1.50', '192.168.1.50:2375', null, 'docker0: 172.17.0.1 > 172.17.0.2:2375'],
    ['host addr to docker0', '192.168.1.50', '172.17.0.2:2375', null, 'docker0: 172.17.0.1 > 172.17.0.2:2375'],
    ['marked', '203.0.113.66', '192.168.1.50:8080', 'enp1s0', 'dropped', 'FILTER_DROP meta mark 0x00000bad drop'],
    [
      'bad container',
      '172.17.0.66',
      '8.8.8.8:443',
      'docker0',
      'dropped',
      'FILTER_DROP ip saddr 172.17.0.66 counter packets 1 bytes 1 drop',
    ],
    ['gateway', '172.17.0.5', '172.17.0.1:22', 'docker0', 'here'],
    ['docker0 late policy', '172.17.0.5', '9.9.9.9:443', 'docker0', 'enp1s0: 192.168.1.50 > 9.9.9.9:443'],
  ]);
});
