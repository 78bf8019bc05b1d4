import { describe, expect, test } from 'vitest';
import { askIn, networkOf } from '../tracing.ts';

const topology = (mode: string, block: string, ofNode = '') => `apiVersion: k8s-trace/v1
kind: Topology
cluster: { podCIDR: 10.244.0.0/16, cni: { plugin: calico, ${mode} } }
nodes:
  - { name: node-1, ip: 192.168.1.11, blocks: [10.244.1.0/26]${ofNode} }
  - { name: node-2, ip: 192.168.1.12, blocks: [${block}] }
pods:
  - { name: a, node: node-1, ip: 10.244.1.10, veth: cali-a }
internet: { gateway: { ip: 192.168.1.1 } }
`;

describe("Calico's IPIP is said to be modelled", () => {
  const said = (mode: string, ofNode = '') =>
    askIn(networkOf(topology(mode, '10.244.2.0/26', ofNode)), 'node-2', 'a:80').assumptions.map((a) => a.message);
  const LINE = "Calico's IPIP is modelled, not verified against a kernel: tunl0, its routes and the header that it adds";

  test('of all nodes, and of one', () => {
    expect(said('ipipMode: CrossSubnet')).toContain(LINE);
    expect(said('vxlanMode: Always', ', cni: { vxlanMode: Never, ipipMode: Always }')).toContain(LINE);
  });

  test('not of VXLAN', () => {
    expect(said('vxlanMode: Always')).not.toContain(LINE);
  });
});
