import { describe, expect, test } from 'vitest';
import { decisions, machine } from './machine.ts';

/** As in kernel-answers.test.ts: what is expected, and the rule that decides, was given by a kernel that had loaded the same rules, sets and routes. */

describe("Cilium's rules beside kube-proxy: a socket that waits for a packet, rules of routing by marks", () => {
  const network = machine('cilium');
  test.each([
    ['pod to pod', '10.0.2.78', '10.0.2.77:8080', ['lxc8d21f09b7c31: 10.0.2.78 > 10.0.2.77:8080']],
    ['pod to the internet', '10.0.2.78', '8.8.8.8:443', ['ens192: 172.30.1.12 > 8.8.8.8:443']],
    ['pod to another node: not masqueraded', '10.0.2.78', '172.30.1.15:6443', ['ens192: 10.0.2.78 > 172.30.1.15:6443']],
    ["pod to the node's net", '10.0.2.78', '172.30.1.99:443', ['ens192: 172.30.1.12 > 172.30.1.99:443']],
    ['pod to a far pod', '10.0.2.78', '10.0.5.31:8080', ['cilium_host: 10.0.2.78 > 10.0.5.31:8080']],
    ['a service', '10.0.2.78', '10.43.8.8:80', ['cilium_host: 10.0.2.78 > 10.0.5.31:8080', 'lxc8d21f09b7c31: 10.0.2.78 > 10.0.2.77:8080']],
    [
      'its own service',
      '10.0.2.77',
      '10.43.8.8:80',
      ['cilium_host: 10.0.2.77 > 10.0.5.31:8080', 'lxc8d21f09b7c31: 172.30.1.12 > 10.0.2.77:8080'],
    ],
    [
      'the service from the node',
      '172.30.1.12',
      '10.43.8.8:80',
      ['cilium_host: 10.0.2.108 > 10.0.5.31:8080', 'lxc8d21f09b7c31: 172.30.1.12 > 10.0.2.77:8080'],
    ],
    [
      'a NodePort',
      '203.0.113.8',
      '172.30.1.12:30555',
      ['cilium_host: 10.0.2.108 > 10.0.5.31:8080', 'lxc8d21f09b7c31: 172.30.1.12 > 10.0.2.77:8080'],
    ],
    [
      'a NodePort by a pod',
      '10.0.2.78',
      '172.30.1.12:30555',
      ['cilium_host: 10.0.2.108 > 10.0.5.31:8080', 'lxc8d21f09b7c31: 172.30.1.12 > 10.0.2.77:8080'],
    ],
    [
      'NodePort at cilium_host',
      '10.0.2.78',
      '10.0.2.108:30555',
      ['cilium_host: 10.0.2.108 > 10.0.5.31:8080', 'lxc8d21f09b7c31: 172.30.1.12 > 10.0.2.77:8080'],
    ],
    ['no endpoints from the node', '172.30.1.12', '10.43.9.9:80', ['rejected by iptables-save:64']],
    ['no endpoints from a pod: accepted before', '10.0.2.78', '10.43.9.9:80', ['ens192: 172.30.1.12 > 10.43.9.9:80']],
    ['from outside to a pod', '203.0.113.8', '10.0.2.77:22', ['lxc8d21f09b7c31: 203.0.113.8 > 10.0.2.77:22']],
    ['from outside through', '203.0.113.8', '203.0.113.200:80', ['dropped by iptables-save:34']],
    ['node to pod', '172.30.1.12', '10.0.2.77:8080', ['lxc8d21f09b7c31: 172.30.1.12 > 10.0.2.77:8080']],
    ['pod to node', '10.0.2.78', '172.30.1.12:10250', ['here']],
    ['node to internet', '172.30.1.12', '8.8.8.8:53/udp', ['ens192: 172.30.1.12 > 8.8.8.8:53']],
    ['ping pod', '10.0.2.78', '10.0.2.77', ['lxc8d21f09b7c31: 10.0.2.78 > 10.0.2.77']],
  ])('%s', (_what, source, destination, expected) => {
    expect(decisions(network, source, destination)).toEqual(expected);
  });
});
