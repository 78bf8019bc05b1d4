import { describe, expect, test } from 'vitest';
import { decisions, machine } from './machine.ts';

/** As in kernel-answers.test.ts: what is expected, and the rule that decides, was given by a kernel that had loaded the same rules, sets and routes. */

describe('OVN-Kubernetes: services go out to OVS, or by a mark to its management port', () => {
  const network = machine('ovn-kubernetes');
  test.each([
    ['a NodePort with a local policy', '198.51.100.9', '10.60.1.21:31443', ['ovn-k8s-mp0: 198.51.100.9 > 169.254.169.3:31443']],
    ['its load balancer', '198.51.100.9', '192.0.2.251:443', ['ovn-k8s-mp0: 198.51.100.9 > 169.254.169.3:31443']],
    ['its load balancer from the machine: not by ETP', 'node', '192.0.2.251:443', ['br-ex: 10.60.1.21 > 172.30.44.3:443']],
    ['its NodePort from the machine', 'node', '10.60.1.21:31443', ['br-ex: 10.60.1.21 > 172.30.44.3:443']],
    ['an external address', '198.51.100.9', '192.0.2.252:514/udp', ['br-ex: 198.51.100.9 > 172.30.44.5:514']],
    ['sctp', '198.51.100.9', '10.60.1.21:32132/sctp', ['br-ex: 198.51.100.9 > 172.30.44.7:132']],
    ['tcp at that port', '198.51.100.9', '10.60.1.21:32132', ['here']],
    ['a service from the machine', 'node', '172.30.44.8:80', ['br-ex: 169.254.169.2 > 172.30.44.8:80']],
    ['an internal policy Local: the mark takes it to the pods', 'node', '172.30.44.4:9000', ['ovn-k8s-mp0: 10.131.0.2 > 172.30.44.4:9000']],
    ['the same at another port', 'node', '172.30.44.4:9001', ['br-ex: 169.254.169.2 > 172.30.44.4:9001']],
    ['an internal policy Local of the host', 'node', '172.30.44.6:9001', ['here']],
    ['the same from outside: it is routed', '198.51.100.9', '172.30.44.6:9001', ['br-ex: 198.51.100.9 > 172.30.44.6:9001']],
    ['the machine to a pod', 'node', '10.131.0.30:8080', ['ovn-k8s-mp0: 10.131.0.2 > 10.131.0.30:8080']],
    ['the machine to a pod elsewhere', 'node', '10.129.4.4:8080', ['ovn-k8s-mp0: 10.131.0.2 > 10.129.4.4:8080']],
    ['outside to a pod', '198.51.100.9', '10.131.0.30:8080', ['dropped by iptables-save:53']],
    ['a pod by the management port', '10.131.0.30', '9.9.9.9:443', ['br-ex: 10.60.1.21 > 9.9.9.9:443']],
    ['a pod with an address for egress', '10.131.0.31', '9.9.9.9:443', ['br-ex: 192.0.2.250 > 9.9.9.9:443']],
    ['a pod to the machine', '10.131.0.30', '10.60.1.21:10250', ['here']],
    ['a pod to the machine configuration', '10.131.0.30', '10.60.1.21:22623', ['rejected by iptables-save:57']],
    ['the machine to the machine configuration', 'node', '10.60.1.5:22623', ['rejected by iptables-save:65']],
    ['outside to it', '198.51.100.9', '10.60.1.21:22623', ['here']],
    ['through the machine', '198.51.100.9', '198.51.200.1:80', ['dropped by iptables-save:53']],
    ['ping', '198.51.100.9', '10.60.1.21', ['here']],
    ['the machine to its own port', 'node', '10.60.1.21:22', ['here']],
    ['the machine to the internet', 'node', '9.9.9.9:53/udp', ['br-ex: 10.60.1.21 > 9.9.9.9:53']],
  ])('%s', (_what, source, destination, expected) => {
    expect(decisions(network, source, destination)).toEqual(expected);
  });
});
