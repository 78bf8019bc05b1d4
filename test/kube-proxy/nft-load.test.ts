import { describe, expect, it } from 'vitest';
import { loadNetwork } from '../../src/index.ts';
import { viewOf } from '../../src/show/index.ts';
import { isolated, whyNot } from '../kernel-lab/machine.ts';

/** The rules of a node whose services have everything: `nft` reads them, and lists them byte for byte as they were. */
const TOPOLOGY = (kubeProxy: string) => `apiVersion: k8s-trace/v1
kind: Topology
cluster: { podCIDRs: [ 10.244.0.0/16, fd00:10:244::/56 ], serviceCIDRs: [ 10.96.0.0/12, fd00:10:96::/112 ], masquerade: none, kubeProxy: ${kubeProxy} }
nodes:
  - { name: node-1, ips: [ 192.168.1.11, fd00:192::11 ], podCIDRs: [ 10.244.1.0/24, fd00:10:244:1::/64 ] }
  - { name: node-2, ips: [ 192.168.1.12, fd00:192::12 ], podCIDRs: [ 10.244.2.0/24, fd00:10:244:2::/64 ] }
pods:
  - { name: a, node: node-1, labels: { app: web } }
  - { name: b, node: node-2, labels: { app: web } }
  - { name: c, node: node-2, labels: { app: web }, terminating: true }
  - { name: d, node: node-2, labels: { app: host }, hostNetwork: true }
services:
  - name: everything
    type: LoadBalancer
    clusterIPs: [ 10.96.0.10, "fd00:10:96::10" ]
    selector: { app: web }
    externalIPs: [ 192.168.1.50, "fd00:192::50" ]
    externalTrafficPolicy: Local
    internalTrafficPolicy: Local
    healthCheckNodePort: 32000
    sessionAffinity: ClientIP
    sessionAffinityConfig: { clientIP: { timeoutSeconds: 600 } }
    loadBalancerSourceRanges: [ 192.168.1.0/24, 10.0.0.0/8, 10.1.0.0/16, "fd00::/16" ]
    status: { loadBalancer: { ingress: [ { ip: 203.0.113.10 }, { ip: 203.0.113.11, ipMode: Proxy }, { ip: "2001:db8::10" } ] } }
    ports:
      - { name: http, port: 80, targetPort: 8080, nodePort: 30080 }
      - { name: dns, port: 53, targetPort: 5353, nodePort: 30053, protocol: UDP }
      - { name: sig, port: 38412, nodePort: 30412, protocol: SCTP }
  - { name: balanced, type: NodePort, clusterIPs: [ 10.96.0.11, "fd00:10:96::11" ], selector: { app: web }, sessionAffinity: ClientIP, ports: [ { port: 80, nodePort: 30081 } ] }
  - { name: host, type: NodePort, clusterIPs: [ 10.96.0.12, "fd00:10:96::12" ], selector: { app: host }, externalTrafficPolicy: Local, ports: [ { port: 80, nodePort: 30082 } ] }
  - name: ranges
    type: LoadBalancer
    clusterIPs: [ 10.96.0.15, "fd00:10:96::15" ]
    loadBalancerSourceRanges: [ 198.51.100.0/25, 198.51.100.128/25 ]
    status: { loadBalancer: { ingress: [ { ip: 203.0.113.12 } ] } }
    ports: [ { port: 80, nodePort: 30084 } ]
  - { name: stated, clusterIP: 10.96.0.13, externalIPs: [ 192.168.1.51 ], ports: [ { port: 80 } ] }
  - { name: none, type: NodePort, clusterIPs: [ 10.96.1.14, "fd00:10:96::14" ], ports: [ { name: w, port: 80, nodePort: 30083 }, { name: x, port: 256, nodePort: 30000 } ] }
endpoints:
  - { service: stated, addresses: [ { ip: 192.0.2.1, port: 80 }, { ip: 192.0.2.2, port: 80 }, { ip: 192.0.2.3, port: 80 } ] }
internet: { gateway: { ips: [ 192.168.1.1, "fd00:192::1" ] } }
`;

const OPTIONS = [
  '',
  'masqueradeAll: true',
  'nodePortAddresses: [ 0.0.0.0/0 ]',
  'nodePortAddresses: [ 192.168.0.0/16, 10.0.0.0/8, 127.0.0.0/8 ]',
  'nodePortAddresses: [ 10.99.0.0/16 ]',
  'clusterCIDR: "", masqueradeBit: 31',
  'detectLocalMode: NodeCIDR, masqueradeBit: 0',
  'detectLocalMode: BridgeInterface, bridgeInterface: cni0',
  'detectLocalMode: InterfaceNamePrefix, interfaceNamePrefix: veth',
];

describe.skipIf(whyNot !== null)(`nft and a node's rules${whyNot === null ? '' : ` (skipped: ${whyNot})`}`, () => {
  describe.each(OPTIONS)('%s', (options) => {
    const mode = `{ mode: nftables${options === '' ? '' : `, ${options}`} }`;
    const loaded = loadNetwork([{ name: 'x.yaml', bytes: new TextEncoder().encode(TOPOLOGY(mode)) }]);
    if (!loaded.ok) throw new Error(JSON.stringify(loaded.diagnostics));
    const { cluster, datapath } = loaded.value;

    it.each(['node-1', 'node-2'])('%s: it takes all of them, and lists them as they are', (name) => {
      const view = viewOf(cluster, datapath, 'node', name, true);
      if (view === null || !('nftRuleset' in view) || view.nftRuleset === null) throw new Error('no rules');
      const tested = isolated('nft -c -f -', view.nftRuleset);
      expect([tested.status, tested.stderr]).toEqual([0, '']);
      const listed = isolated('nft -f - && nft list ruleset', view.nftRuleset);
      expect([listed.status, listed.stderr]).toEqual([0, '']);
      expect(listed.stdout).toBe(view.nftRuleset);
      for (const family of ['ip', 'ip6']) expect(view.nftRuleset).toContain(`table ${family} kube-proxy {`);
    });
  });
});
