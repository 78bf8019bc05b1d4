import { type InputFile, loadNetwork, type Network, type Supposed, type TraceDocument, traceRequest } from '../../src/index.ts';
import { file } from '../topology/sources.ts';

/** A Topology with a shop: two nodes, a service, a policy. */
export const TOPOLOGY = `apiVersion: k8s-trace/v1
kind: Topology
cluster: { podCIDR: 10.244.0.0/16, serviceCIDR: 10.96.0.0/12, cni: bridge, networkPolicy: kube-router }
nodes:
  - { name: node-1, ip: 192.168.1.11, podCIDR: 10.244.1.0/24 }
  - { name: node-2, ip: 192.168.1.12, podCIDR: 10.244.2.0/24 }
pods:
  - { name: a, namespace: shop, node: node-1, ip: 10.244.1.10, labels: { app: client } }
  - { name: b, namespace: shop, node: node-1, ip: 10.244.1.11, labels: { app: web, tier: front } }
  - { name: c, namespace: shop, node: node-2, ip: 10.244.2.10, labels: { app: web } }
  - { name: d, namespace: shop, node: node-2, ip: 10.244.2.11, labels: { app: db } }
  - { name: a, node: node-1, ip: 10.244.1.12 }
services:
  - { name: web, namespace: shop, clusterIP: 10.96.0.10, selector: { app: web }, ports: [ { port: 80, targetPort: 8080 } ] }
networkPolicies:
  - { name: deny-db, namespace: shop, podSelector: { matchLabels: { app: db } }, policyTypes: [ Ingress ] }
internet:
  gateway: { ip: 192.168.1.1 }
  clients: [ { name: laptop, ip: 198.51.100.7 } ]
`;

const pod = (name: string, node: string, ip: string, labels: object, more: object = {}) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'shop', uid: `uid-${name}`, labels, ...more },
  spec: { nodeName: node, containers: [{ name: 'app', ports: [{ name: 'http', containerPort: 8080 }] }] },
  status: { phase: 'Running', podIP: ip, podIPs: [{ ip }], conditions: [{ type: 'Ready', status: 'True' }] },
});

const node = (name: string, ip: string, podCIDR: string) => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name, uid: `uid-${name}` },
  spec: { podCIDR, podCIDRs: [podCIDR] },
  status: { addresses: [{ type: 'InternalIP', address: ip }] },
});

const owned = (kind: string, name: string) => ({ ownerReferences: [{ kind, name, controller: true, uid: `uid-${name}` }] });

/** The same shop as a cluster's objects, with the slice that the endpoints controller wrote, a Deployment behind b and c. */
export const OBJECTS: readonly object[] = [
  node('node-1', '192.168.1.11', '10.244.1.0/24'),
  node('node-2', '192.168.1.12', '10.244.2.0/24'),
  pod('a', 'node-1', '10.244.1.10', { app: 'client' }),
  pod('b', 'node-1', '10.244.1.11', { app: 'web', tier: 'front' }, owned('ReplicaSet', 'web-5d9f')),
  pod('c', 'node-2', '10.244.2.10', { app: 'web' }, owned('ReplicaSet', 'web-5d9f')),
  pod('d', 'node-2', '10.244.2.11', { app: 'db' }),
  {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: { name: 'web-5d9f', namespace: 'shop', uid: 'uid-web-5d9f', ...owned('Deployment', 'web') },
  },
  {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web', namespace: 'shop', uid: 'uid-web' },
    spec: { replicas: 2, template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'app' }] } } },
  },
  {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'web', namespace: 'shop', uid: 'uid-svc' },
    spec: {
      type: 'NodePort',
      clusterIP: '10.96.0.10',
      clusterIPs: ['10.96.0.10'],
      selector: { app: 'web' },
      ports: [{ port: 80, targetPort: 8080, nodePort: 30080, protocol: 'TCP' }],
    },
  },
  {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name: 'web-x1', namespace: 'shop', labels: { 'kubernetes.io/service-name': 'web' }, uid: 'uid-slice' },
    addressType: 'IPv4',
    endpoints: [
      {
        addresses: ['10.244.1.11'],
        nodeName: 'node-1',
        conditions: { ready: true },
        targetRef: { kind: 'Pod', name: 'b', namespace: 'shop' },
      },
      {
        addresses: ['10.244.2.10'],
        nodeName: 'node-2',
        conditions: { ready: true },
        targetRef: { kind: 'Pod', name: 'c', namespace: 'shop' },
      },
    ],
    ports: [{ port: 8080, protocol: 'TCP' }],
  },
  {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name: 'deny-db', namespace: 'shop', uid: 'uid-policy' },
    spec: { podSelector: { matchLabels: { app: 'db' } }, policyTypes: ['Ingress'] },
  },
];

export const listOf = (items: readonly object[]): string => JSON.stringify({ apiVersion: 'v1', kind: 'List', items });

export const FLAGS = { cni: 'flannel', networkPolicy: 'kube-router', kubeProxyMode: 'iptables' } as const;

export const load = (files: readonly InputFile[], whatIf: Supposed, isOfObjects: boolean) =>
  loadNetwork(files, { ...(isOfObjects ? { flags: FLAGS } : {}), whatIf });

export function supposed(base: string, patch: string | null, without: readonly string[] = []): Network {
  const patches = patch === null ? [] : [file(patch, 'patch.yaml')];
  const loaded = load([file(base, 'base.yaml')], { patches, without, namespace: 'shop' }, base !== TOPOLOGY);
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.diagnostics, null, 1));
  return loaded.value;
}

/** The outcome and code, and the endpoints: `delivered 10.244.1.11,10.244.2.10`. */
export function answer(network: Network, question: string): string {
  const [source = '', destination = ''] = question.split(' ');
  const result = traceRequest(network, { source, destination, namespace: 'shop' });
  if (!result.ok) return result.message;
  const { trace } = result;
  const ends = trace.paths.flatMap((p) => p.endpoint?.ip ?? []);
  return [trace.outcome, trace.reason?.code, trace.destination.kind === 'Service' || destination === '10.96.0.10:80' ? ends.join(',') : '']
    .filter((t) => t)
    .join(' ');
}

export function traced(network: Network, source: string, destination: string): TraceDocument {
  const result = traceRequest(network, { source, destination, namespace: 'shop' });
  if (!result.ok) throw new Error(result.message);
  return result.trace;
}
