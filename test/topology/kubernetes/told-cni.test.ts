import { describe, expect, test } from 'vitest';
import { networkOf, traceOf } from './small-cluster.ts';

/** Objects of two nodes, which fill the model of their CNI plugin or do not. What is expected is in the plugins' own documents. */

interface NodeWords {
  readonly annotations?: object;
  readonly spec?: object;
  readonly labels?: object;
  readonly ip?: string;
  readonly reason?: string;
}

const node = (name: string, { annotations = {}, labels = {}, spec = {}, reason, ip = `192.168.1.1${name.at(-1)}` }: NodeWords) => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name, annotations, labels },
  spec,
  status: {
    addresses: [{ type: 'InternalIP', address: ip }],
    conditions: reason === undefined ? [] : [{ type: 'NetworkUnavailable', status: 'False', reason }],
  },
});

const pod = (name: string, nodeName: string, podIP: string) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'shop', uid: name },
  spec: { nodeName, containers: [{ name: 'app', ports: [{ containerPort: 8080 }] }] },
  status: { phase: 'Running', podIP, podIPs: [{ ip: podIP }] },
});

const daemon = (name: string, env: object = {}, args: readonly string[] = []) => ({
  apiVersion: 'apps/v1',
  kind: 'DaemonSet',
  metadata: { name, namespace: 'kube-system' },
  spec: {
    template: {
      spec: { containers: [{ name, args, env: Object.entries(env).map(([k, value]) => ({ name: k, value })) }] },
    },
  },
});

const configMap = (name: string, data: object) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'kube-system' },
  data,
});
const pool = (spec: object) => ({ apiVersion: 'crd.projectcalico.org/v1', kind: 'IPPool', metadata: { name: 'default' }, spec });

const text = (...objects: readonly object[]) => JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects });
const range = (n: number) => ({ podCIDR: `10.244.${n}.0/24`, podCIDRs: [`10.244.${n}.0/24`] });
const pods = [pod('a', 'n1', '10.244.1.10'), pod('b', 'n2', '10.244.2.10')];
const both = (words: (n: number) => NodeWords) => [node('n1', words(1)), node('n2', words(2))];

const flannelOn = (n: number, more: object = {}): NodeWords => ({
  spec: range(n),
  annotations: {
    'flannel.alpha.coreos.com/backend-type': 'vxlan',
    'flannel.alpha.coreos.com/backend-data': `{"VNI":1,"VtepMAC":"8a:00:00:00:00:0${n}"}`,
    'flannel.alpha.coreos.com/public-ip': `192.168.1.1${n}`,
    ...more,
  },
});
const netConf = (Backend: object) =>
  configMap('kube-flannel-cfg', { 'net-conf.json': JSON.stringify({ Network: '10.244.0.0/16', Backend }) });
const flanneld = daemon('kube-flannel-ds', {}, ['--ip-masq', '--kube-subnet-mgr']);

const vxlanCalico = (n: number): NodeWords => ({
  annotations: { 'projectcalico.org/IPv4VXLANTunnelAddr': `10.244.${n}.7`, 'projectcalico.org/IPv4Address': `192.168.1.1${n}/24` },
});
const ipipCalico = (n: number): NodeWords => ({ annotations: { 'projectcalico.org/IPv4IPIPTunnelAddr': `10.244.${n}.7` } });

const vxlanPool = pool({ cidr: '10.244.0.0/16', vxlanMode: 'Always', natOutgoing: true });
const ipipPool = pool({ cidr: '10.244.0.0/16', ipipMode: 'Always', natOutgoing: true });
const calicoNode = daemon('calico-node');
const flat = (n: number): NodeWords => ({ spec: range(n) });
const cilium = (data: object) => [daemon('cilium'), configMap('cilium-config', data)];
const onVpc = [pod('a', 'n1', '192.168.1.100'), pod('b', 'n2', '192.168.1.200')];
const hashed = 'be4399560e9';

/** On the way out: what leaves for the range of another node is taken there by the network's gateway with kubenet and gke. */
describe('a plugin that objects fill', () => {
  test.each([
    ['kindnet', [...both(flat), ...pods, daemon('kindnet', { POD_SUBNET: '10.244.0.0/16' })], ['eth0', 'veth0']],
    ['flannel', [...both(flannelOn), ...pods, flanneld, netConf({ Type: 'vxlan' })], ['flannel.1', 'eth0', 'cni0', 'veth0']],
    ['flannel', [...both(flannelOn), ...pods, flanneld, netConf({ Type: 'vxlan', VNI: 7 })], ['flannel.7', 'eth0', 'cni0', 'veth0']],
    ['flannel', [...both(flannelOn), ...pods, flanneld, netConf({ Type: 'vxlan', DirectRouting: true })], ['eth0', 'cni0', 'veth0']],
    ['flannel', [...both(flat), ...pods, flanneld, netConf({ Type: 'host-gw' })], ['eth0', 'cni0', 'veth0']],
    ['canal', [...both(flannelOn), ...pods, flanneld, calicoNode, netConf({ Type: 'vxlan' })], ['flannel.1', 'eth0', `cali${hashed}`]],
    ['calico', [...both(vxlanCalico), ...pods, calicoNode, vxlanPool], ['vxlan.calico', 'eth0', `cali${hashed}`]],
    ['calico', [...both(ipipCalico), ...pods, calicoNode, ipipPool], ['tunl0', 'eth0', `cali${hashed}`]],
    [
      'calico',
      [...both(flat), ...pods, calicoNode, pool({ cidr: '10.244.0.0/16', ipipMode: 'Never', natOutgoing: true })],
      ['eth0', `cali${hashed}`],
    ],
    [
      'kubenet',
      [...both((n) => ({ spec: { ...range(n), providerID: 'azure:///x' }, reason: 'RouteCreated' })), ...pods],
      ['eth0', 'eth0', 'cbr0', 'veth0'],
    ],
    [
      'gke',
      [...both((n) => ({ spec: { ...range(n), providerID: 'gce://p/z/x' }, reason: 'RouteCreated' })), ...pods],
      ['eth0', 'eth0', `gke${hashed}`],
    ],
    ['aws-vpc-cni', [...both(() => ({})), ...onVpc, daemon('aws-node')], ['eth0', `eni${hashed}`]],
    ['aws-vpc-cni', [...both(() => ({})), ...onVpc, daemon('aws-node', { AWS_VPC_K8S_CNI_VETHPREFIX: 'vp' })], ['eth0', `vp${hashed}`]],
    ['azure-cni', [...both(() => ({})), ...onVpc, daemon('azure-cns')], ['eth0', `azv${hashed}`]],
    [
      'cilium',
      [...both(flat), ...pods, ...cilium({ 'routing-mode': 'tunnel', 'tunnel-protocol': 'geneve', ipam: 'kubernetes' })],
      ['cilium_geneve', 'eth0', `lxc${hashed}`],
    ],
    [
      'cilium',
      [...both(flat), ...pods, ...cilium({ 'routing-mode': 'native', 'auto-direct-node-routes': 'true' })],
      ['eth0', `lxc${hashed}`],
    ],
  ])('%s', (plugin, objects, expected) => {
    const input = text(...objects);
    const { cluster } = networkOf(input);
    expect([cluster.cni.plugin, cluster.cni.guess]).toEqual([plugin, null]);
    const trace = traceOf(input, { source: 'shop/a', destination: 'shop/b:8080' });
    expect(trace.outcome).toBe('delivered');
    const [, ...out] = (trace.paths[0]?.forward.hops ?? []).flatMap((h) =>
      h.kind === 'interface' && h.direction === 'out' ? [h.device] : [],
    );
    expect(out).toEqual(expected);
  });
});

describe('the ends of tunnels are those that the nodes tell', () => {
  const encap = (objects: readonly object[]) => {
    const [hop] = (traceOf(text(...objects), { source: 'shop/a', destination: 'shop/b:8080' }).paths[0]?.forward.hops ?? []).flatMap((h) =>
      h.kind === 'encap' ? [h] : [],
    );
    return [hop?.tunnel.remote, hop?.tunnel.port, hop?.neighbour?.address, hop?.neighbour?.lladdr];
  };

  test('of flannel by its annotations, with the port of its configuration', () => {
    const objects = [...both(flannelOn), ...pods, flanneld, netConf({ Type: 'vxlan', Port: 4789 })];
    expect(encap(objects)).toEqual(['192.168.1.12', 4789, '10.244.2.0', '8a:00:00:00:00:02']);
  });

  test('of Calico the address of the device; a node that calls a pod by IPIP has that of tunl0', () => {
    expect(encap([...both(vxlanCalico), ...pods, calicoNode, vxlanPool]).slice(0, 3)).toEqual(['192.168.1.12', 4789, '10.244.2.7']);
    const trace = traceOf(text(...both(ipipCalico), ...pods, calicoNode, ipipPool), { source: 'node/n1', destination: 'shop/b:8080' });
    expect(trace.paths[0]?.endpoint?.pod).toBe('shop/b');
    expect(trace.paths[0]?.forward.hops.at(-1)?.packet.source).toBe('10.244.1.7');
  });
});

describe('a plugin whose model the objects do not fill is generic, and says why', () => {
  const otherSegment = [node('n1', { spec: range(1) }), node('n2', { spec: range(2), ip: '172.20.7.12' })];
  test.each([
    [
      'a backend without a model',
      [...both(flannelOn), ...pods, flanneld].map((o) => JSON.parse(JSON.stringify(o).replace('"vxlan"', '"wireguard"'))),
      /wireguard/,
    ],
    ['flanneld without a word of its backend', [...both(flat), ...pods, flanneld], /in no object/],
    [
      'flanneld that does not masquerade',
      [...both(flannelOn), ...pods, daemon('kube-flannel-ds', {}, ['--kube-subnet-mgr']), netConf({ Type: 'vxlan' })],
      /masquerade/,
    ],
    [
      'an outer address that is none of the node',
      [...both((n) => flannelOn(n, { 'flannel.alpha.coreos.com/public-ip': '10.0.2.15' })), ...pods, flanneld, netConf({ Type: 'vxlan' })],
      /none of the node/,
    ],
    ['pods outside of the ranges', [...both(flat), pod('a', 'n1', '10.9.1.10'), daemon('kindnet')], /not where it gives/],
    ['a pod with the address of a gateway', [...both(flat), pod('a', 'n1', '10.244.1.1'), daemon('kindnet')], /devices of the nodes/],
    ['nodes on several segments, without a tunnel', [...otherSegment, ...pods, daemon('kindnet')], /several segments/],
    ['Calico whose tunnels have addresses that nothing tells', [...both(flat), ...pods, calicoNode, ipipPool], /address of its tunnel/],
    ['Calico of which only the tunnel is known', [...both(ipipCalico), ...pods, calicoNode], /in no object/],
    ['Calico without natOutgoing', [...both(flat), ...pods, calicoNode, pool({ cidr: '10.244.0.0/16' })], /natOutgoing/],
    ['Calico with eBPF', [...both(vxlanCalico), ...pods, daemon('calico-node', { FELIX_BPFENABLED: 'true' }), vxlanPool], /eBPF/],
    [
      'pods of the VPC on NICs of their own',
      [...both(() => ({})), ...onVpc, daemon('aws-node', { ENABLE_POD_ENI: 'true' })],
      /ENABLE_POD_ENI/,
    ],
    [
      "Azure's overlay",
      [...both(() => ({ labels: { 'kubernetes.azure.com/podnetwork-type': 'overlay' } })), daemon('azure-cns')],
      /overlay/,
    ],
    ['Cilium without its configuration', [...both(flat), ...pods, daemon('cilium')], /in no object/],
    [
      'Cilium that leaves pods to the network',
      [...both(flat), ...pods, ...cilium({ 'routing-mode': 'native' })],
      /auto-direct-node-routes/,
    ],
    ['nodes that differ', [node('n1', flannelOn(1)), node('n2', vxlanCalico(2)), ...pods], /nodes differ/],
  ])('%s', (_, objects, why) => {
    const { cni } = networkOf(text(...objects)).cluster;
    expect([cni.plugin, cni.guess?.what]).toEqual(['generic', expect.stringMatching(why)]);
    expect(cni.guess?.what).toMatch(/ is not modelled here \(/);
  });
});
