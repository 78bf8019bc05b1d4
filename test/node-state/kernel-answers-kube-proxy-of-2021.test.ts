import { describe, expect, test } from 'vitest';
import { decisions, machine } from './machine.ts';

/** As in kernel-answers.test.ts: what is expected, and the rule that decides, was given by a kernel that had loaded the same rules, sets and routes. */

describe('kube-proxy 1.20 with Docker and flannel, saved by iptables 1.4', () => {
  const network = machine('kube-proxy-1.20');
  test.each([
    ['a load balancer whose service is local: the endpoint here', '203.0.113.5', '192.0.2.240:80', ['cni0: 203.0.113.5 > 10.42.3.7:8080']],
    ['its NodePort', '203.0.113.5', '192.168.56.21:31380', ['cni0: 203.0.113.5 > 10.42.3.7:8080']],
    [
      'its NodePort from a pod: any endpoint',
      '10.42.3.6',
      '192.168.56.21:31380',
      ['cni0: 10.42.3.6 > 10.42.3.7:8080', 'flannel.1: 10.42.3.6 > 10.42.5.9:8080'],
    ],
    [
      'its NodePort at 127.0.0.1',
      '127.0.0.1',
      '127.0.0.1:31380',
      ['cni0: 10.42.3.1 > 10.42.3.7:8080', 'flannel.1: 10.42.3.0 > 10.42.5.9:8080'],
    ],
    [
      'its ClusterIP from outside',
      '203.0.113.5',
      '10.43.120.1:80',
      ['cni0: 10.42.3.1 > 10.42.3.7:8080', 'flannel.1: 10.42.3.0 > 10.42.5.9:8080'],
    ],
    ['itself', '10.42.3.7', '10.43.120.1:80', ['flannel.1: 10.42.3.7 > 10.42.5.9:8080', 'undetermined by ip-address:17']],
    [
      'a local NodePort without endpoint here: marked, and dropped at INPUT',
      '203.0.113.5',
      '192.168.56.21:30444',
      ['dropped by iptables-save:142'],
    ],
    ['the same from the node', '192.168.56.21', '192.168.56.21:30444', ['flannel.1: 10.42.3.0 > 10.42.5.9:8443']],
    ['an external address, from outside', '203.0.113.5', '198.18.0.50:443', ['flannel.1: 10.42.3.0 > 10.42.5.9:8443']],
    ['an external address, from the node', '192.168.56.21', '198.18.0.50:443', ['enp0s8: 192.168.56.21 > 198.18.0.50:443']],
    ['an external address, from a container', '172.17.0.3', '198.18.0.50:443', ['undetermined by iptables-save:72']],
    ['sticky', '203.0.113.5', '192.168.56.21:32100', ['cni0: 10.42.3.1 > 10.42.3.7:9090', 'flannel.1: 10.42.3.0 > 10.42.5.9:9090']],
    [
      'sticky, from the pod itself',
      '10.42.3.7',
      '10.43.120.2:80',
      ['flannel.1: 10.42.3.7 > 10.42.5.9:9090', 'undetermined by ip-address:17'],
    ],
    ['no endpoints, from a pod', '10.42.3.6', '10.43.120.9:8125/udp', ['rejected by iptables-save:148']],
    ['no endpoints, another port', '10.42.3.6', '10.43.120.9:8126/udp', ['enp0s8: 192.168.56.21 > 10.43.120.9:8126']],
    ['no endpoints, from the node', '192.168.56.21', '10.43.120.9:8125/udp', ['rejected by iptables-save:148']],
    ['metadata from a pod', '10.42.3.6', '169.254.169.254:80', ['rejected by iptables-save:140']],
    ['metadata at another port', '10.42.3.6', '169.254.169.254:8080', ['enp0s8: 192.168.56.21 > 169.254.169.254:8080']],
    ['metadata from a container', '172.17.0.3', '169.254.169.254:80', ['enp0s8: 192.168.56.21 > 169.254.169.254:80']],
    ['a published port of Docker', '203.0.113.5', '192.168.56.21:5000', ['docker0: 203.0.113.5 > 172.17.0.2:5000']],
    ['the container itself, from outside', '203.0.113.5', '172.17.0.2:5000', ['docker0: 203.0.113.5 > 172.17.0.2:5000']],
    ['the container at another port', '203.0.113.5', '172.17.0.2:5001', ['dropped by iptables-save:108']],
    ['the published port from a pod', '10.42.3.6', '192.168.56.21:5000', ['docker0: 172.17.0.1 > 172.17.0.2:5000']],
    ['a container to a pod', '172.17.0.3', '10.42.3.7:8080', ['cni0: 10.42.3.1 > 10.42.3.7:8080']],
    ['a container to the internet', '172.17.0.3', '1.1.1.1:53/udp', ['enp0s8: 192.168.56.21 > 1.1.1.1:53']],
    ['a pod to the internet', '10.42.3.6', '1.1.1.1:53/udp', ['enp0s8: 192.168.56.21 > 1.1.1.1:53']],
    ['a pod to multicast of the network', '10.42.3.6', '10.42.9.9:80', ['flannel.1: 10.42.3.6 > 10.42.9.9:80']],
    ['outside to a pod', '203.0.113.5', '10.42.3.6:22', ['cni0: 203.0.113.5 > 10.42.3.6:22']],
    ['outside to elsewhere', '203.0.113.5', '198.18.0.51:443', ['dropped by iptables-save:108']],
    ['dns by tcp', '10.42.3.6', '10.43.0.10:53', ['cni0: 10.42.3.6 > 10.42.3.8:53']],
    ['dns by tcp from the node', '192.168.56.21', '10.43.0.10:53', ['cni0: 10.42.3.1 > 10.42.3.8:53']],
    ['ping a pod', '203.0.113.5', '10.42.3.6', ['cni0: 203.0.113.5 > 10.42.3.6']],
    ['ping the node from a pod', '10.42.3.6', '192.168.56.21', ['here']],
  ])('%s', (_what, source, destination, expected) => {
    expect(decisions(network, source, destination)).toEqual(expected);
  });
});
