import { describe, expect, test } from 'vitest';
import { answers, machine } from './machine.ts';

/** As in kernel-answers.test.ts: what is expected was given by a kernel that had loaded the same rules, sets and routes. */

const [a, web, dns, node, outside] = ['10.244.1.3', '10.244.1.4', '10.244.1.5', '10.10.0.11', '198.51.100.9'];
const toWeb = `veth1b: ${a} > ${web}:8080`;

describe('firewalld with its table of nft, beside flannel and kube-proxy', () => {
  const network = machine('firewalld');
  test.each([
    ['a pod, whose device is in no zone', a, `${web}:8080`, ['rejected']],
    ['a service, because its address was translated', a, '10.96.1.1:80', [toWeb]],
    ['a service of its own', web, '10.96.1.1:80', [`veth1b: ${node} > ${web}:8080`]],
    ['no endpoints', a, '10.96.1.3:80', ['rejected']],
    ['DNS', a, '10.96.0.10:53/udp', [`ens3: ${a} > 10.244.2.9:53`, `veth1c: ${a} > ${dns}:53`]],
    ['the internet', a, '8.8.8.8:443', [`ens3: ${node} > 8.8.8.8:443`]],
    ['a NodePort', outside, `${node}:30080`, [`veth1b: ${node} > ${web}:8080`]],
    ['a local NodePort without a local endpoint', outside, `${node}:30081`, ['dropped']],
    ['a port that the zone allows', outside, `${node}:22`, ['here']],
    ['the kubelet, which it does not', outside, `${node}:10250`, ['rejected']],
    ['the same, from a pod', a, `${node}:10250`, ['rejected']],
    ['a pod of another node', '10.244.2.9', `${web}:8080`, ['rejected']],
    ['a service from the node', node, '10.96.1.1:80', [`veth1b: ${node} > ${web}:8080`]],
    ['the gateway from the node', node, '10.10.0.1:53/udp', [`ens3: ${node} > 10.10.0.1:53`]],
    ['another node, from a pod', a, '10.10.0.12:443', [`ens3: ${node} > 10.10.0.12:443`]],
  ])('%s', (_what, source, destination, expected) => {
    expect(answers(network, source, destination)).toEqual(expected);
  });
});

describe('Azure NPM with its marks, behind kube-proxy', () => {
  const network = machine('azure-npm');
  test.each([
    ['both policies allow it', a, `${web}:8080`, [toWeb]],
    ['not at this port', a, `${web}:9090`, ['dropped']],
    ['not from this pod', dns, `${web}:8080`, ['dropped']],
    ['a service', a, '10.96.1.1:80', [toWeb]],
    ['a service of its own: the packet is marked, and accepted before', web, '10.96.1.1:80', [`veth1b: ${node} > ${web}:8080`]],
    ['a service that its egress does not allow', a, '10.96.1.2:80', ['dropped']],
    ['DNS, which it does', a, '8.8.8.8:53/udp', [`ens3: ${node} > 8.8.8.8:53`]],
    ['the internet', a, '8.8.8.8:443', ['dropped']],
    ['a NodePort: the packet is marked', outside, `${node}:30080`, [`veth1b: ${node} > ${web}:8080`]],
    ['a local one', outside, `${node}:30083`, [`veth1c: ${outside} > ${dns}:8080`]],
    ['a load balancer, from a range that may', outside, '203.0.113.10:80', [`veth1b: ${node} > ${web}:8080`]],
    ['from another', '192.0.2.77', '203.0.113.10:80', ['dropped']],
    ["the cloud's host", dns, '168.63.129.16:80', ['dropped']],
    ['the pod from outside', outside, `${web}:8080`, ['dropped']],
  ])('%s', (_what, source, destination, expected) => {
    expect(answers(network, source, destination)).toEqual(expected);
  });
});

describe('Tailscale beside flannel, its peers in a table of their own', () => {
  const network = machine('tailscale');
  const peer = '100.77.1.2';
  test.each([
    ['a peer, to a pod: all that came in by it is masqueraded', peer, `${web}:8080`, 'tailscale0', [`veth1b: ${node} > ${web}:8080`]],
    ['a NodePort', peer, `${node}:30080`, 'tailscale0', [`veth1b: ${node} > ${web}:8080`]],
    ['a service', peer, '10.96.1.1:80', 'tailscale0', [`veth1b: ${node} > ${web}:8080`]],
    ['the address there', peer, '100.101.102.103:22', 'tailscale0', ['here']],
    ['the internet', peer, '8.8.8.8:443', 'tailscale0', [`ens3: ${node} > 8.8.8.8:443`]],
    ['its address, by the other device', peer, `${node}:22`, 'ens3', ['dropped']],
    ['the other address of the machine calls a service', '100.101.102.103', '10.96.1.1:80', undefined, [`veth1b: ${node} > ${web}:8080`]],
  ])('%s', (_what, source, destination, enters, expected) => {
    expect(answers(network, source, destination, enters)).toEqual(expected);
  });
});

describe('The same with its rules alone, of which no device is known', () => {
  const network = machine('tailscale', ['iptables-save']);
  test.each([
    ['tailscale0', ['here']],
    ['ens3', ['dropped']],
    ['cali123', ['dropped']],
  ])('what comes in by %s', (enters, expected) => {
    expect(answers(network, '100.77.1.2', '192.0.2.1:22', enters)).toEqual(expected);
  });

  test('what comes in by a device that nobody names', () => {
    expect(answers(network, '100.77.1.2', '192.0.2.1:22')).toEqual(['undetermined']);
  });
});
