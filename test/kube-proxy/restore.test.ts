import { describe, expect, it } from 'vitest';
import { loadNetwork } from '../../src/index.ts';
import { viewOf } from '../../src/show/index.ts';
import { isolated, whyNot } from '../kernel-lab/machine.ts';

/** The rules of a node whose services have everything, as text for iptables-restore. */
const TOPOLOGY = (kubeProxy: string) => `apiVersion: k8s-trace/v1
kind: Topology
cluster: { podCIDR: 10.244.0.0/16, serviceCIDR: 10.96.0.0/12, kubeProxy: ${kubeProxy} }
nodes:
  - { name: node-1, ip: 192.168.1.11, podCIDR: 10.244.1.0/24, labels: { topology.kubernetes.io/zone: east } }
  - { name: node-2, ip: 192.168.1.12, podCIDR: 10.244.2.0/24, labels: { topology.kubernetes.io/zone: west } }
pods:
  - { name: a, node: node-1, labels: { app: web } }
  - { name: b, node: node-2, labels: { app: web } }
  - { name: c, node: node-2, labels: { app: web }, terminating: true }
  - { name: d, node: node-2, labels: { app: host }, hostNetwork: true }
services:
  - name: everything
    type: LoadBalancer
    clusterIP: 10.96.0.10
    selector: { app: web }
    externalIPs: [ 192.168.1.50 ]
    externalTrafficPolicy: Local
    internalTrafficPolicy: Local
    healthCheckNodePort: 32000
    sessionAffinity: ClientIP
    sessionAffinityConfig: { clientIP: { timeoutSeconds: 600 } }
    trafficDistribution: PreferSameNode
    loadBalancerSourceRanges: [ 192.168.1.0/24, 10.0.0.0/8 ]
    status: { loadBalancer: { ingress: [ { ip: 203.0.113.10 }, { ip: 203.0.113.11, ipMode: Proxy } ] } }
    ports:
      - { name: http, port: 80, targetPort: 8080, nodePort: 30080 }
      - { name: dns, port: 53, targetPort: 5353, nodePort: 30053, protocol: UDP }
      - { name: sig, port: 38412, nodePort: 30412, protocol: SCTP }
  - { name: balanced, type: NodePort, clusterIP: 10.96.0.11, selector: { app: web }, sessionAffinity: ClientIP, ports: [ { port: 80, nodePort: 30081 } ] }
  - { name: host, type: NodePort, clusterIP: 10.96.0.12, selector: { app: host }, externalTrafficPolicy: Local, ports: [ { port: 80, nodePort: 30082 } ] }
  - { name: stated, clusterIP: 10.96.0.13, externalIPs: [ 192.168.1.51 ], ports: [ { port: 80 } ] }
  - { name: none, type: NodePort, clusterIP: 10.96.0.14, ports: [ { port: 80, nodePort: 30083 } ] }
endpoints:
  - { service: stated, addresses: [ { ip: 192.0.2.1, port: 80 }, { ip: 192.0.2.2, port: 80 }, { ip: 192.0.2.3, port: 80 } ] }
internet: { gateway: { ip: 192.168.1.1 } }
`;

const MODES = [
  'iptables',
  '{ masqueradeAll: true, localhostNodePorts: false }',
  '{ nodePortAddresses: [ 192.168.0.0/16, 127.0.0.0/8 ] }',
  '{ clusterCIDR: "", masqueradeBit: 31 }',
  '{ detectLocalMode: NodeCIDR, masqueradeBit: 0 }',
  '{ detectLocalMode: BridgeInterface, bridgeInterface: cni0 }',
  '{ detectLocalMode: InterfaceNamePrefix, interfaceNamePrefix: veth }',
];

/**
 * The rules by table and chain, in order: only the chains are listed in another one. kube-proxy writes ten digits of a probability, and
 * iptables-save prints what the kernel made of them.
 */
function rulesOf(text: string): ReadonlyMap<string, readonly string[]> {
  const chains = new Map<string, string[]>();
  let table = '';
  for (const line of text.replace(/(--probability 0\.\d{9})\d*/g, '$1').split('\n')) {
    if (line.startsWith('*')) table = line;
    const [command, chain = ''] = line.split(' ');
    if (command !== '-A') continue;
    const rules = chains.get(`${table} ${chain}`) ?? [];
    chains.set(`${table} ${chain}`, [...rules, line]);
  }
  return chains;
}

describe.skipIf(whyNot !== null)(`iptables-restore and a node's rules${whyNot === null ? '' : ` (skipped: ${whyNot})`}`, () => {
  describe.each(MODES)('kubeProxy: %s', (mode) => {
    const loaded = loadNetwork([{ name: 'x.yaml', bytes: new TextEncoder().encode(TOPOLOGY(mode)) }]);
    if (!loaded.ok) throw new Error(JSON.stringify(loaded.diagnostics));
    const { cluster, datapath } = loaded.value;

    it.each(['node-1', 'node-2'])('%s: it takes all of them, and iptables-save prints them as they are', (name) => {
      const view = viewOf(cluster, datapath, 'node', name, true);
      if (view === null || !('ruleset' in view) || view.ruleset === null) throw new Error('no rules');
      const tested = isolated('iptables-restore --test', view.ruleset);
      expect([tested.status, tested.stderr]).toEqual([0, '']);
      const saved = isolated('iptables-restore && iptables-save', view.ruleset);
      expect([saved.status, saved.stderr]).toEqual([0, '']);
      expect(rulesOf(saved.stdout)).toEqual(rulesOf(view.ruleset));
    });
  });
});
