import { describe, expect, test } from 'vitest';
import { clusterOf, ends } from './cluster.ts';

/** alma-1: firewalld was reloaded, and the chains of kube-proxy and flannel are gone; ubu-2: Docker has set the policy of FORWARD; rhel-3: iptables.service refuses before flannel accepts; deb-4: a VPN client has a table of nft. */
describe('flannel by host-gw, and firewalls of the hosts', () => {
  const network = clusterOf('host-firewalls');
  test.each([
    ['to a service from the node without kube chains', 'app/front-75b9c8d7f-4xkzq', '10.96.20.2:6379', ['dropped']],
    ['to a service of its own from the node without kube chains', 'app/front-75b9c8d7f-4xkzq', '10.96.20.5:443', ['dropped']],
    ['to a pod from the node without kube chains', 'app/front-75b9c8d7f-4xkzq', '10.244.1.9:6379', ['dropped by ubu-2/iptables-save:4']],
    [
      "to another node's kubelet: nothing masquerades",
      'app/front-75b9c8d7f-4xkzq',
      '10.1.0.12:10250',
      ['ubu-2: 10.244.0.5 > 10.1.0.12:10250'],
    ],
    ["its own node's kubelet", 'app/front-75b9c8d7f-4xkzq', '10.1.0.11:10250', ['alma-1: 10.244.0.5 > 10.1.0.11:10250']],
    ['to the internet: nothing masquerades', 'app/front-75b9c8d7f-4xkzq', '198.51.100.9:443', ['dropped']],
    ['two pods of that node', 'app/front-75b9c8d7f-4xkzq', '10.244.0.9:9443', ['app/auth-75b9c8d7f-d5r3g: 10.244.0.5 > 10.244.0.9:9443']],
    ['that node to a service', 'alma-1', '10.96.20.5:443', ['dropped']],
    ["another node's NodePort from that node", 'alma-1', '10.1.0.14:31025', ['rejected by deb-4/nft-list-ruleset:237']],
    ['outside to its NodePort', '198.51.100.9 in alma-1/ens18', '10.1.0.11:31080', ['rejected by alma-1/iptables-save:24']],
    ['outside to its ssh', '198.51.100.9 in alma-1/ens18', '10.1.0.11:22', ['alma-1: 198.51.100.9 > 10.1.0.11:22']],
    [
      'a pod behind the forward policy, by its address',
      'app/front-75b9c8d7f-zv6hd',
      '10.244.1.9:6379',
      ['rejected by deb-4/nft-list-ruleset:237'],
    ],
    [
      'the same by the service: masqueraded and accepted by nobody on the way in',
      'app/front-75b9c8d7f-zv6hd',
      '10.96.20.2:6379',
      ['rejected by deb-4/nft-list-ruleset:237'],
    ],
    ['out of the node with the forward policy', 'app/front-75b9c8d7f-8mwtl', '10.244.2.9:5672', ['dropped by ubu-2/iptables-save:4']],
    [
      'out of it by a service: the mark is accepted',
      'app/front-75b9c8d7f-8mwtl',
      '10.96.20.5:443',
      ['app/auth-75b9c8d7f-d5r3g: 10.1.0.12 > 10.244.0.9:9443'],
    ],
    ['two pods of it', 'app/front-75b9c8d7f-8mwtl', '10.244.1.9:6379', ['dropped by ubu-2/iptables-save:4']],
    [
      'two pods of it by the service',
      'app/front-75b9c8d7f-8mwtl',
      '10.96.20.2:6379',
      ['app/store-75b9c8d7f-p9l2w: 10.244.1.1 > 10.244.1.9:6379'],
    ],
    [
      'a store to its own service',
      'app/store-75b9c8d7f-p9l2w',
      '10.96.20.2:6379',
      ['app/store-75b9c8d7f-p9l2w: 10.244.1.1 > 10.244.1.9:6379'],
    ],
    ['out of it to the internet', 'app/front-75b9c8d7f-8mwtl', '198.51.100.9:443', ['dropped by ubu-2/iptables-save:4']],
    ['out of it to another node', 'app/front-75b9c8d7f-8mwtl', '10.1.0.14:10250', ['dropped by ubu-2/iptables-save:4']],
    ['the node with the policy itself', 'ubu-2', '10.244.1.9:6379', ['app/store-75b9c8d7f-p9l2w: 10.244.1.1 > 10.244.1.9:6379']],
    ['the node with the policy to a service', 'ubu-2', '10.96.20.5:443', ['app/auth-75b9c8d7f-d5r3g: 10.1.0.12 > 10.244.0.9:9443']],
    ['outside to a NodePort there', '198.51.100.9 in ubu-2/ens18', '10.1.0.12:31672', ['rejected by rhel-3/iptables-save:24']],
    [
      'outside to a NodePort there of all fronts',
      '198.51.100.9 in ubu-2/ens18',
      '10.1.0.12:31080',
      [
        'app/front-75b9c8d7f-4xkzq: 10.1.0.12 > 10.244.0.5:8080',
        'app/front-75b9c8d7f-8mwtl: 10.244.1.1 > 10.244.1.5:8080',
        'app/front-75b9c8d7f-zv6hd: 10.1.0.12 > 10.244.3.5:8080',
        'rejected by rhel-3/iptables-save:24',
      ],
    ],
    ['to the pod behind the REJECT', 'app/front-75b9c8d7f-8mwtl', '10.96.20.3:5672', ['rejected by rhel-3/iptables-save:24']],
    ['the same from the node without chains', 'app/front-75b9c8d7f-4xkzq', '10.244.2.9:5672', ['rejected by rhel-3/iptables-save:24']],
    ['out of the node with the REJECT', 'app/front-75b9c8d7f-c2nfr', '10.244.0.9:9443', ['rejected by rhel-3/iptables-save:24']],
    ['out of it by a service', 'app/front-75b9c8d7f-c2nfr', '10.96.20.5:443', ['rejected by rhel-3/iptables-save:24']],
    ['two pods of it across the bridge', 'app/front-75b9c8d7f-c2nfr', '10.244.2.9:5672', ['rejected by rhel-3/iptables-save:24']],
    ['the node with the REJECT to its pod', 'rhel-3', '10.244.2.9:5672', ['app/queue-75b9c8d7f-k4v7s: 10.244.2.1 > 10.244.2.9:5672']],
    ['its kubelet from outside', '198.51.100.9 in rhel-3/ens18', '10.1.0.13:10250', ['rejected by rhel-3/iptables-save:23']],
    ['its NodePort from outside', '198.51.100.9 in rhel-3/ens18', '10.1.0.13:31672', ['rejected by rhel-3/iptables-save:24']],
    ['the VPN: a service from another node', 'app/front-75b9c8d7f-8mwtl', '10.96.20.4:25', ['rejected by deb-4/nft-list-ruleset:237']],
    ['the VPN: by the pod address', 'app/front-75b9c8d7f-4xkzq', '10.244.3.9:25', ['rejected by deb-4/nft-list-ruleset:237']],
    [
      'the VPN: what it lets through',
      'app/front-75b9c8d7f-4xkzq',
      '10.244.3.5:8080',
      ['app/front-75b9c8d7f-zv6hd: 10.244.0.5 > 10.244.3.5:8080'],
    ],
    ['the VPN: what another range may not', 'app/front-75b9c8d7f-c2nfr', '10.244.3.5:8080', ['rejected by rhel-3/iptables-save:24']],
    ['the VPN: two pods across the bridge', 'app/front-75b9c8d7f-zv6hd', '10.244.3.9:25', ['rejected by deb-4/nft-list-ruleset:237']],
    ['the VPN: out', 'app/front-75b9c8d7f-zv6hd', '10.244.0.5:8080', ['rejected by deb-4/nft-list-ruleset:237']],
    ['the VPN: a pod to the internet', 'app/front-75b9c8d7f-zv6hd', '198.51.100.9:443', ['rejected by deb-4/nft-list-ruleset:237']],
    ['the VPN: the node to the internet', 'deb-4', '198.51.100.9:443', ['rejected by deb-4/nft-list-ruleset:220']],
    ['the VPN: the node to its pod', 'deb-4', '10.244.3.9:25', ['app/mail-75b9c8d7f-tt8xj: 10.244.3.1 > 10.244.3.9:25']],
    ['the VPN: outside to a NodePort Local', '198.51.100.9 in deb-4/ens18', '10.1.0.14:31025', ['dropped by deb-4/nft-list-ruleset:237']],
    ['the VPN: from the LAN to the NodePort', 'ubu-2', '10.1.0.14:31025', ['rejected by deb-4/nft-list-ruleset:237']],
    ['the VPN: outside to ssh', '198.51.100.9 in deb-4/ens18', '10.1.0.14:22', ['dropped by deb-4/nft-list-ruleset:228']],
  ])('%s', (_what, source, destination, expected) => {
    expect(ends(network, source, destination)).toEqual(expected);
  });
});
