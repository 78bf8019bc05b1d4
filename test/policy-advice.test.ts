import { describe, expect, test } from 'vitest';
import { askIn, networkOf } from './tracing.ts';

/** db lets in the namespaces with team=ops, and a peer in `calls` and a process of node-1 ask it. */
const CLUSTER = `
apiVersion: k8s-trace/v1
kind: Topology
cluster: { podCIDR: 10.244.0.0/16, cni: calico }
nodes:
  - { name: node-1, ip: 192.168.1.11, podCIDR: 10.244.1.0/24 }
  - { name: node-2, ip: 192.168.1.12, podCIDR: 10.244.2.0/24 }
namespaces: [ { name: calls }, { name: shop } ]
pods:
  - { name: peer, namespace: calls, node: node-1, ip: 10.244.1.10, labels: { app: peer } }
  - { name: db, namespace: shop, node: node-2, ip: 10.244.2.10, labels: { app: db }, containers: [ { name: app, ports: [ { containerPort: 5432 } ] } ] }
internet: { gateway: { ip: 192.168.1.1 } }
networkPolicies:
  - name: db-in
    namespace: shop
    podSelector: { matchLabels: { app: db } }
    ingress: [ { from: [ { namespaceSelector: { matchLabels: { team: ops } } } ], ports: [ { port: 5432 } ] } ]
`;
const ADMIN = `---
apiVersion: policy.networking.k8s.io/v1alpha1
kind: AdminNetworkPolicy
metadata: { name: ops }
spec:
  priority: 1
  subject: { namespaces: {} }
  ingress:
    - { action: Allow, from: [ { namespaces: { matchLabels: { team: ops } } } ], ports: [ { portNumber: { protocol: TCP, port: 9187 } } ] }
    - { action: Deny, from: [ { namespaces: { matchLabels: { team: ops } } } ] }
`;

const fixes = (text: string, source: string) => (askIn(networkOf(text), source, 'shop/db:5432').reason?.fix ?? []).join('\n');

describe('a label that the sender lacks', () => {
  const ADVICE = 'give namespace calls the label team=ops';
  test('is advised where the packet passes with it', () => expect(fixes(CLUSTER, 'calls/peer')).toContain(ADVICE));
  test('is not where another rule keeps whoever has it', () => expect(fixes(CLUSTER + ADMIN, 'calls/peer')).not.toContain(ADVICE));
});

test('who else comes in with the address of a node is said', () => {
  expect(fixes(CLUSTER, 'node/node-1')).toContain('192.168.1.11/32');
  expect(fixes(CLUSTER, 'node/node-1')).toContain('all that the node sends in its name comes in so');
});
