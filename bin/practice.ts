import type { Io } from '../src/cli/io.ts';
import { main } from '../src/cli/main.ts';
import type { Kind } from './kind.ts';
import { sha256 } from './sha256.ts';

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
expect:
  - { from: client, to: svc/shop }
  - { from: client, to: svc/cart }
`;

/** A file's name says of which node it is. */
const STATE = 'node-1.rules';

/** Of node-1 there: as kube-proxy writes it, a service with an endpoint and one without. */
const RULES = `*nat
:PREROUTING ACCEPT [0:0]
:KUBE-MARK-MASQ - [0:0]
:KUBE-SERVICES - [0:0]
:KUBE-SEP-A - [0:0]
:KUBE-SVC-A - [0:0]
-A PREROUTING -m comment --comment "kubernetes service portals" -j KUBE-SERVICES
-A KUBE-MARK-MASQ -j MARK --set-xmark 0x4000/0x4000
-A KUBE-SERVICES -d 10.96.0.21/32 -p tcp -m comment --comment "default/shop:http cluster IP" -m tcp --dport 80 -j KUBE-SVC-A
-A KUBE-SVC-A ! -s 10.244.0.0/16 -d 10.96.0.21/32 -p tcp -m tcp --dport 80 -j KUBE-MARK-MASQ
-A KUBE-SVC-A -m comment --comment "default/shop:http" -m statistic --mode random --probability 0.50000000000 -j KUBE-SEP-A
-A KUBE-SVC-A -m comment --comment "default/shop:http" -j KUBE-SEP-A
-A KUBE-SEP-A -s 10.244.1.3/32 -j KUBE-MARK-MASQ
-A KUBE-SEP-A -p tcp -m tcp -j DNAT --to-destination 10.244.1.3:8080
COMMIT
*filter
:FORWARD ACCEPT [0:0]
:KUBE-FORWARD - [0:0]
-A FORWARD -j KUBE-FORWARD
-A KUBE-FORWARD -m conntrack --ctstate INVALID -j DROP
-A KUBE-FORWARD -m mark --mark 0x4000/0x4000 -j ACCEPT
COMMIT
`;

/** Questions that are answered well, and badly. */
const COMMAND_LINES: Readonly<Record<Kind, readonly (readonly string[])[]>> = {
  pod: [
    ['client', 'shop-1'],
    ['client', '10.244.3.3:80'],
  ],
  service: [
    ['client', 'svc/shop'],
    ['client', 'svc/cart'],
  ],
  url: [
    ['client', 'http://shop.example.com/'],
    ['client', 'http://shop.example.com/cart'],
  ],
  state: ['shop', 'cart'].map((service) => ['ingress-nginx/controller', `svc/${service}`, '--node-state', STATE]),
  check: [['check']],
  validate: [['validate']],
  show: [['show'], ['show', 'service', 'shop']],
  text: [['--help'], ['check', '--help']],
  lab: [],
};

const NOWHERE = { write: () => {}, isTerminal: false, columns: undefined };
const refused = async () => {
  throw new Error('a practice run reads and writes nothing');
};

const io: Io = {
  name: 'k8s-trace',
  env: {},
  stdout: NOWHERE,
  stderr: NOWHERE,
  pour: async () => {},
  sha256,
  now: () => 0,
  readStdin: refused,
  kindOf: async () => 'file',
  identityOf: async () => null,
  remove: refused,
  list: refused,
  read: async (name) => new TextEncoder().encode(name === STATE ? RULES : SHOP),
  tryWrite: refused,
  writeAll: refused,
  directory: '',
  reasonPage: refused,
  findingsPage: refused,
  completionScript: refused,
  version: '',
  execute: () => Promise.reject(new Error('practice runs no program')),
  after: () => () => {},
  machine: refused,
};

/**
 * Runs a few command lines of a kind in silence, so that V8 has compiled what most of them need, whatever the first one was. Answers their
 * exit statuses.
 */
export async function practise(kind: Kind): Promise<readonly number[]> {
  const statuses: number[] = [];
  for (const words of COMMAND_LINES[kind]) statuses.push(await main([...words, '-f', 'shop.yaml'], io));
  return statuses;
}
