import { describe, expect, test } from 'vitest';
import { askIn, crossings, networkOf } from '../tracing.ts';

/** Two nodes without a way out: a packet to a ClusterIP that is not replaced in the call has no route on a node. */
const topology = (socketLb: string, service = '') => `apiVersion: k8s-trace/v1
kind: Topology
cluster: { podCIDR: 10.244.0.0/16, serviceCIDR: 10.96.0.0/12, socketLB: ${socketLb} }
nodes:
  - { name: node-1, ip: 192.168.1.11, podCIDR: 10.244.1.0/24 }
  - { name: node-2, ip: 192.168.1.12, podCIDR: 10.244.2.0/24 }
pods:
  - { name: pod-a, node: node-1, ip: 10.244.1.10, labels: { app: a } }
  - { name: pod-c, node: node-2, ip: 10.244.2.10, labels: { app: d } }
  - { name: pod-d, node: node-2, ip: 10.244.2.11, labels: { app: d } }
services:
  - { name: a, clusterIP: 10.96.0.10, selector: { app: a }, ports: [ { name: http, port: 80, targetPort: 8080 }, { name: dns, port: 53, protocol: UDP } ] }
  - { name: d, type: NodePort, clusterIP: 10.96.0.11, selector: { app: d }, ports: [ { port: 80, targetPort: 8080, nodePort: 30080 } ]${service} }
  - { name: none, clusterIP: 10.96.0.12, ports: [ { port: 80 } ] }
endpoints:
  - { service: none, addresses: [] }
`;
const ON = networkOf(topology('{ enabled: true }'));
const HOST_ONLY = networkOf(topology('{ enabled: true, hostNamespaceOnly: true }'));

// Sources: facts of a kernel with programs at cgroup/connect4, captured: the first device shows the endpoint's address already.
describe('a socket load balancer replaces a ClusterIP in the call', () => {
  test('the first device shows the endpoint, and so does the answer; every endpoint is a branch', () => {
    const { paths } = askIn(ON, 'pod-a', '10.96.0.11:80');
    expect(paths.map((p) => [p.endpoint?.ip, p.probability, p.outcome])).toEqual([
      ['10.244.2.10', 0.5, 'delivered'],
      ['10.244.2.11', 0.5, 'delivered'],
    ]);
    expect(crossings(paths[0]?.forward ?? null).slice(0, 2)).toEqual([
      'pod-a eth0 out 10.244.1.10 > 10.244.2.10',
      'node-1 veth0 in 10.244.1.10 > 10.244.2.10',
    ]);
    expect(crossings(paths[0]?.reply ?? null).at(-1)).toBe('pod-a eth0 in 10.244.2.10 > 10.244.1.10');
  });

  test('a hop says so, with the service as its source', () => {
    const hop = askIn(ON, 'pod-a', 'svc/d').paths[0]?.forward.hops[0];
    expect(hop).toMatchObject({
      kind: 'socket',
      packet: { destination: '10.244.2.10', destinationPort: 8080 },
      changes: [
        { field: 'destination', from: '10.96.0.11', to: '10.244.2.10' },
        { field: 'destinationPort', from: 80, to: 8080 },
      ],
      source: { object: 'Service/default/d' },
    });
    expect(hop?.text).toContain('service default/d, 10.96.0.11:80');
  });

  test('a pod that is its own endpoint crosses only lo, from its own address', () => {
    const { paths } = askIn(ON, 'pod-a', 'svc/a:80');
    expect(paths.map((p) => [p.outcome, crossings(p.forward)])).toEqual([['delivered', ['pod-a lo in 10.244.1.10 > 10.244.1.10']]]);
  });

  test('a process of a node without a default route reaches the service, from the address towards the endpoint', () => {
    const { outcome, paths } = askIn(ON, 'node-1', '10.96.0.11:80');
    expect(outcome).toBe('delivered');
    expect(crossings(paths[0]?.forward ?? null)[0]).toBe('node-1 eth0 out 192.168.1.11 > 10.244.2.10');
    expect(askIn(networkOf(topology('{ enabled: false }')), 'node-1', '10.96.0.11:80').reason?.code).toBe('NO_ROUTE');
  });

  test.each([
    ['UDP is its business', ON, 'pod-a', '10.96.0.10:53/udp', 'pod-a lo in 10.244.1.10 > 10.244.1.10'],
    ['ICMP is not', ON, 'pod-a', '10.96.0.10/icmp', 'pod-a eth0 out 10.244.1.10 > 10.96.0.10'],
    ['nor is SCTP', ON, 'pod-a', '10.96.0.11:80/sctp', 'pod-a eth0 out 10.244.1.10 > 10.96.0.11'],
    ['a port that the service does not have is left alone', ON, 'pod-a', '10.96.0.11:81', 'pod-a eth0 out 10.244.1.10 > 10.96.0.11'],
    ['a node port is', ON, 'pod-a', '192.168.1.12:30080', 'pod-a eth0 out 10.244.1.10 > 192.168.1.12'],
    ["hostNamespaceOnly: pods' calls are left alone", HOST_ONLY, 'pod-a', '10.96.0.11:80', 'pod-a eth0 out 10.244.1.10 > 10.96.0.11'],
    ['hostNamespaceOnly: those of nodes are not', HOST_ONLY, 'node-1', '10.96.0.11:80', 'node-1 eth0 out 192.168.1.11 > 10.244.2.10'],
  ])('%s', (_, network, source, destination, first) => {
    expect(crossings(askIn(network, source, destination).paths[0]?.forward ?? null)[0]).toBe(first);
  });

  test.each([
    ['without endpoints', ON, '10.96.0.12:80', 'NO_ENDPOINTS'],
    [
      'without one on this node, where the policy wants one',
      networkOf(topology('{ enabled: true }', ', internalTrafficPolicy: Local')),
      '10.96.0.11:80',
      'NO_LOCAL_ENDPOINTS',
    ],
  ])('%s the call fails, and no packet is sent', (_, network, destination, code) => {
    const { reason, paths } = askIn(network, 'pod-a', destination);
    expect([reason?.code, reason?.client, paths[0]?.forward.hops.map((h) => h.kind)]).toEqual([
      code,
      'host-unreachable',
      ['socket', 'drop'],
    ]);
  });
});
