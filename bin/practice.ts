import type { Io } from '../src/cli/io.ts';
import { main } from '../src/cli/main.ts';

/** A shop behind an Ingress, with a pod that does not listen where its service says. */
const SHOP = `apiVersion: k8s-trace/v1
kind: Topology
cluster: { podCIDR: 10.244.0.0/16, serviceCIDR: 10.96.0.0/12 }
nodes:
  - { name: node-1, ip: 192.168.1.11, podCIDR: 10.244.1.0/24 }
  - { name: node-2, ip: 192.168.1.12, podCIDR: 10.244.2.0/24 }
pods:
  - { name: client, node: node-2, ip: 10.244.2.9, containers: [{ name: app }] }
  - name: controller
    namespace: ingress-nginx
    node: node-1
    labels: { app: ingress-nginx }
    containers:
      - name: nginx
        ports: [{ name: http, containerPort: 80 }]
  - { name: shop-1, node: node-1, labels: { app: shop }, containers: [{ name: app, ports: [{ name: http, containerPort: 8080 }] }] }
  - { name: shop-2, node: node-2, labels: { app: shop }, containers: [{ name: app, ports: [{ name: http, containerPort: 8080 }] }] }
  - { name: cart, node: node-2, labels: { app: cart }, containers: [{ name: app, ports: [{ containerPort: 8081 }] }] }
services:
  - name: ingress-nginx-controller
    namespace: ingress-nginx
    type: LoadBalancer
    clusterIP: 10.96.0.50
    selector: { app: ingress-nginx }
    ports: [{ name: http, port: 80, targetPort: http, nodePort: 30080 }]
    status: { loadBalancer: { ingress: [{ ip: 203.0.113.10 }] } }
  - { name: shop, clusterIP: 10.96.0.21, selector: { app: shop }, ports: [{ name: http, port: 80, targetPort: http }] }
  - { name: cart, clusterIP: 10.96.0.23, selector: { app: cart }, ports: [{ name: http, port: 80, targetPort: 8080 }] }
ingressClasses:
  - { name: nginx, controller: k8s.io/ingress-nginx, isDefaultClass: true, service: ingress-nginx/ingress-nginx-controller }
ingresses:
  - name: shop
    rules:
      - host: shop.example.com
        http:
          paths:
            - { path: /, pathType: Prefix, backend: { service: { name: shop, port: { name: http } } } }
            - { path: /cart, pathType: Prefix, backend: { service: { name: cart, port: { number: 80 } } } }
`;

/** What people ask, answered well and badly. */
const QUESTIONS = [
  ['client', 'shop-1'],
  ['client', 'svc/shop'],
  ['client', 'http://shop.example.com/'],
  ['client', 'svc/cart'],
] as const;

const NOWHERE = { write: () => {}, isTerminal: false, columns: undefined };
const refused = async () => {
  throw new Error('a practice run reads and writes nothing');
};

const io: Io = {
  name: 'k8s-trace',
  env: {},
  stdout: NOWHERE,
  stderr: NOWHERE,
  readStdin: refused,
  kindOf: async () => 'file',
  identityOf: async () => null,
  remove: refused,
  list: refused,
  read: async () => new TextEncoder().encode(SHOP),
  tryWrite: refused,
  writeAll: refused,
  directory: '',
  reasonPage: refused,
  findingsPage: refused,
  completionScript: refused,
  version: '',
  machine: refused,
};

/**
 * Answers a few questions in silence, so that V8 has compiled what most runs need, whatever the first one was for. Answers their exit
 * statuses.
 */
export async function practise(): Promise<readonly number[]> {
  const statuses: number[] = [];
  for (const [source, destination] of QUESTIONS) statuses.push(await main([source, destination, '-f', 'shop.yaml'], io));
  return statuses;
}
