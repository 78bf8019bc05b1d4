import { describe, expect, it } from 'vitest';
import { cniPlugins, configureCni } from '../../src/cni/index.ts';
import { loadNetwork, traceRequest } from '../../src/index.ts';
import { nodeIps } from '../../src/k8s/families.ts';
import { formatAddress } from '../../src/net/address.ts';
import { cidr } from '../../src/net/prefix.ts';
import { inferred } from '../../src/source/origin.ts';
import { linted } from '../lint/linted.ts';

/** What every CNI plugin owes: run for each entry of the registry, so that a new one is held to it without another line here. */
const plugins = Object.keys(cniPlugins) as (keyof typeof cniPlugins)[];

interface Numbers {
  readonly pods: string;
  readonly services: string;
  readonly nodes: readonly string[];
  readonly ranges: readonly string[];
  readonly clusterIps: readonly string[];
  readonly gateway: string;
}

const FAMILIES: Readonly<Record<'IPv4' | 'IPv6', Numbers>> = {
  IPv4: {
    pods: '10.244.0.0/16',
    services: '10.96.0.0/12',
    nodes: ['192.168.1.11', '192.168.1.12', '192.168.1.0/24'],
    ranges: ['10.244.1.0/24', '10.244.2.0/24'],
    clusterIps: ['10.96.0.10', '10.96.0.11'],
    gateway: '192.168.1.1',
  },
  IPv6: {
    pods: 'fd00:10:244::/56',
    services: 'fd00:10:96::/112',
    nodes: ['fd00:192:168:1::11', 'fd00:192:168:1::12', 'fd00:192:168:1::/64'],
    ranges: ['fd00:10:244:1::/64', 'fd00:10:244:2::/64'],
    clusterIps: ['fd00:10:96::10', 'fd00:10:96::11'],
    gateway: 'fd00:192:168:1::1',
  },
};

/** Their pods have addresses of the nodes' own link, which is the last one of the nodes' numbers. */
const isOnSegments = (plugin: string) => /aws-vpc-cni|azure-cni/.test(plugin);

/** Host ends without an address answer for the gateway only where the node has another way to it. */
const NEEDS_A_WAY = ['calico', 'canal'];

const topology = (plugin: string, { pods, services, nodes, ranges, clusterIps, gateway }: Numbers, ofNode = '') => `apiVersion: k8s-trace/v1
kind: Topology
cluster: { podCIDR: '${isOnSegments(plugin) ? nodes[2] : pods}', serviceCIDR: '${services}', cni: ${plugin} }
nodes:
  - { name: node-1, ip: '${nodes[0]}'${isOnSegments(plugin) ? '' : `, podCIDR: '${ranges[0]}'`}${ofNode} }
  - { name: node-2, ip: '${nodes[1]}'${isOnSegments(plugin) ? '' : `, podCIDR: '${ranges[1]}'`} }
pods:
  - { name: a, node: node-1 }
  - { name: b, node: node-1, labels: { app: web } }
  - { name: c, node: node-2, labels: { app: web } }
  - { name: d, node: node-1, containers: [ { name: d, ports: [ { containerPort: 80, hostPort: 8081 } ] } ] }
services:
  - { name: web, clusterIP: '${clusterIps[0]}', selector: { app: web }, ports: [ { port: 80, targetPort: 8080 } ] }
  - { name: self, clusterIP: '${clusterIps[1]}', selector: { app: web }, ports: [ { port: 80, targetPort: 8080 } ] }
${NEEDS_A_WAY.includes(plugin) ? `internet: { gateway: { ip: '${gateway}' } }` : ''}
`;

const read = (text: string) => loadNetwork([{ name: 'x.yaml', bytes: new TextEncoder().encode(text) }]);

/** Modes that are the plugin's, beside the one that it has by itself. */
const MODES: readonly string[] = [
  '{ plugin: flannel, backend: host-gw }',
  '{ plugin: flannel, enableNFTables: true }',
  '{ plugin: flannel, backend: { directRouting: true, vni: 7, port: 4789 }, bridge: br0 }',
];

const CASES = [...plugins, ...MODES].flatMap((plugin) =>
  Object.entries(FAMILIES)
    .filter(([family]) => family === 'IPv4' || plugin !== 'aws-vpc-cni')
    .map(([family, numbers]) => ({ plugin, family, numbers })),
);

describe.each(CASES)('CNI $plugin, $family', ({ plugin, numbers }) => {
  const loaded = read(topology(plugin, numbers));
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.diagnostics));
  const network = loaded.value;
  const { cni, nodes, pods, podsByNode } = network.cluster;
  const ask = (source: string, destination: string) => {
    const result = traceRequest(network, { source, destination });
    return result.ok ? result.trace : null;
  };

  it('gives every pod an eth0 with its address, up, and of its MTU', () => {
    for (const pod of pods.values()) {
      const eth0 = network.datapath.netns(`${pod.namespace}/${pod.name}`)?.devices.get('eth0');
      expect(eth0?.addresses.map((a) => a.address)).toEqual(pod.ips.map((i) => i.address));
      expect([eth0?.down, eth0?.mtu]).toEqual([null, cni.mtu]);
    }
  });

  it('makes the devices that it plans, with their addresses, and no others', () => {
    const made = (netns: string) =>
      [...(network.datapath.netns(netns)?.devices.values() ?? [])].map((d) => [d.name, d.addresses.map((a) => formatAddress(a.address))]);
    const own = new Set(['lo', 'eth0']);
    for (const node of nodes.values()) {
      const ofNode = podsByNode.get(node.name) ?? [];
      const planned = (devices: ReturnType<typeof cni.devices>) =>
        devices.map((d) => [d.name, d.addresses.map((a) => formatAddress(a.address))]);
      expect(made(node.name).filter(([name]) => !own.has(String(name)))).toEqual(planned(cni.devices(node, ofNode)));
      for (const pod of ofNode) expect(made(`default/${pod.name}`).slice(1)).toEqual(planned(cni.podDevices(node, pod)));
    }
  });

  it.each([
    ['a', 'b:80', 'same node'],
    ['a', 'c:80', 'other node'],
    ['node-1', 'b:80', 'node to local pod'],
    ['node-1', 'c:80', 'node to remote pod'],
    ['a', 'svc/web', 'service with endpoints here and there'],
    ['b', 'svc/self', 'a service of which the caller is an endpoint'],
    ['a', 'a:80', 'itself'],
    ['c', 'node-1:8081', 'a host port of another node'],
    ['node-1', 'node-1:8081', "a host port of the node's own"],
    ['d', 'node-1:8081', 'its own host port'],
  ])('delivers %s -> %s (%s)', (source, destination) => {
    expect(ask(source, destination)?.outcome).toBe('delivered');
  });

  it('leaves the address of a pod alone on the way to another one', () => {
    for (const [to, source] of [
      ['b:80', 'a'],
      ['c:80', 'a'],
    ] as const) {
      const [ip] = pods.get(`default/${source}`)?.ips ?? [];
      const last = ask(source, to)?.paths[0]?.forward.hops.at(-1)?.packet.source;
      expect(last).toBe(ip === undefined ? '' : formatAddress(ip.address));
    }
  });

  it('finds nothing wrong in a clean cluster', async () => {
    expect((await linted(topology(plugin, numbers))).map((d) => [d.code, d.message])).toEqual([]);
  });

  it.each([
    ['routes: { add: [ { to: default, dev: nosuch0 } ] }', 'nodes[0].routes.add[0].dev'],
    ['devices: { nosuch0: { mtu: 1400 } }', 'nodes[0].devices.nosuch0'],
    ['addresses: [ { ip: "%", dev: nosuch0 } ]', 'nodes[0].addresses[0].dev'],
  ])('refuses a device that it does not make: %s', (stated, field) => {
    const address = numbers.nodes[0]?.replace(/11$/, '55') ?? '';
    const refused = read(topology(plugin, numbers, `, ${stated.replace('%', address)}`));
    expect(refused.ok ? [] : refused.diagnostics.map((d) => [d.code, d.place?.field])).toEqual([['unknown-device', field]]);
  });

  it('takes what is stated of a device that it makes', () => {
    const [device] = cni.devices({ name: 'node-1', addresses: [], podCidrs: [], tunnel: null }, podsByNode.get('node-1') ?? []);
    const stated = read(topology(plugin, numbers, `, devices: { ${device?.name}: { mtu: 1400 } }`));
    expect(stated.ok && stated.value.datapath.netns('node-1')?.devices.get(device?.name ?? '')?.mtu).toBe(1400);
  });

  it('keeps for itself what it reserves', () => {
    const given = [...pods.values()].flatMap((p) => p.ips.map((i) => i.address));
    const stated = [...nodes.values()].flatMap((n) => n.podCidrs);
    const ranges = stated.length > 0 ? stated : [cidr(numbers.nodes[2] ?? '')];
    const own = [...nodes.values()].flatMap(nodeIps);
    const reserved = [...own, ...ranges.flatMap((range) => [range.address, ...cni.reserved(range).map((r) => r.address)])];
    expect(given).toHaveLength(pods.size);
    expect(given.filter((a) => reserved.includes(a))).toEqual([]);
  });
});

const SETTING = { families: ['IPv4'], podCidrs: [cidr('10.244.0.0/16')], nicMtu: 1500 } as const;

describe.each(plugins)('CNI %s', (plugin) => {
  it('has the same name in the registry and in itself', () => {
    expect(configureCni(plugin, inferred(null), SETTING).plugin).toBe(plugin);
  });

  it('refuses a field that it does not have', () => {
    const refused = read(topology(`{ plugin: ${plugin}, nosuch: 1 }`, FAMILIES.IPv4));
    expect(refused.ok ? [] : refused.diagnostics.map((d) => [d.code, d.place?.field])).toEqual([['unknown-field', 'cluster.cni.nosuch']]);
  });
});
