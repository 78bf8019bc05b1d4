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
