import { describe, expect, test } from 'vitest';
import { clusterOf, ends } from './cluster.ts';

/** On work-b a pod has no route since it was made anew, and an agent marks packets with the bit by which kube-proxy masquerades. */
describe('calico with iptables, behind BGP', () => {
  const network = clusterOf('calico');
  test.each([
    ['gate may call the ledger', 'bank/gate-6d5b7f9c8-kd8fz', '10.233.91.70:5432', ['bank/ledger-0: 10.233.64.10 > 10.233.91.70:5432']],
    ['gate beside it as well', 'bank/gate-6d5b7f9c8-w2r9m', '10.233.91.70:5432', ['bank/ledger-0: 10.233.91.71 > 10.233.91.70:5432']],
    ['by the service', 'bank/gate-6d5b7f9c8-kd8fz', '10.233.10.6:5432', ['bank/ledger-0: 10.233.64.10 > 10.233.91.70:5432']],
    ['not at the metrics', 'bank/gate-6d5b7f9c8-kd8fz', '10.233.91.70:9187', ['dropped by work-b/iptables-save:169']],
    ['not from another namespace', 'default/shell-5f4d8', '10.233.91.70:5432', ['dropped by work-b/iptables-save:169']],
    ['nor by the service', 'default/shell-5f4d8', '10.233.10.6:5432', ['dropped by work-b/iptables-save:169']],
    ['a pod of the same node may not', 'default/shell-8k2xv', '10.233.91.70:5432', ['dropped by work-b/iptables-save:26']],
    ['metrics from a node that is in the block', 'work-b', '10.233.91.70:9187', ['bank/ledger-0: 172.16.5.22 > 10.233.91.70:9187']],
    ['metrics from the node that is excepted', 'cp-a', '10.233.91.70:9187', ['dropped by work-b/iptables-save:169']],
    ['a node to the port of gates', 'cp-a', '10.233.91.70:5432', ['dropped by work-b/iptables-save:169']],
    ['its own node may', 'work-b', '10.233.91.70:5432', ['bank/ledger-0: 172.16.5.22 > 10.233.91.70:5432']],
    ['its own node by the service', 'work-b', '10.233.10.6:5432', ['bank/ledger-0: 172.16.5.22 > 10.233.91.70:5432']],
    ['another node by the service', 'cp-a', '10.233.10.6:5432', ['dropped by work-b/iptables-save:169']],
    ['outside by the NodePort of its node', '198.51.100.9 in work-b/ens18', '172.16.5.22:30432', ['dropped by work-b/iptables-save:169']],
    [
      'outside by the NodePort of another: masqueraded, and refused',
      '198.51.100.9 in cp-a/ens18',
      '172.16.5.21:30432',
      ['dropped by work-b/iptables-save:169'],
    ],
    ['gate out to a block', 'bank/gate-6d5b7f9c8-kd8fz', '198.51.100.9:443', ['beyond: 172.16.5.21 > 198.51.100.9:443']],
    ['gate out to it at another port', 'bank/gate-6d5b7f9c8-kd8fz', '198.51.100.9:80', ['dropped by cp-a/iptables-save:116']],
    ['gate out to elsewhere', 'bank/gate-6d5b7f9c8-w2r9m', '93.184.216.34:443', ['dropped by work-b/iptables-save:115']],
    ['gate to the other gate', 'bank/gate-6d5b7f9c8-kd8fz', '10.233.91.71:8443', ['dropped by cp-a/iptables-save:116']],
    ['gate to its own service', 'bank/gate-6d5b7f9c8-kd8fz', '10.233.10.5:443', ['dropped by cp-a/iptables-save:116']],
    ['gate to its node', 'bank/gate-6d5b7f9c8-kd8fz', '172.16.5.21:10250', ['dropped by cp-a/iptables-save:116']],
    ['gate to the other node', 'bank/gate-6d5b7f9c8-w2r9m', '172.16.5.21:9100', ['dropped by work-b/iptables-save:115']],
    [
      'a shell to the gates',
      'default/shell-5f4d8',
      '10.233.10.5:443',
      ['bank/gate-6d5b7f9c8-kd8fz: 10.233.64.11 > 10.233.64.10:8443', 'bank/gate-6d5b7f9c8-w2r9m: 10.233.64.11 > 10.233.91.71:8443'],
    ],
    ['a shell to a gate', 'default/shell-5f4d8', '10.233.91.71:8443', ['bank/gate-6d5b7f9c8-w2r9m: 10.233.64.11 > 10.233.91.71:8443']],
    [
      'outside by a Local NodePort',
      '198.51.100.9 in cp-a/ens18',
      '172.16.5.21:30443',
      ['bank/gate-6d5b7f9c8-kd8fz: 198.51.100.9 > 10.233.64.10:8443'],
    ],
    [
      'outside by a Local NodePort of the other',
      '198.51.100.9 in work-b/ens18',
      '172.16.5.22:30443',
      ['bank/gate-6d5b7f9c8-w2r9m: 198.51.100.9 > 10.233.91.71:8443'],
    ],
    [
      'ledger by a Local NodePort: all endpoints',
      'bank/ledger-0',
      '172.16.5.22:30443',
      ['bank/gate-6d5b7f9c8-kd8fz: 10.233.91.70 > 10.233.64.10:8443', 'bank/gate-6d5b7f9c8-w2r9m: 10.233.91.70 > 10.233.91.71:8443'],
    ],
    ['ledger to the world', 'bank/ledger-0', '93.184.216.34:443', ['beyond: 172.16.5.22 > 93.184.216.34:443']],
    ['the pod without its route', 'default/shell-5f4d8', '10.233.91.72:7000', ['dropped']],
    ['from its own node', 'work-b', '10.233.91.72:7000', ['rejected']],
    ['from a pod beside it', 'bank/ledger-0', '10.233.91.72:7000', ['dropped']],
    ['out of it: the reverse path is gone', 'default/shell-8k2xv', '10.233.64.11:7000', ['dropped by work-b/iptables-save:26']],
    ['internal policy Local', 'default/shell-5f4d8', '10.233.10.7:7000', ['default/shell-5f4d8: 172.16.5.21 > 10.233.64.11:7000']],
    ['internal policy Local at the pod without a route', 'bank/ledger-0', '10.233.10.7:7000', ['dropped']],
    [
      "the marked bit: a pod to the exporter of the other node, in the node's name",
      'bank/ledger-0',
      '172.16.5.21:9100',
      ['cp-a: 172.16.5.22 > 172.16.5.21:9100'],
    ],
    ['the exporter of its own node', 'bank/ledger-0', '172.16.5.22:9100', ['work-b: 10.233.91.70 > 172.16.5.22:9100']],
    ['the kubelet of the other node, by nat-outgoing', 'bank/ledger-0', '172.16.5.21:10250', ['cp-a: 172.16.5.22 > 172.16.5.21:10250']],
    [
      'ledger to a shell of the other node',
      'bank/ledger-0',
      '10.233.64.11:7000',
      ['default/shell-5f4d8: 10.233.91.70 > 10.233.64.11:7000'],
    ],
    ['a health check port', '198.51.100.9 in work-b/ens18', '172.16.5.22:32100', ['work-b: 198.51.100.9 > 172.16.5.22:32100']],
  ])('%s', (_what, source, destination, expected) => {
    expect(ends(network, source, destination)).toEqual(expected);
  });
});
