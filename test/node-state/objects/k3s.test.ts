import { describe, expect, test } from 'vitest';
import { clusterOf, ends } from './cluster.ts';

/** On wrk-2 an ipset of a policy still has the address of a pod that is gone and not that of its successor, and flannel.1 has no forwarding entry for wrk-3. */
describe('k3s: flannel by VXLAN, kube-router for policies', () => {
  const network = clusterOf('k3s');
  test.each([
    [
      'an api pod of the other node, newer than the set',
      'shop/api-6f8d5c9b4-l7qwz',
      '10.42.1.8:5432',
      ['rejected by wrk-2/iptables-save:65'],
    ],
    ['the api pod beside it, across the bridge', 'shop/api-6f8d5c9b4-9tbm4', '10.42.1.8:5432', ['shop/db-0: 10.42.1.7 > 10.42.1.8:5432']],
    [
      'a job that has the address of a former api pod',
      'jobs/report-28811520-vk6lm',
      '10.42.1.8:5432',
      ['shop/db-0: 10.42.0.12 > 10.42.1.8:5432'],
    ],
    ['the same by the service', 'jobs/report-28811520-vk6lm', '10.43.10.2:5432', ['shop/db-0: 10.42.0.12 > 10.42.1.8:5432']],
    ['web is in no policy', 'shop/web-7d9c7b6f5-x2k8p', '10.42.1.8:5432', ['rejected by wrk-2/iptables-save:65']],
    ['web by the service', 'shop/web-7d9c7b6f5-x2k8p', '10.43.10.2:5432', ['rejected by wrk-2/iptables-save:65']],
    ['coredns to the db', 'kube-system/coredns-7b98449c4-8tjqd', '10.42.1.8:5432', ['dropped by wrk-2/iptables-save:65']],
    ["the db's node to its own pod", 'wrk-2', '10.42.1.8:5432', ['shop/db-0: 10.42.1.1 > 10.42.1.8:5432']],
    ['another node to the db', 'ctl-1', '10.42.1.8:5432', ['rejected by wrk-2/iptables-save:65']],
    ['another node to the service', 'ctl-1', '10.43.10.2:5432', ['rejected by wrk-2/iptables-save:65']],
    ['own node to the service', 'wrk-2', '10.43.10.2:5432', ['shop/db-0: 10.42.1.1 > 10.42.1.8:5432']],
    [
      'a job to the api service: 8080 is allowed',
      'jobs/report-28811520-vk6lm',
      '10.43.10.1:80',
      ['shop/api-6f8d5c9b4-9tbm4: 10.42.0.12 > 10.42.1.7:8080', 'shop/api-6f8d5c9b4-l7qwz: 10.42.0.12 > 10.42.0.11:8080'],
    ],
    ['a job to the ingress', 'jobs/report-28811520-vk6lm', '10.42.0.5:8000', ['rejected by ctl-1/iptables-save:68']],
    ['a job to its node', 'jobs/report-28811520-vk6lm', '192.168.122.10:10250', ['rejected by ctl-1/iptables-save:68']],
    [
      'a job to a NodePort of its node',
      'jobs/report-28811520-vk6lm',
      '192.168.122.10:30080',
      ['shop/web-7d9c7b6f5-x2k8p: 10.42.0.12 > 10.42.0.9:8080'],
    ],
    ['a job to a NodePort without endpoints', 'jobs/report-28811520-vk6lm', '192.168.122.10:30081', ['rejected by ctl-1/iptables-save:50']],
    ['a job to DNS', 'jobs/report-28811520-vk6lm', '10.43.0.10:53/udp', ['kube-system/coredns-7b98449c4-8tjqd: 10.42.0.12 > 10.42.2.3:53']],
    ['a job to the internet', 'jobs/report-28811520-vk6lm', '198.51.100.9:443', ['rejected by ctl-1/iptables-save:68']],
    ['web to DNS', 'shop/web-7d9c7b6f5-x2k8p', '10.43.0.10:53/udp', ['kube-system/coredns-7b98449c4-8tjqd: 10.42.0.9 > 10.42.2.3:53']],
    ['from wrk-2 to DNS: no forwarding entry', 'shop/api-6f8d5c9b4-9tbm4', '10.43.0.10:53/udp', ['dropped']],
    ['from wrk-2 to the pod of wrk-3', 'shop/api-6f8d5c9b4-9tbm4', '10.42.2.3:53/udp', ['dropped']],
    ['wrk-2 itself', 'wrk-2', '10.42.2.3:53/udp', ['dropped']],
    ['the answer of wrk-2 is lost', 'kube-system/coredns-7b98449c4-8tjqd', '10.42.1.7:8080', ['dropped']],
    ['wrk-3 to a pod of wrk-2', 'wrk-3', '10.42.1.7:8080', ['dropped']],
    [
      'wrk-3 to the hostPort of wrk-2: not by the tunnel',
      'wrk-3',
      '192.168.122.11:80',
      ['edge/ingress-q9x4d: 192.168.122.12 > 10.42.1.5:8000'],
    ],
    [
      'web to the api service',
      'shop/web-7d9c7b6f5-x2k8p',
      '10.43.10.1:80',
      ['shop/api-6f8d5c9b4-9tbm4: 10.42.0.9 > 10.42.1.7:8080', 'shop/api-6f8d5c9b4-l7qwz: 10.42.0.9 > 10.42.0.11:8080'],
    ],
    [
      'api to its own service: hairpin',
      'shop/api-6f8d5c9b4-l7qwz',
      '10.43.10.1:80',
      ['shop/api-6f8d5c9b4-9tbm4: 10.42.0.11 > 10.42.1.7:8080', 'shop/api-6f8d5c9b4-l7qwz: 10.42.0.1 > 10.42.0.11:8080'],
    ],
    [
      'outside to NodePort Local, pod is here',
      '198.51.100.9 in ctl-1/eth0',
      '192.168.122.10:30080',
      ['shop/web-7d9c7b6f5-x2k8p: 198.51.100.9 > 10.42.0.9:8080'],
    ],
    [
      'outside to NodePort Local, pod is elsewhere',
      '198.51.100.9 in wrk-2/eth0',
      '192.168.122.11:30080',
      ['dropped by wrk-2/iptables-save:51'],
    ],
    [
      'a pod to NodePort Local of another node',
      'shop/api-6f8d5c9b4-9tbm4',
      '192.168.122.10:30080',
      ['shop/web-7d9c7b6f5-x2k8p: 192.168.122.11 > 10.42.0.9:8080'],
    ],
    [
      'a pod to NodePort Local of its own node, without a pod',
      'shop/api-6f8d5c9b4-9tbm4',
      '192.168.122.11:30080',
      ['shop/web-7d9c7b6f5-x2k8p: 10.42.1.7 > 10.42.0.9:8080'],
    ],
    [
      'a node to its own NodePort Local, without a pod',
      'wrk-2',
      '192.168.122.11:30080',
      ['shop/web-7d9c7b6f5-x2k8p: 10.42.1.0 > 10.42.0.9:8080'],
    ],
    [
      'outside to a NodePort without endpoints',
      '198.51.100.9 in wrk-2/eth0',
      '192.168.122.11:30081',
      ['rejected by wrk-2/iptables-save:50'],
    ],
    ['a pod to a service without endpoints', 'shop/web-7d9c7b6f5-x2k8p', '10.43.10.4:80', ['rejected by ctl-1/iptables-save:84']],
    ['outside to a hostPort', '198.51.100.9 in ctl-1/eth0', '192.168.122.10:80', ['edge/ingress-lmz7b: 198.51.100.9 > 10.42.0.5:8000']],
    [
      'a pod to the hostPort of its node',
      'shop/web-7d9c7b6f5-x2k8p',
      '192.168.122.10:80',
      ['edge/ingress-lmz7b: 10.42.0.1 > 10.42.0.5:8000'],
    ],
    ['the ingress pod to its own hostPort', 'edge/ingress-lmz7b', '192.168.122.10:80', ['edge/ingress-lmz7b: 10.42.0.1 > 10.42.0.5:8000']],
    ['a node to its own hostPort', 'ctl-1', '192.168.122.10:80', ['edge/ingress-lmz7b: 192.168.122.10 > 10.42.0.5:8000']],
    ['a pod to the internet', 'shop/web-7d9c7b6f5-x2k8p', '198.51.100.9:443', ['beyond: 192.168.122.10 > 198.51.100.9:443']],
    ['outside to a pod that nothing routes', 'edge/ingress-q9x4d', '93.184.216.34:80', ['beyond: 192.168.122.11 > 93.184.216.34:80']],
    ['a pod with a policy to a service without endpoints', 'shop/db-0', '10.43.10.4:80', ['dropped']],
    ['ingress to the service without endpoints', 'edge/ingress-q9x4d', '10.43.10.4:80', ['rejected by wrk-2/iptables-save:81']],
  ])('%s', (_what, source, destination, expected) => {
    expect(ends(network, source, destination)).toEqual(expected);
  });
});
