import { describe, expect, test } from 'vitest';
import { askIn, networkOf } from '../../tracing.ts';

/** Nodes, a pod and a policy as objects: nothing says how packets from outside get to a pod. */
const OBJECTS = `apiVersion: v1
kind: Node
metadata: { name: n1 }
spec: { podCIDR: 10.244.1.0/24 }
status: { addresses: [ { type: InternalIP, address: 192.168.1.11 } ] }
---
apiVersion: v1
kind: Node
metadata: { name: n2 }
spec: { podCIDR: 10.244.2.0/24 }
status: { addresses: [ { type: InternalIP, address: 192.168.1.12 } ] }
---
apiVersion: v1
kind: Pod
metadata: { name: web-1, namespace: shop, labels: { app: web } }
spec: { nodeName: n2, containers: [ { name: app, ports: [ { containerPort: 8080 } ] } ] }
status: { phase: Running, podIP: 10.244.2.10 }
`;
const policy = (cidr: string) => `---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: web, namespace: shop }
spec: { podSelector: {}, ingress: [ { from: [ { ipBlock: { cidr: ${cidr} } } ] } ] }
---
apiVersion: apps/v1
kind: DaemonSet
metadata: { name: calico-node, namespace: kube-system }
spec:
  selector: { matchLabels: { k8s-app: calico-node } }
  template:
    metadata: { labels: { k8s-app: calico-node } }
    spec: { hostNetwork: true, containers: [ { name: calico-node, image: "docker.io/calico/node:v3.29.1" } ] }
`;
const STATED = `---
apiVersion: k8s-trace/v1
kind: Topology
internet: { gateway: { ip: 192.168.1.1 } }
`;
const NOTE = 'is taken to get to the pod';

describe('from outside to a pod, of which objects alone do not say the way', () => {
  const ask = (text: string, source: string) => {
    const trace = askIn(networkOf(text), source, 'shop/web-1:8080');
    const [first] = trace.paths;
    const arrives = first?.forward.hops.find((h) => h.kind === 'interface' && h.node === 'n2' && h.direction === 'in');
    return [trace.outcome, trace.reason?.code, arrives?.packet.source, trace.assumptions.filter((a) => a.message.includes(NOTE)).length];
  };
  test.each([
    ['8.8.8.8', OBJECTS, ['delivered', undefined, '8.8.8.8', 1]],
    ['internet', OBJECTS, ['delivered', undefined, '198.51.100.1', 1]],
    ['8.8.8.8', OBJECTS + policy('8.8.8.0/24'), ['delivered', undefined, '8.8.8.8', 1]],
    ['8.8.8.8', OBJECTS + policy('9.9.9.0/24'), ['dropped', 'POLICY_DEFAULT_DENY', '8.8.8.8', 1]],
    // A gateway that is stated leads nowhere that it is not said to: the internet has no way to a private address, whatever the plugin.
    ['8.8.8.8', OBJECTS + STATED, ['rejected', 'UNREACHABLE_ROUTE', undefined, 0]],
  ] as const)('%s', (source, text, expected) => expect(ask(text, source)).toEqual(expected));
  test('what another pod sends goes no other way for it', () => {
    const trace = askIn(networkOf(OBJECTS), 'node/n1', 'shop/web-1:8080');
    expect(trace.paths[0]?.forward.hops.some((h) => h.node === 'gateway')).toBe(false);
  });
  // Seen in the lab: the packet leaves, for nobody hears his own question.
  test('a gateway that sends out what strayed to it is not the one that answers there', () => {
    const lost = `---
apiVersion: k8s-trace/v1
kind: Topology
cluster: { cni: bridge }
nodes: [ { name: n1, routes: { remove: [ 10.244.2.0/24 ] } } ]
`;
    const trace = askIn(networkOf(OBJECTS + lost), 'node/n1', 'shop/web-1:8080');
    const crossed = trace.paths[0]?.forward.hops.filter((h) => h.kind === 'interface').map((h) => `${h.node} ${h.device} ${h.direction}`);
    expect([trace.reason?.code, crossed]).toEqual(['NO_ROUTE', ['n1 eth0 out', 'gateway eth0 in', 'gateway wan0 out']]);
  });
});
