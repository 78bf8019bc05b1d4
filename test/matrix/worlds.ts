import { run, type World } from '../cli/fake-io.ts';

/** Two nodes whose pods are policed: the database is for web alone, at one of its two ports. */
export const SHOP = `apiVersion: k8s-trace/v1
kind: Topology
cluster: { podCIDR: 10.244.0.0/16, serviceCIDR: 10.96.0.0/12, cni: bridge, networkPolicy: kube-router }
nodes:
  - { name: node-1, ip: 192.168.1.11, podCIDR: 10.244.1.0/24 }
  - { name: node-2, ip: 192.168.1.12, podCIDR: 10.244.2.0/24 }
pods:
  - { name: web, namespace: shop, node: node-1, ip: 10.244.1.10, labels: { app: web }, containers: [ { name: c, ports: [ { name: http, containerPort: 8080 } ] } ] }
  - { name: db, namespace: shop, node: node-2, ip: 10.244.2.10, labels: { app: db }, containers: [ { name: c, ports: [ { name: pg, containerPort: 5432 }, { containerPort: 9187 } ] } ] }
  - { name: idle, namespace: batch, node: node-2, ip: 10.244.2.11, labels: { app: idle } }
services:
  - { name: web, namespace: shop, type: NodePort, clusterIP: 10.96.0.10, selector: { app: web }, ports: [ { name: http, port: 80, targetPort: http, nodePort: 30080 } ] }
  - { name: away, namespace: shop, type: ExternalName, externalName: example.com }
networkPolicies:
  - name: db
    namespace: shop
    podSelector: { matchLabels: { app: db } }
    ingress: [ { from: [ { podSelector: { matchLabels: { app: web } } } ], ports: [ { port: 5432 } ] } ]
`;

/** The same with a way out, that translates one node both ways, and a policy that tells addresses outside apart. */
export const OUTSIDE = `${SHOP}  - name: web
    namespace: shop
    podSelector: { matchLabels: { app: web } }
    policyTypes: [Egress]
    egress: [ { to: [ { ipBlock: { cidr: 192.0.2.0/24, except: [ 192.0.2.128/25 ] } } ], ports: [ { port: 8443 } ] } ]
internet: { gateway: { ip: 192.168.1.1, publicIP: 203.0.113.1, nat: [ { private: 192.168.1.11, public: 203.0.113.11 } ] } }
`;

export const DUAL = `apiVersion: k8s-trace/v1
kind: Topology
cluster: { podCIDRs: [ 10.244.0.0/16, fd00:10:244::/56 ], serviceCIDRs: [ 10.96.0.0/12, fd00:10:96::/112 ], cni: bridge, kubeProxy: iptables }
nodes:
  - { name: node-1, ips: [ 192.168.1.11, fd00:1::11 ], podCIDRs: [ 10.244.1.0/24, fd00:10:244:1::/64 ] }
  - { name: node-2, ips: [ 192.168.1.12, fd00:1::12 ], podCIDRs: [ 10.244.2.0/24, fd00:10:244:2::/64 ], routes: { remove: [ 10.244.1.0/24 ] } }
pods:
  - { name: a, node: node-1, ips: [ 10.244.1.10, fd00:10:244:1::10 ], containers: [ { name: c, ports: [ { containerPort: 53, protocol: UDP } ] } ] }
  - { name: b, node: node-2, ips: [ 10.244.2.10, fd00:10:244:2::10 ], containers: [ { name: c, ports: [ { containerPort: 80 } ] } ] }
`;

/** Objects as a cluster prints them: a workload of two pods on two nodes, and a pod that kubelet makes of a file. */
const OBJECTS = ['web-1', 'web-2', 'etcd-node-1']
  .map((name, i) => {
    const node = name === 'web-2' ? 'node-2' : 'node-1';
    const owner = name.startsWith('web') ? { kind: 'ReplicaSet', name: 'web-5d4f8c7b9' } : { kind: 'Node', name: 'node-1' };
    return JSON.stringify({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: {
        name,
        namespace: name.startsWith('web') ? 'shop' : 'kube-system',
        labels: { app: 'web', 'pod-template-hash': '5d4f8c7b9' },
        ownerReferences: [{ apiVersion: 'apps/v1', controller: true, uid: 'u', ...owner }],
      },
      spec: { nodeName: node, containers: [{ name: 'c', image: 'i', ports: [{ containerPort: 8080 }] }] },
      status: { phase: 'Running', podIP: `10.244.${node === 'node-1' ? 1 : 2}.${10 + i}` },
    });
  })
  .join('\n---\n');

export const NODES = `apiVersion: k8s-trace/v1
kind: Topology
cluster: { podCIDR: 10.244.0.0/16, serviceCIDR: 10.96.0.0/12, cni: bridge }
nodes:
  - { name: node-1, ip: 192.168.1.11, podCIDR: 10.244.1.0/24 }
  - { name: node-2, ip: 192.168.1.12, podCIDR: 10.244.2.0/24 }
`;

const FILES = { 'shop.yaml': SHOP, 'outside.yaml': OUTSIDE, 'dual.yaml': DUAL, 'objects.yaml': `${NODES}---\n${OBJECTS}\n` };

/** `k8s-trace matrix` and these words. */
export const matrix = (argv: string | readonly string[], world: World = {}) =>
  run(['matrix', ...(typeof argv === 'string' ? argv.split(' ').filter((w) => w !== '') : argv)], { files: FILES, ...world });

export interface MatrixJson {
  readonly asked: { readonly from: readonly string[]; readonly to: readonly string[] };
  readonly groups: readonly { readonly id: string; readonly members: readonly string[]; readonly cidrs?: readonly string[] }[];
  readonly connections: readonly {
    readonly from: string;
    readonly to: string;
    readonly family: string;
    readonly protocol: string;
    readonly ports: readonly string[];
    readonly outcome: string;
    readonly code: string | null;
    readonly share: number;
    readonly assumed: boolean;
  }[];
  readonly notAsked: readonly string[];
}

export async function matrixJson(argv: string | readonly string[]): Promise<MatrixJson> {
  const words = typeof argv === 'string' ? argv.split(' ') : argv;
  const { status, stdout, stderr } = await matrix([...words, '-o', 'json']);
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout) as MatrixJson;
}

/** `Pod/shop/web > Node/nodes 30080/tcp delivered`; a family where it is not IPv4, a share where it is not 1. */
export const rowsOf = ({ connections }: MatrixJson): readonly string[] =>
  connections.map(({ from, to, family, protocol, ports, outcome, code, share, assumed }) =>
    [
      `${from} > ${to}`,
      ports.length === 0 ? protocol : `${ports.join()}/${protocol}`,
      ...(family === 'IPv4' ? [] : [family]),
      outcome,
      ...(code === null ? [] : [code]),
      ...(share === 1 ? [] : [share]),
      ...(assumed ? ['assumed'] : []),
    ].join(' '),
  );
