/** Clusters that the rows of cases.test.ts are about. */

/** x is team web, y team db, z has a label with no value; names of ports differ between the pods of x and of y. */
export const CLUSTER = `apiVersion: k8s-trace/v1
kind: Topology
cluster: { podCIDR: 10.244.0.0/16, serviceCIDR: 10.96.0.0/12, cni: calico, kubeProxy: iptables }
nodes:
  - { name: n1, ip: 192.168.1.11, labels: { zone: east } }
  - { name: n2, ip: 192.168.1.12, labels: { zone: west } }
namespaces:
  - { name: x, labels: { team: web } }
  - { name: "y", labels: { team: db } }
  - { name: z, labels: { empty: "" } }
pods:
  - { name: a, namespace: x, node: n1, ip: 10.244.1.10, labels: { app: a, tier: front },
      containers: [ { name: c, ports: [ { name: web, containerPort: 80 }, { name: dns, containerPort: 53, protocol: UDP } ] } ] }
  - { name: b, namespace: x, node: n2, ip: 10.244.2.10, labels: { app: b },
      containers: [ { name: c, ports: [ { name: web, containerPort: 8080 } ] } ] }
  - { name: c, namespace: x, node: n2, ip: 10.244.2.11, labels: { app: c, empty: "" }, containers: [ { name: c } ] }
  - { name: a, namespace: "y", node: n1, ip: 10.244.1.20, labels: { app: a },
      containers: [ { name: c, ports: [ { name: web, containerPort: 8080 } ] } ] }
  - { name: b, namespace: "y", node: n2, ip: 10.244.2.20, labels: { app: b }, containers: [ { name: c } ] }
  - { name: a, namespace: z, node: n1, ip: 10.244.1.30, labels: { app: a }, containers: [ { name: c } ] }
  - { name: host, namespace: x, node: n2, hostNetwork: true, labels: { app: host }, containers: [ { name: c } ] }
`;

export const DUAL_STACK = `apiVersion: k8s-trace/v1
kind: Topology
cluster: { podCIDRs: [ 10.244.0.0/16, "fd00:10::/48" ], serviceCIDRs: [ 10.96.0.0/12, "fd00:96::/108" ], cni: bridge, kubeProxy: iptables }
nodes:
  - { name: n1, ips: [ 192.168.1.11, "fd00:1::11" ], podCIDRs: [ 10.244.1.0/24, "fd00:10:0:1::/64" ] }
pods:
  - { name: a, namespace: x, node: n1, ips: [ 10.244.1.10, "fd00:10:0:1::10" ] }
  - { name: b, namespace: x, node: n1, ips: [ 10.244.1.11, "fd00:10:0:1::11" ] }
`;

const LEAVING = ', deletionTimestamp: "2026-11-01T00:00:00Z"';

/** A setup container that has ended long ago, a sidecar, and two containers that use one name for ports of two protocols. */
const pod = (namespace: string, name: string, app: string, ip: string, phase: string, more = ''): string => `apiVersion: v1
kind: Pod
metadata: { name: ${name}, namespace: ${namespace}, uid: u-${namespace}-${name}, labels: { app: ${app} }${more} }
spec:
  nodeName: n1
  initContainers:
    - { name: setup, ports: [ { name: early, containerPort: 7000 } ] }
    - { name: proxy, restartPolicy: Always, ports: [ { name: metrics, containerPort: 9090 } ] }
  containers:
    - { name: c, ports: [ { name: web, containerPort: 8080 } ] }
    - { name: d, ports: [ { name: web, containerPort: 8443, protocol: UDP } ] }
status: { phase: ${phase}${ip === '' ? '' : `, podIP: ${ip}, podIPs: [ { ip: ${ip} } ]`} }
`;

/** Objects of a cluster that runs, without its Namespaces but for x. */
export const OBJECTS = [
  `apiVersion: v1
kind: Node
metadata: { name: n1, uid: u-n1 }
spec: { podCIDR: 10.244.1.0/24, podCIDRs: [ 10.244.1.0/24 ] }
status: { addresses: [ { type: InternalIP, address: 192.168.1.11 } ] }
`,
  'apiVersion: v1\nkind: Namespace\nmetadata: { name: x, uid: u-x }\n',
  pod('x', 'a', 'a', '10.244.1.10', 'Running'),
  pod('x', 'b', 'b', '10.244.1.11', 'Running'),
  pod('x', 'done', 'done', '10.244.1.11', 'Succeeded'),
  pod('x', 'failed', 'done', '10.244.1.19', 'Failed'),
  pod('x', 'leaving', 'leaving', '10.244.1.12', 'Running', LEAVING),
  pod('x', 'waits', 'waits', '', 'Pending'),
  pod('shop', 'web', 'web', '10.244.1.20', 'Running'),
].join('---\n');

/** Manifests that no cluster has run yet. */
export const MANIFESTS = `apiVersion: v1
kind: Namespace
metadata: { name: x }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: web, namespace: x, labels: { app: of-the-deployment } }
spec:
  replicas: 1
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec: { containers: [ { name: c, ports: [ { name: web, containerPort: 8080 } ] } ] }
---
apiVersion: v1
kind: Pod
metadata: { name: client, namespace: x, labels: { app: client } }
spec: { containers: [ { name: c } ] }
`;
