import { describe, expect, test } from 'vitest';
import { clusterOf, ends } from './cluster.ts';

/** On the first node the routing rule of one pod is missing; on the second hardening refuses a port before kube-proxy's rules accept it. */
describe('EKS: pods behind two ENIs, a DNS cache on each node', () => {
  const network = clusterOf('eks');
  test.each([
    [
      'a pod of the first ENI to one of another node',
      'shop/web-5c9d8f7b6d-h4jkx',
      '10.0.12.113:8080',
      ['shop/web-5c9d8f7b6d-x7zlp: 10.0.12.50 > 10.0.12.113:8080'],
    ],
    [
      'a pod of the second ENI to one of another node',
      'shop/api-84f6c5d7b9-2mnbv',
      '10.0.12.113:8080',
      ['shop/web-5c9d8f7b6d-x7zlp: 10.0.12.77 > 10.0.12.113:8080'],
    ],
    [
      'a pod without its routing rule',
      'shop/worker-6b7f8c9d5-q8wer',
      '10.0.12.113:8080',
      ['shop/web-5c9d8f7b6d-x7zlp: 10.0.12.78 > 10.0.12.113:8080'],
    ],
    ['and to it', 'shop/web-5c9d8f7b6d-x7zlp', '10.0.12.78:9000', ['rejected by ip-10-0-12-90.ec2.internal/iptables-save:54']],
    [
      'to a pod of the second ENI',
      'shop/web-5c9d8f7b6d-x7zlp',
      '10.0.12.77:8080',
      ['shop/api-84f6c5d7b9-2mnbv: 10.0.12.113 > 10.0.12.77:8080'],
    ],
    [
      'two of a node, behind both ENIs',
      'shop/web-5c9d8f7b6d-h4jkx',
      '10.0.12.77:8080',
      ['shop/api-84f6c5d7b9-2mnbv: 10.0.12.50 > 10.0.12.77:8080'],
    ],
    [
      'a node to a pod of its own',
      'ip-10-0-12-34.ec2.internal',
      '10.0.12.77:8080',
      ['shop/api-84f6c5d7b9-2mnbv: 10.0.12.34 > 10.0.12.77:8080'],
    ],
    [
      'a node to a pod of another',
      'ip-10-0-12-90.ec2.internal',
      '10.0.12.77:8080',
      ['shop/api-84f6c5d7b9-2mnbv: 10.0.12.90 > 10.0.12.77:8080'],
    ],
    [
      'a pod to a service of two',
      'shop/web-5c9d8f7b6d-h4jkx',
      '172.20.31.7:80',
      ['shop/web-5c9d8f7b6d-h4jkx: 10.0.12.34 > 10.0.12.50:8080', 'shop/web-5c9d8f7b6d-x7zlp: 10.0.12.50 > 10.0.12.113:8080'],
    ],
    [
      'the second ENI to a service of two',
      'shop/api-84f6c5d7b9-2mnbv',
      '172.20.31.7:80',
      ['shop/web-5c9d8f7b6d-h4jkx: 10.0.12.77 > 10.0.12.50:8080', 'shop/web-5c9d8f7b6d-x7zlp: 10.0.12.77 > 10.0.12.113:8080'],
    ],
    [
      'api to its own service: hairpin',
      'shop/api-84f6c5d7b9-2mnbv',
      '172.20.31.8:80',
      ['shop/api-84f6c5d7b9-2mnbv: 10.0.12.34 > 10.0.12.77:8080'],
    ],
    [
      'internal policy Local, endpoint here',
      'shop/web-5c9d8f7b6d-h4jkx',
      '172.20.31.10:80',
      ['shop/api-84f6c5d7b9-2mnbv: 10.0.12.50 > 10.0.12.77:8080'],
    ],
    [
      'internal policy Local, endpoint elsewhere',
      'shop/web-5c9d8f7b6d-x7zlp',
      '172.20.31.10:80',
      ['dropped by ip-10-0-12-90.ec2.internal/iptables-save:69'],
    ],
    ['a node to a service', 'ip-10-0-12-90.ec2.internal', '172.20.31.8:80', ['shop/api-84f6c5d7b9-2mnbv: 10.0.12.90 > 10.0.12.77:8080']],
    [
      'a pod to the worker service, other node refuses 9000',
      'shop/web-5c9d8f7b6d-x7zlp',
      '172.20.31.9:9000',
      ['rejected by ip-10-0-12-90.ec2.internal/iptables-save:54'],
    ],
    [
      'the same from its node',
      'shop/web-5c9d8f7b6d-h4jkx',
      '172.20.31.9:9000',
      ['shop/worker-6b7f8c9d5-q8wer: 10.0.12.50 > 10.0.12.78:9000'],
    ],
    ['a pod to the internet by SNAT', 'shop/web-5c9d8f7b6d-h4jkx', '198.51.100.9:443', ['beyond: 10.0.12.34 > 198.51.100.9:443']],
    [
      'the second ENI to the internet: SNAT and main table',
      'shop/api-84f6c5d7b9-2mnbv',
      '198.51.100.9:443',
      ['beyond: 10.0.12.34 > 198.51.100.9:443'],
    ],
    [
      'the pod without a rule to the internet',
      'shop/worker-6b7f8c9d5-q8wer',
      '198.51.100.9:443',
      ['beyond: 10.0.12.34 > 198.51.100.9:443'],
    ],
    ['a node to the internet', 'ip-10-0-12-34.ec2.internal', '93.184.216.34:443', ['beyond: 10.0.12.34 > 93.184.216.34:443']],
    [
      'DNS by the address of the cache',
      'shop/web-5c9d8f7b6d-h4jkx',
      '169.254.20.10:53/udp',
      ['ip-10-0-12-34.ec2.internal: 10.0.12.50 > 169.254.20.10:53'],
    ],
    [
      'DNS by the address of the service: the cache has it',
      'shop/web-5c9d8f7b6d-h4jkx',
      '172.20.0.10:53/udp',
      ['ip-10-0-12-34.ec2.internal: 10.0.12.50 > 172.20.0.10:53'],
    ],
    [
      'the same from the second ENI',
      'shop/api-84f6c5d7b9-2mnbv',
      '172.20.0.10:53/udp',
      ['ip-10-0-12-34.ec2.internal: 10.0.12.77 > 172.20.0.10:53'],
    ],
    [
      'DNS upstream',
      'shop/web-5c9d8f7b6d-h4jkx',
      '172.20.77.10:53/udp',
      ['kube-system/coredns-6b9575c64c-5tgvd: 10.0.12.50 > 10.0.12.120:53'],
    ],
    ['a node to the cache', 'ip-10-0-12-34.ec2.internal', '172.20.0.10:53/udp', ['dropped']],
    [
      'outside to a NodePort of two',
      '198.51.100.9 in ip-10-0-12-34.ec2.internal/eth0',
      '10.0.12.34:30201',
      ['shop/web-5c9d8f7b6d-h4jkx: 10.0.12.34 > 10.0.12.50:8080', 'shop/web-5c9d8f7b6d-x7zlp: 10.0.12.34 > 10.0.12.113:8080'],
    ],
    [
      'outside to the NodePort Local of the second ENI',
      '198.51.100.9 in ip-10-0-12-34.ec2.internal/eth0',
      '10.0.12.34:30202',
      ['shop/api-84f6c5d7b9-2mnbv: 198.51.100.9 > 10.0.12.77:8080'],
    ],
    [
      'the same, no endpoint here',
      '198.51.100.9 in ip-10-0-12-90.ec2.internal/eth0',
      '10.0.12.90:30202',
      ['dropped by ip-10-0-12-90.ec2.internal/iptables-save:62'],
    ],
    [
      'outside to a NodePort whose pod is elsewhere',
      '198.51.100.9 in ip-10-0-12-90.ec2.internal/eth0',
      '10.0.12.90:30203',
      ['shop/worker-6b7f8c9d5-q8wer: 10.0.12.90 > 10.0.12.78:9000'],
    ],
    [
      'outside to a NodePort whose pod has no rule',
      '198.51.100.9 in ip-10-0-12-34.ec2.internal/eth0',
      '10.0.12.34:30203',
      ['shop/worker-6b7f8c9d5-q8wer: 10.0.12.34 > 10.0.12.78:9000'],
    ],
    [
      'a pod to a NodePort Local of its own node',
      'shop/web-5c9d8f7b6d-x7zlp',
      '10.0.12.90:30202',
      ['dropped by ip-10-0-12-90.ec2.internal/iptables-save:62'],
    ],
    [
      'a pod to a NodePort Local of another',
      'shop/web-5c9d8f7b6d-x7zlp',
      '10.0.12.34:30202',
      ['shop/api-84f6c5d7b9-2mnbv: 10.0.12.113 > 10.0.12.77:8080'],
    ],
    [
      'a pod to the load balancer address, in its ranges',
      'shop/web-5c9d8f7b6d-h4jkx',
      '203.0.113.80:80',
      ['shop/web-5c9d8f7b6d-h4jkx: 10.0.12.34 > 10.0.12.50:8080', 'shop/web-5c9d8f7b6d-x7zlp: 10.0.12.34 > 10.0.12.113:8080'],
    ],
    [
      'a node to the load balancer address',
      'ip-10-0-12-90.ec2.internal',
      '203.0.113.80:80',
      ['shop/web-5c9d8f7b6d-h4jkx: 10.0.12.90 > 10.0.12.50:8080', 'shop/web-5c9d8f7b6d-x7zlp: 10.0.12.90 > 10.0.12.113:8080'],
    ],
    [
      'the kubelet of the own node',
      'shop/api-84f6c5d7b9-2mnbv',
      '10.0.12.34:10250',
      ['ip-10-0-12-34.ec2.internal: 10.0.12.77 > 10.0.12.34:10250'],
    ],
    [
      'the kubelet of another node',
      'shop/api-84f6c5d7b9-2mnbv',
      '10.0.12.90:10250',
      ['ip-10-0-12-90.ec2.internal: 10.0.12.77 > 10.0.12.90:10250'],
    ],
    [
      "the second ENI's own address: the kernel gets there, and the objects do not tell that a machine has it",
      'shop/web-5c9d8f7b6d-x7zlp',
      '10.0.12.201:10250',
      ['undetermined'],
    ],
    [
      'outside to a health check port',
      '198.51.100.9 in ip-10-0-12-90.ec2.internal/eth0',
      '10.0.12.90:31999',
      ['ip-10-0-12-90.ec2.internal: 198.51.100.9 > 10.0.12.90:31999'],
    ],
    [
      'outside to a pod that has an address of the VPC',
      '198.51.100.9 in ip-10-0-12-34.ec2.internal/eth0',
      '10.0.12.50:8080',
      ['shop/web-5c9d8f7b6d-h4jkx: 198.51.100.9 > 10.0.12.50:8080'],
    ],
  ])('%s', (_what, source, destination, expected) => {
    expect(ends(network, source, destination)).toEqual(expected);
  });
});
