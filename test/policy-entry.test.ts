import { describe, expect, test } from 'vitest';
import type { HopDocument, TraceDocument, WalkDocument } from '../src/index.ts';
import { askIn, networkOf } from './tracing.ts';

/** Whose address policies see of those that come from outside: the controller's own, the client's, or that of the node that masqueraded it. */
function cluster(web: string, policy: 'Cluster' | 'Local' = 'Cluster', cni = 'calico'): string {
  return `
apiVersion: k8s-trace/v1
kind: Topology
cluster: { podCIDR: 10.244.0.0/16, serviceCIDR: 10.96.0.0/12, cni: ${cni} }
nodes:
  - { name: node-1, ip: 192.168.1.11, podCIDR: 10.244.1.0/24 }
  - { name: node-2, ip: 192.168.1.12, podCIDR: 10.244.2.0/24 }
pods:
  - { name: proxy, namespace: ingress, node: node-1, ip: 10.244.1.20, labels: { app: proxy }, containers: [ { name: nginx, ports: [ { containerPort: 80 } ] } ] }
  - { name: web, namespace: shop, node: node-2, ip: 10.244.2.10, labels: { app: web }, containers: [ { name: app, ports: [ { containerPort: 8080 } ] } ] }
services:
  - { name: proxy, namespace: ingress, clusterIP: 10.96.0.20, type: LoadBalancer, selector: { app: proxy }, ports: [ { port: 80 } ], status: { loadBalancer: { ingress: [ { ip: 203.0.113.80 } ] } } }
  - { name: web, namespace: shop, clusterIP: 10.96.0.10, type: NodePort, externalTrafficPolicy: ${policy}, selector: { app: web }, ports: [ { port: 80, targetPort: 8080, nodePort: 30080 } ] }
ingressClasses: [ { name: nginx, controller: k8s.io/ingress-nginx, service: ingress/proxy } ]
ingresses:
  - { name: web, namespace: shop, ingressClassName: nginx, rules: [ { host: shop.example, http: { paths: [ { path: /, pathType: Prefix, backend: { service: { name: web, port: { number: 80 } } } } ] } } ] }
internet:
  gateway: { ip: 192.168.1.1, nat: [ { private: 192.168.1.11, public: 203.0.113.11 }, { private: 192.168.1.12, public: 203.0.113.12 } ] }
networkPolicies:
  - { name: web, namespace: shop, podSelector: { matchLabels: { app: web } }, ingress: [ { from: [ ${web} ] } ] }
`;
}

const CONTROLLERS = '{ namespaceSelector: { matchLabels: { kubernetes.io/metadata.name: ingress } } }';
const CLIENTS = '{ ipBlock: { cidr: 198.51.100.0/24 } }';
const NODES = '{ ipBlock: { cidr: 192.168.1.0/24 } }';

const policyHops = ({ hops }: WalkDocument): readonly Extract<HopDocument, { kind: 'policy' }>[] =>
  hops.flatMap((h) => (h.kind === 'policy' && h.pod === 'shop/web' && h.direction === 'ingress' ? [h] : []));

/** What the policy about web saw and said, and how it ended, a path a line. */
function told({ paths }: TraceDocument): readonly string[] {
  const all = paths.flatMap((p) =>
    policyHops(p.forward).map((h) => `${h.packet.source} ${h.verdict}, ${p.outcome} ${p.reason?.client ?? 'answer'}`),
  );
  return [...new Set(all)].sort();
}

describe('a URL: the source is the controller, not the client', () => {
  test.each([
    [CONTROLLERS, ['10.244.1.20 allow, delivered answer']],
    [CLIENTS, ['10.244.1.20 deny, rejected http-504']],
  ])('%s', (from, expected) => {
    expect(told(askIn(networkOf(cluster(from)), 'internet', 'http://shop.example/'))).toEqual(expected);
  });
});

describe('a node port: the client on the pod’s own node, else the node that it came to', () => {
  test.each([
    ['Cluster', CLIENTS, '203.0.113.11', ['192.168.1.11 deny, dropped time-out']],
    ['Cluster', CLIENTS, '203.0.113.12', ['198.51.100.1 allow, delivered answer']],
    ['Cluster', NODES, '203.0.113.11', ['192.168.1.11 allow, delivered answer']],
    ['Cluster', NODES, '203.0.113.12', ['198.51.100.1 deny, dropped time-out']],
    ['Local', CLIENTS, '203.0.113.12', ['198.51.100.1 allow, delivered answer']],
    ['Local', NODES, '203.0.113.12', ['198.51.100.1 deny, dropped time-out']],
  ] as const)('%s, %s, by %s', (policy, from, node, expected) => {
    expect(told(askIn(networkOf(cluster(from, policy)), 'internet', `${node}:30080`))).toEqual(expected);
  });
});

/** Of a client that another node has masqueraded, Cilium's tunnel says that it is none of the cluster, and no address. */
test.each([
  ['{ ipBlock: { cidr: 0.0.0.0/0 } }', ['192.168.1.11 allow, delivered answer']],
  [CLIENTS, ['192.168.1.11 deny, dropped time-out']],
  [NODES, ['192.168.1.11 deny, dropped time-out']],
])('through a tunnel of cilium: %s', (from, expected) => {
  const seen = told(askIn(networkOf(cluster(from, 'Cluster', 'cilium')), 'internet', '203.0.113.11:30080'));
  expect(seen.map((line) => line.replace(/^\S+/, '192.168.1.11'))).toEqual(expected);
});
