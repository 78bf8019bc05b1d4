import { describe, expect, test } from 'vitest';
import { type LoadOptions, loadNetwork } from '../../src/index.ts';
import { beside, CLUSTER } from './kubernetes/small-cluster.ts';
import { file } from './sources.ts';

/** What a Topology and flags state, as `show cluster` has it. The modes are those that the contract of facts names. */

function factsIn(text: string, options: LoadOptions = {}) {
  const loaded = loadNetwork([file(text)], options);
  if (!loaded.ok) throw new Error(loaded.diagnostics.map((d) => d.message).join('; '));
  return loaded.value.cluster.facts;
}

const NODE = 'podCIDR: 10.244.1.0/24';
const topology = (cni: string | null, node = NODE) => `apiVersion: k8s-trace/v1
kind: Topology
cluster: { podCIDR: 10.244.0.0/16, serviceCIDR: 10.96.0.0/12${cni === null ? '' : `, cni: ${cni}`} }
nodes:
  - { name: n1, ip: 192.168.1.11${node === '' ? '' : `, ${node}`} }
  - { name: n2, ip: 192.168.1.12${node === '' ? '' : ', podCIDR: 10.244.2.0/24'} }
`;

const modes = (text: string, options: LoadOptions = {}) =>
  factsIn(text, options).flatMap((f) => (f.fact === 'cni.mode' ? [[f.node, f.value, f.confidence]] : []));

describe('cni.mode of a Topology', () => {
  test.each([
    ['bridge', NODE, 'bridge'],
    ['ptp', NODE, 'ptp'],
    ['kindnet', NODE, 'ptp'],
    ['flannel', NODE, 'vxlan'],
    ['{ plugin: flannel, backend: vxlan }', NODE, 'vxlan'],
    ['{ plugin: flannel, backend: { vni: 7 } }', NODE, 'vxlan'],
    ['{ plugin: flannel, backend: { type: vxlan, directRouting: true } }', NODE, 'vxlan-cross-subnet'],
    ['{ plugin: flannel, backend: host-gw }', NODE, 'host-gw'],
    ['{ plugin: canal, backend: { type: host-gw } }', NODE, 'host-gw'],
    ['calico', NODE, 'native'],
    ['{ plugin: calico, ipipMode: Always }', NODE, 'ipip'],
    ['{ plugin: calico, ipipMode: CrossSubnet }', NODE, 'ipip-cross-subnet'],
    ['{ plugin: calico, vxlanMode: Always }', NODE, 'vxlan'],
    ['{ plugin: calico, vxlanMode: CrossSubnet }', NODE, 'vxlan-cross-subnet'],
    ['{ plugin: calico, ipPools: [ { cidr: 10.244.0.0/16, vxlanMode: Always } ] }', NODE, 'vxlan'],
    ['{ plugin: calico, vxlanMode: Always, ipPools: [ { cidr: 10.244.0.0/16 } ] }', NODE, 'vxlan'],
    ['aws-vpc-cni', '', 'fabric'],
    ['azure-cni', '', 'fabric'],
    ['gke', NODE, 'fabric'],
    ['kubenet', NODE, 'fabric'],
    ['cilium', NODE, 'vxlan'],
    ['{ plugin: cilium, tunnelProtocol: geneve }', NODE, 'geneve'],
    ['{ plugin: cilium, routingMode: native }', NODE, 'native'],
  ])('%s', (cni, node, mode) => {
    expect(modes(topology(cni, node))).toEqual([[null, mode, 'stated']]);
  });

  test.each([
    ['no plugin is stated', null],
    ['nobody knows it of the plugin', 'weave'],
  ])('%s', (_, cni) => {
    expect(modes(topology(cni))).toEqual([]);
  });

  test('of a node that has another one', () => {
    const text = topology('{ plugin: flannel, backend: { directRouting: true } }', `${NODE}, cni: { backend: vxlan }`);
    expect(modes(text)).toEqual([
      [null, 'vxlan-cross-subnet', 'stated'],
      ['n1', 'vxlan', 'stated'],
    ]);
    // Its other keys are its own; the mode is the cluster's.
    expect(modes(topology('calico', `${NODE}, cni: { mtu: 1400 }`))).toHaveLength(1);
  });

  test('a flag brings its own, once', () => {
    const [mode] = factsIn(topology('kindnet'), { flags: { cni: 'calico' } }).filter((f) => f.fact === 'cni.mode');
    expect(mode).toMatchObject({ value: 'native', source: null, others: [{ value: 'ptp' }] });
  });

  test('it is told where the Topology states the plugin', () => {
    const [mode] = factsIn(topology('kindnet')).filter((f) => f.fact === 'cni.mode');
    expect(mode?.source?.field).toBe('cluster.cni');
  });

  test('beside objects it wins over what they say; the name alone of a flag leaves it to them', () => {
    expect(modes(CLUSTER + beside('cluster: { cni: { plugin: flannel, backend: host-gw } }\n'))).toEqual([[null, 'host-gw', 'stated']]);
    expect(modes(CLUSTER, { flags: { cni: '{ plugin: calico, ipipMode: Always }' } })).toEqual([[null, 'ipip', 'stated']]);
    expect(modes(CLUSTER, { flags: { cni: 'calico' } }).map(([, , confidence]) => confidence)).not.toContain('stated');
  });
});

test('node.tunnel is what a node states of its end', () => {
  const tunnel = 'tunnel: { ip: 10.244.1.0, mac: "66:00:00:00:00:01", publicIP: 203.0.113.7 }';
  const found = (own: string) =>
    factsIn(topology('flannel', `${NODE}, ${own}`)).flatMap((f) => (f.fact === 'node.tunnel' ? [[f.node, f.value, f.source?.field]] : []));
  expect(found(tunnel)).toEqual([['n1', '{ ip: 10.244.1.0, mac: "66:00:00:00:00:01", publicIP: 203.0.113.7 }', 'nodes[0].tunnel']]);
  expect(found('tunnel: { mac: "66:00:00:00:00:01" }')).toEqual([['n1', '{ mac: "66:00:00:00:00:01" }', 'nodes[0].tunnel']]);
  expect(found('cni: { mtu: 1400 }')).toEqual([]);
});
