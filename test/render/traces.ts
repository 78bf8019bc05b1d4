import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadNetwork, type Request, type TraceDocument, traceRequest } from '../../src/index.ts';
import { asIpv6 } from './ipv6.ts';

const FOUR_PODS = readFileSync(join(import.meta.dirname, '../../fixtures/four-pods.yaml'), 'utf8');

/** A change to the four pods: text, and what is there instead. */
type Change = readonly [string, string];

const node1 = (more: string): Change => ['podCIDR: 10.244.1.0/24 }', `podCIDR: 10.244.1.0/24, ${more} }`];
const node2 = (more: string): Change => ['podCIDR: 10.244.2.0/24 }', `podCIDR: 10.244.2.0/24, ${more} }`];
const cni = (more: string): Change => ['cni: bridge', `cni: { plugin: bridge, ${more} }`];

/** Traces of every outcome and of every kind of hop that there is: [source, destination, change, rest of the request]. */
export const TRACES: Readonly<Record<string, readonly [string, string, (Change | undefined)?, Partial<Request>?]>> = {
  'same node': ['pod-a', 'pod-b'],
  'other node': ['pod-a', 'pod-d'],
  'a service with two endpoints': ['pod-a', 'svc/web'],
  'its own service': ['pod-a', 'svc/echo'],
  'its own service, hairpin off': ['pod-a', 'svc/echo', cni('hairpinMode: false')],
  'a node to a pod': ['node/node-1', 'pod-d'],
  'a node to a service': ['node/node-1', 'svc/web'],
  'a pod to a node': ['pod-a', 'node/node-2:22'],
  'the internet': ['pod-a', '1.1.1.1:443'],
  'a container': ['app@pod-a', 'pod-d'],
  ping: ['pod-a', 'pod-d', undefined, { protocol: 'icmp' }],
  'ping a service': ['pod-a', 'svc/web', undefined, { protocol: 'icmp' }],
  'nobody listens': ['pod-a', 'pod-d:81'],
  'udp, nobody listens': ['pod-a', 'pod-d:81/udp'],
  sctp: ['pod-a', 'pod-d:81/sctp'],
  'an unused address': ['pod-a', '10.244.2.99:80'],
  'a port that the service does not have': ['pod-a', '10.96.0.10:81'],
  'a big packet': ['pod-a', 'pod-d', undefined, { size: 1500 }],
  'too big a packet': ['pod-a', 'pod-d', undefined, { size: 9000 }],
  'no route': ['pod-a', 'pod-d', node1('routes: { remove: [10.244.2.0/24] }')],
  'no route back': ['pod-a', 'pod-d', node2('routes: { remove: [10.244.1.0/24, 0.0.0.0/0] }')],
  'a blackhole': ['pod-a', 'svc/web', node1('routes: { add: [{ to: 10.244.2.0/24, type: blackhole }] }')],
  'an unreachable route': ['pod-a', 'pod-d', node1('routes: { add: [{ to: 10.244.2.0/24, type: unreachable }] }')],
  'a prohibited route, from the node': ['node/node-1', 'pod-d', node1('routes: { add: [{ to: 10.244.2.0/24, type: prohibit }] }')],
  'no forwarding': ['pod-a', 'pod-d', node1('sysctls: { net.ipv4.ip_forward: 0 }')],
  'no bridge netfilter': ['pod-a', 'svc/web', node1('sysctls: { net.bridge.bridge-nf-call-iptables: 0 }')],
  'no kube-proxy': ['pod-a', 'svc/web', node1('kubeProxy: { running: false }')],
  'a failed neighbour': ['pod-a', 'pod-d', node1('neighbours: [{ ip: 192.168.1.12, dev: eth0, state: failed }]')],
  'a loop': ['pod-a', 'pod-d', node2('routes: { add: [{ to: 10.244.2.11/32, via: 192.168.1.11 }] }')],
  'a device that is down': ['pod-a', 'pod-d', node1('devices: { eth0: { up: false } }')],
  'no endpoints': ['pod-a', 'svc/api', ['labels: { app: api }', 'labels: { app: other }']],
  'no ready endpoints': ['pod-a', 'svc/api', ['labels: { app: api }', 'ready: false, labels: { app: api }']],
  'a headless service': ['pod-a', 'svc/web', ['clusterIP: 10.96.0.10', 'clusterIP: None']],
  'a DNS name': ['pod-a', 'web.default'],
  'no such name': ['pod-a', 'wbe.default'],
  'a name outside': ['pod-a', 'example.com:443'],
  'a DNS query to a pod that is no DNS server': [
    'pod-a',
    'web.default',
    [
      'services:\n',
      `endpoints: [ { service: kube-dns, namespace: kube-system, addresses: [ { ip: 10.244.2.11, port: 53 } ] } ]
services:
  - { name: kube-dns, namespace: kube-system, clusterIP: 10.96.0.53, ports: [ { port: 53, protocol: UDP } ] }
`,
    ],
    { withDns: true },
  ],
  'a headless service without pods': ['pod-a', 'svc/api', ['clusterIP: 10.96.0.11, selector: { app: api }', 'clusterIP: None']],
};

export function tracesOf(name: string, family: 'IPv4' | 'IPv6' = 'IPv4'): TraceDocument {
  const entry = TRACES[name];
  if (entry === undefined) throw new Error(`no trace ${name}`);
  const [source, destination, change, more] = entry;
  const inFamily = (words: string) => (family === 'IPv4' ? words : asIpv6(words));
  if (change !== undefined && !FOUR_PODS.includes(change[0])) throw new Error(`${change[0]} is not in four-pods.yaml`);
  const text = inFamily(change === undefined ? FOUR_PODS : FOUR_PODS.replace(...change));
  const network = loadNetwork([{ name: 'four-pods.yaml', bytes: new TextEncoder().encode(text) }]);
  if (!network.ok) throw new Error(JSON.stringify(network.diagnostics));
  const result = traceRequest(network.value, { source, destination: inFamily(destination), ...more });
  if (!result.ok) throw new Error(result.message);
  return result.trace;
}
