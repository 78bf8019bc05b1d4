import { describe, expect, test } from 'vitest';
import { answers, machine } from './machine.ts';

/**
 * Rules, sets and routes of single machines, written for this test in the forms that the programs print. What is expected was given by a
 * kernel (Linux 6, iptables 1.8.9) that had loaded them: packets were sent from a namespace behind each device, and caught behind all others.
 */

describe('Calico, with a policy and services of all kinds', () => {
  const network = machine('calico');
  const [a, web, dns, node, outside] = ['10.244.85.3', '10.244.85.4', '10.244.85.5', '172.18.0.11', '198.51.100.9'];
  const toWeb = `cali6f7e8d9c0b1: ${a} > ${web}:8080`;
  test.each([
    ['a pod that the policy lets in', a, `${web}:8080`, [toWeb]],
    ['one that it does not', dns, `${web}:8080`, ['dropped']],
    ['a service', a, '10.96.77.7:80', [toWeb]],
    ['a service of its own, which the policy forbids it', web, '10.96.77.7:80', ['dropped']],
    ['a service whose endpoint is elsewhere', a, '10.96.77.8:80', [`eth0: ${a} > 10.244.21.9:8080`]],
    ['DNS', a, '10.96.0.10:53/udp', [`calic0ffee00001: ${a} > ${dns}:53`, `eth0: ${a} > 10.244.21.8:53`]],
    ['no endpoints', a, '10.96.44.44:80', ['rejected']],
    ['no endpoints, from the node', node, '10.96.44.44:80', ['rejected']],
    ['the internet', a, '198.51.100.7:443', [`eth0: ${node} > 198.51.100.7:443`]],
    ['a NodePort from outside, whose client the policy does not let in', outside, `${node}:30080`, ['dropped']],
    ['a local NodePort without a local endpoint', outside, `${node}:30081`, ['dropped']],
    ['the same, from a pod', a, `${node}:30081`, [`eth0: ${a} > 10.244.21.9:8080`]],
    ['the address of a load balancer, from a pod', a, '203.0.113.80:80', [`cali6f7e8d9c0b1: ${node} > ${web}:8080`]],
    ['a service from the node', node, '10.96.77.7:80', [`cali6f7e8d9c0b1: ${node} > ${web}:8080`]],
    ['VXLAN of a pod', a, '10.244.21.8:4789/udp', ['dropped']],
    ['an address that no pod has', a, '10.244.85.99:80', [`eth0: ${a} > 10.244.85.99:80`]],
    ['the node', a, `${node}:22`, ['here']],
    ['a NodePort at 127.0.0.1, without route_localnet', node, '127.0.0.1:30080', ['dropped']],
  ])('%s', (_what, source, destination, expected) => {
    expect(answers(network, source, destination)).toEqual(expected);
  });
});

describe('Weave Net with its policies, Docker and kube-proxy of 2020, pods on a bridge', () => {
  const network = machine('weave');
  const [a, web, c, node] = ['10.32.0.4', '10.32.0.5', '10.32.0.6', '192.168.50.11'];
  test.each([
    ['a policy lets it in', a, `${web}:8080`, [`weave: ${a} > ${web}:8080`]],
    ['not at this port', a, `${web}:9999`, ['dropped']],
    ['its own egress is forbidden', c, `${web}:8080`, ['dropped']],
    [
      'a service, of which one endpoint is not to be reached',
      a,
      '10.96.33.3:80',
      ['dropped', `weave: ${a} > ${web}:8080`, `weave: ${a} > ${c}:8080`],
    ],
    ['no endpoints: what goes out is accepted before', a, '10.96.44.4:80', [`ens3: ${node} > 10.96.44.4:80`]],
    ['no endpoints, from the node', node, '10.96.44.4:80', ['rejected']],
    ['the internet', a, '8.8.4.4:443', [`ens3: ${node} > 8.8.4.4:443`]],
    ['what its egress allows', c, '8.8.4.4:53/udp', [`ens3: ${node} > 8.8.4.4:53`]],
    ['what it does not', c, '8.8.4.4:53', ['dropped']],
    ['a local NodePort', '198.51.100.20', `${node}:31000`, ['dropped', `weave: 10.32.0.1 > ${c}:8080`]],
    ['a load balancer, from a range that may', '198.51.100.20', '203.0.113.44:80', ['dropped', `weave: 10.32.0.1 > ${c}:8080`]],
    ['from another', '192.0.2.20', '203.0.113.44:80', ['dropped']],
    ['an external address', '198.51.100.20', '203.0.113.33:80', ['dropped', `weave: 10.32.0.1 > ${c}:8080`]],
    ['a pod from the node', node, `${web}:8080`, [`weave: 10.32.0.1 > ${web}:8080`]],
    ['the node', c, `${node}:22`, ['here']],
    // The kernel knows the port that it came in by, and lets it out; the state does not tell it.
    ['a rule that asks for the port of a bridge', a, '203.0.113.33:80', ['undetermined']],
  ])('%s', (_what, source, destination, expected) => {
    expect(answers(network, source, destination)).toEqual(expected);
  });
});
