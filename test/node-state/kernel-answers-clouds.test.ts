import { describe, expect, test } from 'vitest';
import { decisions, machine } from './machine.ts';

/** As in kernel-answers.test.ts: what is expected, and the rule that decides, was given by a kernel that had loaded the same rules, sets and routes. */

describe('The VPC CNI of AWS, with a second network interface and marks', () => {
  const network = machine('aws-vpc-cni');
  test.each([
    ['pod to pod here', '172.31.20.77', '172.31.21.12:80', undefined, ['eni90ab117dd4e: 172.31.20.77 > 172.31.21.12:80']],
    ['pod of the second ENI to the VPC', '172.31.21.12', '172.31.99.1:443', undefined, ['eth1: 172.31.21.12 > 172.31.99.1:443']],
    ['pod of the first ENI to the VPC', '172.31.20.77', '172.31.99.1:443', undefined, ['eth0: 172.31.20.77 > 172.31.99.1:443']],
    ['pod to the internet: SNAT', '172.31.20.77', '8.8.4.4:443', undefined, ['eth0: 172.31.18.40 > 8.8.4.4:443']],
    [
      'pod of the second ENI to the internet: the mark takes it to eth0',
      '172.31.21.12',
      '8.8.4.4:443',
      undefined,
      ['eth0: 172.31.18.40 > 8.8.4.4:443'],
    ],
    ['to a peered VPC that is not translated', '172.31.21.12', '100.64.7.7:443', undefined, ['eth1: 172.31.21.12 > 100.64.7.7:443']],
    ['to a peered VPC, first', '172.31.20.77', '100.64.7.7:443', undefined, ['eth0: 172.31.20.77 > 100.64.7.7:443']],
    ['third pod: its own rule is for the VPC alone', '172.31.22.5', '172.31.99.1:443', undefined, ['eth1: 172.31.22.5 > 172.31.99.1:443']],
    ['third pod, peered', '172.31.22.5', '100.64.7.7:443', undefined, ['eth0: 172.31.22.5 > 100.64.7.7:443']],
    [
      'a service from the second ENI',
      '172.31.21.12',
      '10.100.50.5:80',
      undefined,
      ['eni3fd21c6a0be: 172.31.21.12 > 172.31.20.77:8080', 'eth1: 172.31.21.12 > 172.31.44.9:8080'],
    ],
    [
      'a service from the first ENI',
      '172.31.20.77',
      '10.100.50.5:80',
      undefined,
      ['eni3fd21c6a0be: 172.31.18.40 > 172.31.20.77:8080', 'eth0: 172.31.20.77 > 172.31.44.9:8080'],
    ],
    [
      'a service from the node',
      '172.31.18.40',
      '10.100.50.5:80',
      undefined,
      ['eni3fd21c6a0be: 172.31.18.40 > 172.31.20.77:8080', 'eth0: 172.31.18.40 > 172.31.44.9:8080'],
    ],
    [
      'a NodePort from outside',
      '3.120.44.9',
      '172.31.18.40:31222',
      undefined,
      ['eni3fd21c6a0be: 172.31.18.40 > 172.31.20.77:8080', 'eth0: 172.31.18.40 > 172.31.44.9:8080'],
    ],
    [
      'a NodePort by a pod of the second ENI',
      '172.31.21.12',
      '172.31.18.40:31222',
      undefined,
      ['eni3fd21c6a0be: 172.31.18.40 > 172.31.20.77:8080', 'eth1: 172.31.19.200 > 172.31.44.9:8080'],
    ],
    [
      'a NodePort at the second address',
      '3.120.44.9',
      '172.31.19.200:31222',
      'eth1',
      ['eni3fd21c6a0be: 172.31.18.40 > 172.31.20.77:8080', 'eth0: 172.31.18.40 > 172.31.44.9:8080'],
    ],
    ['no endpoints, NodePort', '3.120.44.9', '172.31.18.40:31999', undefined, ['rejected by iptables-save:89']],
    ['no endpoints, NodePort from pod', '172.31.21.12', '172.31.18.40:31999', undefined, ['rejected by iptables-save:89']],
    ['no endpoints, ClusterIP from second ENI', '172.31.21.12', '10.100.50.9:80', undefined, ['rejected by iptables-save:95']],
    ['no endpoints from node', '172.31.18.40', '10.100.50.9:80', undefined, ['rejected by iptables-save:95']],
    [
      "another node's pod to a pod of eth1, coming in by eth1",
      '172.31.44.9',
      '172.31.21.12:9000',
      'eth1',
      ['eni90ab117dd4e: 172.31.44.9 > 172.31.21.12:9000'],
    ],
    ['the same by eth0', '172.31.44.9', '172.31.21.12:9000', 'eth0', ['eni90ab117dd4e: 172.31.44.9 > 172.31.21.12:9000']],
    ['node to the internet', '172.31.18.40', '8.8.4.4:53/udp', undefined, ['eth0: 172.31.18.40 > 8.8.4.4:53']],
    ['node to its pod', '172.31.18.40', '172.31.21.12:80', undefined, ['eni90ab117dd4e: 172.31.18.40 > 172.31.21.12:80']],
    ['pod to its node', '172.31.21.12', '172.31.18.40:10250', undefined, ['here']],
    ['ssh from outside', '3.120.44.9', '172.31.18.40:22', undefined, ['here']],
    ['ping from second', '172.31.21.12', '8.8.4.4', undefined, ['eth0: 172.31.18.40 > 8.8.4.4']],
    ['ping the VPC from second', '172.31.21.12', '172.31.99.1', undefined, ['eth1: 172.31.21.12 > 172.31.99.1']],
    ['metadata', '172.31.20.77', '169.254.169.254:80', undefined, ['dropped by iptables-save:85']],
    ['metadata, second', '172.31.21.12', '169.254.169.254:80', undefined, ['dropped by iptables-save:85']],
  ])('%s', (_what, source, destination, enters, expected) => {
    expect(decisions(network, source, destination, enters)).toEqual(expected);
  });
});

describe('NodeLocal DNSCache, ip-masq-agent and a metadata proxy, pods by routes of their own', () => {
  const network = machine('node-local-dns');
  test.each([
    ['DNS of the service: the cache here has its address, and it is not tracked', '10.60.3.15', '10.63.240.10:53/udp', ['here']],
    ['the same over TCP', '10.60.3.15', '10.63.240.10:53', ['here']],
    ["the cache's own address", '10.60.3.15', '169.254.20.10:53/udp', ['here']],
    ['the cache over TCP', '10.60.3.15', '169.254.20.10:53', ['dropped by iptables-save:78']],
    ['its health port', '10.60.3.15', '169.254.20.10:8080', ['here']],
    ['the node asks it', '10.164.0.7', '169.254.20.10:53/udp', ['here']],
    ['the node asks the service address', '10.164.0.7', '10.63.240.10:53/udp', ['here']],
    ['the node asks the service address, TCP', '10.164.0.7', '10.63.240.10:53', ['here']],
    ["metadata from a pod: the proxy's", '10.60.3.15', '169.254.169.254:80', ['here']],
    ['metadata at 8080', '10.60.3.15', '169.254.169.254:8080', ['here']],
    ['an internal policy Local', '10.60.3.14', '10.63.244.20:4317', ['vethc7d1e44b: 10.60.3.14 > 10.60.3.15:4317']],
    ['itself', '10.60.3.15', '10.63.244.20:4317', ['vethc7d1e44b: 10.164.0.7 > 10.60.3.15:4317']],
    ['the node, Local', '10.164.0.7', '10.63.244.20:4317', ['vethc7d1e44b: 10.164.0.7 > 10.60.3.15:4317']],
    [
      'its load balancer from a pod',
      '10.60.3.14',
      '34.90.1.2:4317',
      ['eth0: 10.60.3.14 > 10.60.8.3:4317', 'vethc7d1e44b: 10.60.3.14 > 10.60.3.15:4317'],
    ],
    [
      'its load balancer from outside',
      '203.0.113.77',
      '34.90.1.2:4317',
      ['eth0: 203.0.113.77 > 10.60.8.3:4317', 'vethc7d1e44b: 203.0.113.77 > 10.60.3.15:4317'],
    ],
    ['a pod to RFC 1918', '10.60.3.15', '192.168.7.7:80', ['eth0: 10.60.3.15 > 192.168.7.7:80']],
    ['a pod to another /8', '10.60.3.15', '172.16.7.7:80', ['eth0: 10.164.0.7 > 172.16.7.7:80']],
    ['a pod to the internet', '10.60.3.15', '142.250.1.1:443', ['eth0: 10.164.0.7 > 142.250.1.1:443']],
    ['udp to the internet', '10.60.3.15', '142.250.1.1:443/udp', ['eth0: 10.164.0.7 > 142.250.1.1:443']],
    ['sctp is not forwarded', '10.60.3.15', '142.250.1.1:443/sctp', ['dropped by iptables-save:77']],
    ['sctp to the node is', '10.60.3.15', '10.164.0.7:9999/sctp', ['here']],
    ['no endpoints from a pod', '10.60.3.15', '10.63.240.11:443', ['rejected by iptables-save:114']],
    ['no endpoints from the node', '10.164.0.7', '10.63.240.11:443', ['rejected by iptables-save:114']],
    ['pod to pod', '10.60.3.15', '10.60.3.14:53', ['veth1f00aa21: 10.60.3.15 > 10.60.3.14:53']],
    ['ping a pod from outside', '203.0.113.77', '10.60.3.15', ['vethc7d1e44b: 203.0.113.77 > 10.60.3.15']],
    ['ping the node', '203.0.113.77', '10.164.0.7', ['here']],
    ['ssh', '203.0.113.77', '10.164.0.7:22', ['here']],
    ['node to internet', '10.164.0.7', '142.250.1.1:443', ['eth0: 10.164.0.7 > 142.250.1.1:443']],
  ])('%s', (_what, source, destination, expected) => {
    expect(decisions(network, source, destination)).toEqual(expected);
  });
});
