import { describe, expect, test } from 'vitest';
import { decisions, machine } from './machine.ts';

/** As in kernel-answers.test.ts: what is expected, and the rule that decides, was given by a kernel that had loaded the same rules, sets and routes. */

describe('kube-router with its policies and ipsets, behind kube-proxy', () => {
  const network = machine('kube-router');
  test.each([
    ["another node's worker is let in", '10.244.7.31', '10.244.4.12:3000', ['kube-bridge: 10.244.7.31 > 10.244.4.12:3000']],
    ['not at this port', '10.244.7.31', '10.244.4.12:3001', ['rejected by iptables-save:117']],
    ['an ipBlock', '172.16.9.9', '10.244.4.12:22', ['kube-bridge: 172.16.9.9 > 10.244.4.12:22']],
    ['its except', '172.20.4.9', '10.244.4.12:22', ['rejected by iptables-save:117']],
    ['a pod no policy names', '10.244.4.14', '10.244.4.12:3000', ['rejected by iptables-save:117']],
    ['ping is always let in', '10.244.4.14', '10.244.4.12', ['rejected by iptables-save:117']],
    ['the node itself', '10.8.0.14', '10.244.4.12:9999', ['kube-bridge: 10.244.4.1 > 10.244.4.12:9999']],
    ['a service: api is local, worker too', '10.244.4.13', '10.100.7.7:80', ['rejected by iptables-save:126']],
    [
      'a service from a free pod: marked 0x4000 nowhere',
      '10.244.4.14',
      '10.100.7.7:80',
      ['ens160: 10.244.4.14 > 10.244.7.30:3000', 'rejected by iptables-save:117'],
    ],
    ['own service', '10.244.4.12', '10.100.7.7:80', ['ens160: 10.244.4.12 > 10.244.7.30:3000', 'undetermined by ip-route:2']],
    ['a NodePort with a local policy, the client refused', '198.51.100.4', '10.8.0.14:30810', ['rejected by iptables-save:117']],
    ['a NodePort, the client in the block', '172.16.9.9', '10.8.0.14:30810', ['kube-bridge: 172.16.9.9 > 10.244.4.12:3000']],
    [
      "NodePort from the other node's worker",
      '10.244.7.31',
      '10.8.0.14:30810',
      ['ens160: 10.244.7.31 > 10.244.7.30:3000', 'kube-bridge: 10.244.7.31 > 10.244.4.12:3000'],
    ],
    [
      'NodePort from the node itself',
      '10.8.0.14',
      '10.8.0.14:30810',
      ['ens160: 10.8.0.14 > 10.244.7.30:3000', 'kube-bridge: 10.244.4.1 > 10.244.4.12:3000'],
    ],
    ['internalTrafficPolicy Local without one', '10.244.4.14', '10.100.7.8:8126', ['dropped by iptables-save:142']],
    ['the same from the node', '10.8.0.14', '10.100.7.8:8126', ['dropped by iptables-save:142']],
    ['the same, egress denied first', '10.244.4.13', '10.100.7.8:8126', ['rejected by iptables-save:126']],
    ['egress DNS', '10.244.4.13', '10.8.0.53:53/udp', ['ens160: 10.8.0.14 > 10.8.0.53:53']],
    ['egress 443 on the internet', '10.244.4.13', '93.184.216.34:443', ['ens160: 10.8.0.14 > 93.184.216.34:443']],
    ['egress 443 at home', '10.244.4.13', '10.8.0.99:443', ['rejected by iptables-save:126']],
    ['egress to the node', '10.244.4.13', '10.8.0.14:10250', ['rejected by iptables-save:126']],
    ['egress to a NodePort of the node', '10.244.4.13', '10.8.0.14:30099', ['here']],
    ['health check node port', '198.51.100.4', '10.8.0.14:32010', ['here']],
    ['free to another node', '10.244.4.14', '10.8.0.17:6443', ['ens160: 10.244.4.14 > 10.8.0.17:6443']],
    ['free to the internet', '10.244.4.14', '93.184.216.34:80', ['ens160: 10.8.0.14 > 93.184.216.34:80']],
    ['free to a far pod', '10.244.4.14', '10.244.7.31:80', ['ens160: 10.244.4.14 > 10.244.7.31:80']],
    ['worker is open for all', '10.244.4.14', '10.244.4.13:80', ['kube-bridge: 10.244.4.14 > 10.244.4.13:80']],
    ['worker is open, from outside', '198.51.100.4', '10.244.4.13:80', ['kube-bridge: 198.51.100.4 > 10.244.4.13:80']],
    ['ping from worker out', '10.244.4.13', '93.184.216.34', ['rejected by iptables-save:126']],
  ])('%s', (_what, source, destination, expected) => {
    expect(decisions(network, source, destination)).toEqual(expected);
  });
});
