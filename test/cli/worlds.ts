/** Topologies for the command line's tests. */

const head = `apiVersion: k8s-trace/v1
kind: Topology
cluster: { podCIDR: 10.244.0.0/16, serviceCIDR: 10.96.0.0/12 }
`;
const nodes = `nodes:
  - { name: node-1, ip: 192.168.1.11, podCIDR: 10.244.1.0/24 }
  - { name: node-2, ip: 192.168.1.12, podCIDR: 10.244.2.0/24 }
`;

/** Two pods on two nodes; the smallest thing that a packet gets through. */
export const TWO_PODS = `${head}${nodes}pods:
  - { name: a, node: node-1, ip: 10.244.1.10 }
  - { name: b, node: node-2, ip: 10.244.2.10 }
`;

/** The same, and node-1 has no route to node-2's pods: rejected. */
export const NO_ROUTE = TWO_PODS.replace('10.244.1.0/24 }', '10.244.1.0/24, routes: { remove: [10.244.2.0/24] } }');

/** Broken in its last line. */
export const BROKEN = `${TWO_PODS}nodez: []\n`;

/** Names that meet: a pod and a service `web`, a pod and a node `node-1`, two namespaces, services with several ports. */
export const NAMES = `${head}${nodes}pods:
  - { name: pod-a, node: node-1, ip: 10.244.1.10, containers: [{ name: app, ports: [{ name: http, containerPort: 8080 }] }, { name: sidecar }] }
  - name: multi
    node: node-2
    ip: 10.244.2.10
    labels: { app: multi }
    containers:
      - { name: dns, ports: [{ name: dns, containerPort: 53, protocol: UDP }] }
      - { name: web, ports: [{ name: http, containerPort: 8080 }, { name: https, containerPort: 8443 }] }
  - { name: udp-only, node: node-2, ip: 10.244.2.11, containers: [{ name: app, ports: [{ name: syslog, containerPort: 514, protocol: UDP }] }] }
  - { name: portless, node: node-2, ip: 10.244.2.12, containers: [{ name: app }] }
  - { name: open, node: node-2, ip: 10.244.2.13 }
  - { name: web, node: node-2, ip: 10.244.2.14, containers: [{ name: app, ports: [{ containerPort: 80 }] }] }
  - { name: node-1, node: node-2, ip: 10.244.2.15, containers: [{ name: app, ports: [{ containerPort: 80 }] }] }
  - { name: pod-a, namespace: shop, node: node-2, ip: 10.244.2.16, containers: [{ name: app, ports: [{ containerPort: 80 }] }] }
  - { name: cart, namespace: shop, node: node-2, ip: 10.244.2.17, labels: { app: cart }, containers: [{ name: app, ports: [{ containerPort: 80 }] }] }
services:
  - { name: web, clusterIP: 10.96.0.10, selector: { app: multi }, ports: [{ name: http, port: 80, targetPort: http }] }
  - { name: api, clusterIP: 10.96.0.11, selector: { app: multi }, ports: [{ name: http, port: 80, targetPort: 8080 }, { name: https, port: 443, targetPort: https }] }
  - { name: dns, clusterIP: 10.96.0.12, selector: { app: multi }, ports: [{ name: dns, port: 53, protocol: UDP, targetPort: dns }, { name: dns-tcp, port: 53, targetPort: 8080 }] }
  - { name: one, clusterIP: 10.96.0.13, selector: { app: multi }, ports: [{ port: 80, targetPort: 8443 }] }
  - { name: basket, namespace: shop, clusterIP: 10.96.0.14, selector: { app: cart }, ports: [{ name: http, port: 80 }] }
`;
