import { describe, expect, test } from 'vitest';
import { compile } from '../../src/compile/index.ts';
import { loadNetwork, traceRequest } from '../../src/index.ts';
import { linted } from '../lint/linted.ts';
import { file } from './sources.ts';

/** Two nodes, of which the second has keys of its own; pod-b is on it. */
const topology = (cni: string, ofNode: string) => `apiVersion: k8s-trace/v1
kind: Topology
cluster: { podCIDR: 10.244.0.0/16, serviceCIDR: 10.96.0.0/12, cni: ${cni} }
nodes:
  - { name: node-1, ip: 192.168.1.11, podCIDR: 10.244.1.0/24 }
  - { name: node-2, ip: 192.168.1.12, podCIDR: 10.244.2.0/24, cni: ${ofNode} }
pods:
  - { name: pod-a, node: node-1, labels: { app: a } }
  - { name: pod-b, node: node-2, labels: { app: b } }
services:
  - { name: a, clusterIP: 10.96.0.10, selector: { app: a }, ports: [ { port: 80 } ] }
  - { name: b, clusterIP: 10.96.0.11, selector: { app: b }, ports: [ { port: 80 } ] }
`;

function networkOf(cni: string, ofNode: string) {
  const loaded = loadNetwork([file(topology(cni, ofNode))]);
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.diagnostics));
  return loaded.value;
}

function traceOf(cni: string, ofNode: string, source: string, destination: string, more: { readonly size?: number } = {}) {
  const answer = traceRequest(networkOf(cni, ofNode), { source, destination, ...more });
  if (!answer.ok) throw new Error(answer.message);
  return answer.trace;
}

const devicesOf = (cni: string, ofNode: string, netns: string) =>
  [...(compile(networkOf(cni, ofNode).cluster).netns(netns)?.devices.values() ?? [])].map((d) => `${d.name} ${d.mtu}`);

describe("nodes[].cni wins over the cluster's, key by key", () => {
  test.each([
    ['bridge', '{ mtu: 1400 }', 'node-1', ['lo 65536', 'eth0 1500', 'cni0 1500', 'veth0 1500']],
    ['bridge', '{ mtu: 1400 }', 'node-2', ['lo 65536', 'eth0 1500', 'cni0 1400', 'veth0 1400']],
    ['bridge', '{ mtu: 1400 }', 'default/pod-b', ['lo 65536', 'eth0 1400']],
    // A key that the node does not state stays the cluster's.
    ['{ plugin: bridge, bridge: br0, mtu: 1300 }', '{ hairpinMode: false }', 'node-2', ['lo 65536', 'eth0 1500', 'br0 1300', 'veth0 1300']],
    ['{ plugin: bridge, mtu: 1300 }', '{ bridge: br2 }', 'node-2', ['lo 65536', 'eth0 1500', 'br2 1300', 'veth0 1300']],
    ['ptp', '{ mtu: 1400 }', 'node-2', ['lo 65536', 'eth0 1500', 'veth0 1400']],
  ])('cluster %s, node-2 %s: devices of %s', (cni, ofNode, netns, expected) => {
    expect(devicesOf(cni, ofNode, netns)).toEqual(expected);
  });

  test('a pod calls itself: only the bridge of the node that says so sends no frame back', () => {
    const outcomes = [['pod-a', 'a'] as const, ['pod-b', 'b'] as const].map(
      ([from, to]) => traceOf('bridge', '{ hairpinMode: false }', from, to).outcome,
    );
    expect(outcomes).toEqual(['delivered', 'dropped']);
  });

  test('its finding and its fix are about the node, and the fix helps', async () => {
    const [finding] = (await linted(topology('bridge', '{ hairpinMode: false }'))).filter((d) => d.code === 'hairpin-off');
    expect(finding?.place).toMatchObject({ line: 6 });
    expect(traceOf('bridge', '{ hairpinMode: false }', 'pod-b', 'b').reason?.fix[0]).toMatch(
      /^turn hairpin mode on: cni\.hairpinMode of node-2: true/,
    );
  });

  test('a packet that its pods send is too large elsewhere: the fix is for the node', () => {
    const { reason } = traceOf('{ plugin: ptp, mtu: 9000 }', '{ mtu: 9000 }', 'pod-b', 'pod-a:80', { size: 5000 });
    expect(reason?.code).toBe('MTU_EXCEEDED');
    expect(reason?.fix[0]).toMatch(/^send smaller packets: set cni\.mtu of node-2 to 1500/);
  });
});
