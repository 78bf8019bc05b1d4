import { describe, expect, test } from 'vitest';
import { decisions, machine } from './machine.ts';

/** As in kernel-answers.test.ts: what is expected, and the rule that decides, was given by a kernel that had loaded the same rules, sets and routes. */

describe('firewalld of CentOS 7, its zones in tables of iptables, the table security among them', () => {
  const network = machine('firewalld-centos7');
  test.each([
    ['ssh', '198.51.100.4', '192.168.9.2:22', undefined, ['here']],
    ['ssh from a zone of sources that drops', '203.0.113.4', '192.168.9.2:22', undefined, ['dropped by iptables-save:142']],
    ['a port that is open to a range', '198.51.100.4', '192.168.9.2:5432', undefined, ['here']],
    ['from elsewhere', '198.18.0.9', '192.168.9.2:5432', undefined, ['dropped by iptables-save:150']],
    ['a port that is not open', '198.51.100.4', '192.168.9.2:3306', undefined, ['rejected by iptables-save:110']],
    ['a ping, which the zone blocks', '198.51.100.4', '192.168.9.2', undefined, ['rejected by iptables-save:149']],
    ['a ping from inside', '10.7.0.30', '10.7.0.1', undefined, ['here']],
    ['ssh from inside', '10.7.0.30', '10.7.0.1:22', undefined, ['here']],
    ['a port from inside', '10.7.0.30', '10.7.0.1:3306', undefined, ['rejected by iptables-save:110']],
    ['the outer address, from inside', '10.7.0.30', '192.168.9.2:3306', undefined, ['rejected by iptables-save:110']],
    ['a forwarded port', '198.51.100.4', '192.168.9.2:8080', undefined, ['em2: 198.51.100.4 > 10.7.0.9:80']],
    ['a forwarded port from the zone that drops', '203.0.113.4', '192.168.9.2:8080', undefined, ['dropped by iptables-save:129']],
    ['the same from inside: not marked', '10.7.0.30', '192.168.9.2:8080', undefined, ['rejected by iptables-save:110']],
    ['a port that becomes another here', '198.51.100.4', '192.168.9.2:53/udp', undefined, ['here']],
    ['ssh at another port: not let in as such', '198.51.100.4', '192.168.9.2:2222', undefined, ['here']],
    ['inside to the internet', '10.7.0.30', '9.9.9.9:443', undefined, ['em1: 192.168.9.2 > 9.9.9.9:443']],
    ['its mail', '10.7.0.66', '9.9.9.9:25', undefined, ['rejected by iptables-save:128']],
    ['outside to inside', '198.51.100.4', '10.7.0.9:80', undefined, ['rejected by iptables-save:118']],
    ['a ping to inside', '198.51.100.4', '10.7.0.9', undefined, ['rejected by iptables-save:133']],
    ['the zone that drops, to inside', '203.0.113.4', '10.7.0.9:80', undefined, ['dropped by iptables-save:129']],
    ['the table security', '198.51.100.4', '10.7.6.6:8080', undefined, ['em2: 198.51.100.4 > 10.7.0.9:80']],
    ['forwarded by the table security', '10.7.0.30', '10.7.6.6:80', undefined, ['rejected by iptables-save:118']],
    ['a range that raw drops', '192.0.2.9', '192.168.9.2:22', undefined, ['dropped by iptables-save:73']],
    ['the same by the other device', '192.0.2.9', '10.7.0.1:22', 'em2', ['here']],
    ['the machine to inside: masqueraded by the zone of none', 'node', '10.7.0.9:80', undefined, ['em2: 10.7.0.1 > 10.7.0.9:80']],
    ["a virtual address of the machine's own rules", 'node', '10.7.255.1:80', undefined, ['em2: 10.7.0.1 > 10.7.0.9:8080']],
    ['SNMP by the machine', 'node', '10.7.0.9:161/udp', undefined, ['rejected by iptables-save:155']],
    ['metadata by the machine', 'node', '169.254.169.254:80', undefined, ['dropped by iptables-save:63']],
    ['the machine to the internet', 'node', '9.9.9.9:80', undefined, ['em1: 192.168.9.2 > 9.9.9.9:80']],
    ['through, from outside to outside', '198.51.100.4', '198.18.3.3:80', undefined, ['em1: 192.168.9.2 > 198.18.3.3:80']],
  ])('%s', (_what, source, destination, enters, expected) => {
    expect(decisions(network, source, destination, enters)).toEqual(expected);
  });
});
