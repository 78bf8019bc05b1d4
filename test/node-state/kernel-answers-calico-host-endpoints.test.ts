import { describe, expect, test } from 'vitest';
import { decisions, machine } from './machine.ts';

/** As in kernel-answers.test.ts: what is expected, and the rule that decides, was given by a kernel that had loaded the same rules, sets and routes. */

describe('Calico with policies of the host, a prefix tree, blocks that nobody has, host ports and a floating address', () => {
  const network = machine('calico-host-endpoints');
  test.each([
    ['the policy lets it in', '10.99.40.8', '10.99.40.7:8443', undefined, ['rejected by iptables-save:137']],
    ['not at this port', '10.99.40.8', '10.99.40.7:8080', undefined, ['dropped by iptables-save:200']],
    ["udp at the set's port: the policy is for tcp", '10.99.40.8', '10.99.40.7:514/udp', undefined, ['dropped by iptables-save:200']],
    ['from a range that may, outside', '198.51.100.50', '10.99.40.7:8443', undefined, ['rejected by iptables-save:137']],
    ['from one that may not', '198.51.100.200', '10.99.40.7:8443', undefined, ['dropped by iptables-save:200']],
    ['a host port from outside', '198.51.100.50', '172.20.0.15:9443', undefined, ['rejected by iptables-save:137']],
    ['a host port, client that may not', '198.51.100.200', '172.20.0.15:9443', undefined, ['dropped by iptables-save:200']],
    ['a host port from a pod: masqueraded', '10.99.40.8', '172.20.0.15:9443', undefined, ['rejected by iptables-save:137']],
    ['a host port from itself', '10.99.40.7', '172.20.0.15:9443', undefined, ['dropped by iptables-save:200']],
    ['the host port at 127.0.0.1', '127.0.0.1', '127.0.0.1:9443', undefined, ['dropped']],
    ['the host port of the machine', '172.20.0.15', '172.20.0.15:9443', undefined, ['cali1a2b3c4d5e6: 172.20.0.15 > 10.99.40.7:8443']],
    ['a udp host port', '198.51.100.50', '172.20.0.15:5514/udp', undefined, ['dropped by iptables-save:200']],
    ['a floating address', '198.51.100.50', '172.20.0.77:80', undefined, ['rejected by iptables-save:137']],
    ['the floating address from its pod', '10.99.40.8', '172.20.0.77:80', undefined, ['rejected by iptables-save:137']],
    ['egress to the internet is denied', '10.99.40.7', '9.9.9.9:443', undefined, ['dropped by iptables-save:161']],
    ['egress DNS', '10.99.40.7', '9.9.9.9:53/udp', undefined, ['eth0: 172.20.0.15 > 9.9.9.9:53']],
    ['egress to pods passes to the profile', '10.99.40.7', '10.99.40.8:80', undefined, ['rejected by iptables-save:137']],
    ['egress to pods elsewhere', '10.99.40.7', '10.99.77.5:80', undefined, ['rejected by iptables-save:137']],
    ['metadata', '10.99.40.7', '169.254.169.254:53/udp', undefined, ['dropped by iptables-save:180']],
    ['vxlan', '10.99.40.7', '9.9.9.9:4789/udp', undefined, ['dropped by iptables-save:156']],
    ['a pod with a profile only', '10.99.40.8', '9.9.9.9:443', undefined, ['eth0: 172.20.0.15 > 9.9.9.9:443']],
    ['a device that is not in the tree', '10.99.40.9', '9.9.9.9:443', undefined, ['dropped by iptables-save:149']],
    ['to a device that is not in the tree', '10.99.40.8', '10.99.40.9:80', undefined, ['dropped by iptables-save:190']],
    ['an address of the block that no pod has', '10.99.40.8', '10.99.40.30:80', undefined, ['dropped by ip-route:2']],
    ['the same from outside', '198.51.100.50', '10.99.40.30:80', undefined, ['dropped by ip-route:2']],
    ['another block that nobody has', '10.99.40.8', '10.99.88.1:80', undefined, ['rejected by iptables-save:137']],
    ['another block from outside', '198.51.100.50', '10.99.88.1:80', undefined, ['rejected by iptables-save:137']],
    ['the kubelet from another node', '172.20.0.16', '172.20.0.15:10250', undefined, ['here']],
    ['the kubelet from elsewhere', '198.51.100.50', '172.20.0.15:10250', undefined, ['dropped by iptables-save:176']],
    ['ssh is failsafe', '198.51.100.50', '172.20.0.15:22', undefined, ['here']],
    ['another port of the host', '198.51.100.50', '172.20.0.15:8080', undefined, ['dropped by iptables-save:146']],
    ['ping the host', '198.51.100.50', '172.20.0.15', undefined, ['here']],
    ['a pod to its host', '10.99.40.8', '172.20.0.15:10250', undefined, ['dropped by iptables-save:207']],
    ['a pod that policies bind, to its host', '10.99.40.7', '172.20.0.15:10250', undefined, ['dropped by iptables-save:161']],
    ['DNS to the host, by a pod that policies bind', '10.99.40.7', '172.20.0.15:53/udp', undefined, ['dropped by iptables-save:207']],
    ['a range that is blocked before all', '192.0.2.200', '172.20.0.15:22', undefined, ['dropped by iptables-save:21']],
    ['the host to a pod', '172.20.0.15', '10.99.40.7:8443', undefined, ['cali1a2b3c4d5e6: 172.20.0.15 > 10.99.40.7:8443']],
    ['the host to the internet', '172.20.0.15', '9.9.9.9:443', undefined, ['eth0: 172.20.0.15 > 9.9.9.9:443']],
    ['the host to a pod elsewhere', '172.20.0.15', '10.99.77.5:80', undefined, ['tunl0: 10.99.40.0 > 10.99.77.5:80']],
    ['a pod elsewhere comes in', '10.99.77.5', '10.99.40.7:8443', 'tunl0', ['rejected by iptables-save:137']],
    ['a pod elsewhere comes in by eth0', '10.99.77.5', '10.99.40.7:8443', 'eth0', ['rejected by iptables-save:137']],
    ["a pod sends in another's name", '10.99.40.8', '10.99.40.7:8443', 'cali9abcdef0123', ['dropped by iptables-save:18']],
  ])('%s', (_what, source, destination, enters, expected) => {
    expect(decisions(network, source, destination, enters)).toEqual(expected);
  });
});
