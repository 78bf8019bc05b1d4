import { expect, test } from 'vitest';
import { type Network, traceRequest } from '../../../src/index.ts';
import { clusterOf } from './cluster.ts';

const NETWORKS = new Map(['k3s', 'calico', 'host-firewalls'].map((name) => [name, clusterOf(name)]));

function networkOf(name: string): Network {
  const network = NETWORKS.get(name);
  if (network === undefined) throw new Error(`there is no cluster ${name}`);
  return network;
}

/** Each command is the one that the node lacks: see what is said of the clusters in the tests beside this one. */
test.each([
  [
    'rules of an enforcer that refuse what the policies let pass are to be written anew',
    'k3s',
    'shop/pod/api-6f8d5c9b4-l7qwz',
    'shop/svc/db',
    'on wrk-2 (policy db), though the policies let it pass',
    'let kube-router write its rules and sets on wrk-2 anew',
  ],
  [
    'what the policies refuse as well is for them to let pass',
    'k3s',
    'shop/pod/web-7d9c7b6f5-x2k8p',
    'shop/svc/db',
    'on wrk-2 (policy db)',
    'add { podSelector: { matchLabels: { app: web } } } to ingress[0].from of NetworkPolicy shop/db',
  ],
  [
    'an exception of a block',
    'calico',
    'cp-a',
    '10.233.91.70:9187',
    'chain cali-tw-',
    'add { ipBlock: { cidr: 172.16.5.21/32 } } to ingress[1].from of NetworkPolicy bank/ledger',
  ],
  [
    'an entry of a tunnel that is missing, where another node has that MAC address',
    'k3s',
    'shop/pod/api-6f8d5c9b4-9tbm4',
    'kube-system/svc/kube-dns',
    'has no entry for 02:0c:7e:83:d3:ad',
    'bridge fdb append 02:0c:7e:83:d3:ad dev flannel.1 dst 192.168.122.12 (that of wrk-3)',
  ],
  [
    "a pod's route that is missing",
    'calico',
    'default/pod/shell-5f4d8',
    '10.233.91.72:7000',
    'the blackhole route 10.233.91.64/26 on work-b discards it',
    'on work-b: ip route add 10.233.91.72/32 dev calib5d36120e96',
  ],
  [
    'a rule that asks for the way back',
    'calico',
    'default/pod/shell-8k2xv',
    '10.233.64.11:7000',
    'chain cali-PREROUTING on work-b',
    'on work-b: ip route add 10.233.91.72/32 dev calib5d36120e96',
  ],
  [
    'a rule of the host that comes before the plugin’s',
    'host-firewalls',
    'app/pod/front-75b9c8d7f-8mwtl',
    'app/svc/queue',
    'chain FORWARD on rhel-3',
    'on rhel-3: iptables-nft -t filter -D FORWARD -j REJECT --reject-with icmp-host-prohibited',
  ],
])('%s', (_what, cluster, source, destination, why, fix) => {
  const asked = traceRequest(networkOf(cluster), { source, destination });
  if (!asked.ok) throw new Error(asked.message);
  const { reason } = asked.trace;
  expect(reason?.message).toContain(why);
  expect(reason?.fix[0]).toContain(fix);
});

/** It is on the link of the nodes, and no object tells of it. */
test.each([
  ['what it is answered', '10.1.0.12:10250', ['delivered']],
  ['by a node port, one of four endpoints being refused', '10.1.0.12:31080', ['delivered', 'delivered', 'rejected', 'delivered']],
])('a client that is named by --in hears %s', (_what, destination, outcomes) => {
  const asked = traceRequest(networkOf('host-firewalls'), { source: '10.1.0.200', destination, in: 'ubu-2/ens18' });
  if (!asked.ok) throw new Error(asked.message);
  expect(asked.trace.paths.map((p) => p.outcome)).toEqual(outcomes);
});

test('a namespace may have the name of a kind', () => {
  const asked = traceRequest(networkOf('k3s'), { source: 'jobs/report-28811520-vk6lm', destination: 'shop/svc/db' });
  expect(asked.ok && asked.trace.source.name).toBe('report-28811520-vk6lm');
});
