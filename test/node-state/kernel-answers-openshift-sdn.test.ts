import { describe, expect, test } from 'vitest';
import { decisions, machine } from './machine.ts';

/** As in kernel-answers.test.ts: what is expected, and the rule that decides, was given by a kernel that had loaded the same rules, sets and routes. */

describe('OpenShift SDN: pods are behind OVS, and what they call services comes in by tun0', () => {
  const network = machine('openshift-sdn');
  test.each([
    ["a pod's service, which OVS sends to the machine", '10.129.2.40', '172.30.5.5:443', ['tun0: 10.129.2.40 > 10.129.2.9:443']],
    ['the API', '10.129.2.40', '172.30.0.1:443', ['br-ex: 192.168.77.21 > 192.168.77.10:6443']],
    ['the API from the machine', '192.168.77.21', '172.30.0.1:443', ['br-ex: 192.168.77.21 > 192.168.77.10:6443']],
    ['a service of its own', '10.129.2.9', '172.30.5.5:443', ['tun0: 10.129.2.1 > 10.129.2.9:443']],
    ['an address of the service network that nobody has', '10.129.2.40', '172.30.8.8:80', ['tun0: 10.129.2.1 > 172.30.8.8:80']],
    ['the same from the machine', 'node', '172.30.8.8:80', ['tun0: 10.129.2.1 > 172.30.8.8:80']],
    ['no endpoints', '10.129.2.40', '172.30.9.9:80', ['rejected by iptables-save:88']],
    ['no endpoints from the machine', '192.168.77.21', '172.30.9.9:80', ['rejected by iptables-save:88']],
    ['a NodePort', '198.51.100.60', '192.168.77.21:30443', ['tun0: 10.129.2.1 > 10.129.2.9:443']],
    ['a NodePort without endpoints', '198.51.100.60', '192.168.77.21:30080', ['rejected by iptables-save:82']],
    ['the same from a pod: all that pods send is let in before', '10.129.2.40', '192.168.77.21:30080', ['here']],
    ['a host port', '198.51.100.60', '192.168.77.21:1936', ['tun0: 198.51.100.60 > 10.129.2.9:1936']],
    ['a host port by the pod itself', '10.129.2.9', '192.168.77.21:1936', ['tun0: 10.129.2.1 > 10.129.2.9:1936']],
    ['a host port by the machine', '192.168.77.21', '192.168.77.21:1936', ['tun0: 192.168.77.21 > 10.129.2.9:1936']],
    ['the machine configuration, from a pod', '10.129.2.40', '192.168.77.10:22623', ['rejected by iptables-save:90']],
    ['from the machine', '192.168.77.21', '192.168.77.10:22623', ['rejected by iptables-save:90']],
    ['from outside', '198.51.100.60', '192.168.77.21:22623', ['rejected by iptables-save:73']],
    ['from a pod to this machine: let in', '10.129.2.40', '192.168.77.21:22623', ['here']],
    ['mail that administrators forbid', '10.129.2.40', '203.0.113.9:587', ['rejected by iptables-save:89']],
    ['mail elsewhere', '10.129.2.40', '203.0.114.9:587', ['br-ex: 192.168.77.21 > 203.0.114.9:587']],
    ['mail by the machine', '192.168.77.21', '203.0.113.9:587', ['br-ex: 192.168.77.21 > 203.0.113.9:587']],
    ['a pod to the internet', '10.129.2.40', '8.8.8.8:443', ['br-ex: 192.168.77.21 > 8.8.8.8:443']],
    ['a pod to a node', '10.129.2.40', '192.168.77.10:443', ['br-ex: 192.168.77.21 > 192.168.77.10:443']],
    ['the machine to a pod', 'node', '10.129.2.9:443', ['tun0: 10.129.2.1 > 10.129.2.9:443']],
    ['outside to a pod', '198.51.100.60', '10.129.2.9:443', ['tun0: 198.51.100.60 > 10.129.2.9:443']],
    ['VXLAN', '192.168.77.10', '192.168.77.21:4789/udp', ['here']],
    ['ping by a pod', '10.129.2.40', '192.168.77.21', ['here']],
  ])('%s', (_what, source, destination, expected) => {
    expect(decisions(network, source, destination)).toEqual(expected);
  });
});
