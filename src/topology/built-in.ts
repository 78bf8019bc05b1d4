/** The cluster that the documentation speaks of; fixtures/four-pods.yaml is the same text. */
export const BUILT_IN_NAME = '(built-in)';

export const BUILT_IN = `apiVersion: k8s-trace/v1
kind: Topology
cluster: { podCIDR: 10.244.0.0/16, serviceCIDR: 10.96.0.0/12, cni: bridge, kubeProxy: iptables }
nodes:
  - { name: node-1, ip: 192.168.1.11, podCIDR: 10.244.1.0/24 }
  - { name: node-2, ip: 192.168.1.12, podCIDR: 10.244.2.0/24 }
pods:
  - { name: pod-a, node: node-1, ip: 10.244.1.10, labels: { app: client }, containers: [ { name: app, ports: [ { name: http, containerPort: 8080 } ] } ] }
  - { name: pod-b, node: node-1, ip: 10.244.1.11, labels: { app: web }, containers: [ { name: app, ports: [ { name: http, containerPort: 8080 } ] } ] }
  - { name: pod-c, node: node-2, ip: 10.244.2.10, labels: { app: web }, containers: [ { name: app, ports: [ { name: http, containerPort: 8080 } ] } ] }
  - { name: pod-d, node: node-2, ip: 10.244.2.11, labels: { app: api }, containers: [ { name: app, ports: [ { name: http, containerPort: 8080 } ] } ] }
services:
  - { name: web, clusterIP: 10.96.0.10, selector: { app: web }, ports: [ { name: http, port: 80, targetPort: http } ] }
  - { name: api, clusterIP: 10.96.0.11, selector: { app: api }, ports: [ { name: http, port: 80, targetPort: http } ] }
  - { name: echo, clusterIP: 10.96.0.12, selector: { app: client }, ports: [ { name: http, port: 80, targetPort: http } ] }
internet: { gateway: { ip: 192.168.1.1 } }
`;
