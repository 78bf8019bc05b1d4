import { LOCAL_TABLE, MAIN_TABLE, routesOf } from '../../src/datapath/fib.ts';
import { iptablesSave } from '../../src/datapath/netfilter/iptables-save.ts';
import type { Device, Netns } from '../../src/datapath/netns.ts';
import type { Route } from '../../src/datapath/route.ts';
import { loadNetwork } from '../../src/index.ts';
import { formatAddress } from '../../src/net/address.ts';
import { formatDestination, formatPrefix } from '../../src/net/prefix.ts';
import { type DeviceState, type NetnsState, type NetworkConfig, type NodeState, portOf, rulesByChain } from './node.ts';

/** The same node as we compile it: without kube-proxy and the cluster's masquerade, so that every rule is the plugin's. */

const NODE = 'node-1';
const WHOLE = { IPv4: '10.244.0.0/16', IPv6: 'fd00:10:244::/48' } as const;
const ADDRESS = { IPv4: '192.168.1.11', IPv6: 'fd00:192:168:1::11' } as const;

export function loadNode({ type, options, subnets }: NetworkConfig, pods: readonly string[]) {
  const families = subnets.map((s) => (s.includes(':') ? 'IPv6' : 'IPv4'));
  const topology = {
    apiVersion: 'k8s-trace/v1',
    kind: 'Topology',
    cluster: { podCIDRs: families.map((f) => WHOLE[f]), masquerade: 'none', cni: { plugin: type, ...options } },
    nodes: [{ name: NODE, ips: families.map((f) => ADDRESS[f]), podCIDRs: subnets, kubeProxy: { running: false } }],
    pods: pods.map((name) => ({ name, node: NODE })),
  };
  return loadNetwork([{ name: 'node.json', bytes: new TextEncoder().encode(JSON.stringify(topology)) }]);
}

export function compiledNode(config: NetworkConfig, pods: readonly string[]): NodeState {
  const loaded = loadNode(config, pods);
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.diagnostics, null, 1));
  const { datapath } = loaded.value;
  const netns = (name: string): Netns => {
    const found = datapath.netns(name);
    if (found === undefined) throw new Error(`no namespace ${name} was compiled`);
    return found;
  };
  const node = netns(NODE);
  return {
    forwarding: ['net.ipv4.ip_forward', 'net.ipv6.conf.all.forwarding'].map((name) => node.sysctls.get(name)?.value ?? 0),
    // The node's own NIC is no work of the plugin.
    node: stateOf(node, 'eth0'),
    pods: Object.fromEntries(pods.map((pod) => [pod, stateOf(netns(`default/${pod}`), null)])),
    rules: { ...rulesByChain(iptablesSave(node.rulesets.IPv4)), ...rulesByChain(iptablesSave(node.rulesets.IPv6), 'ip6 ') },
  };
}

function stateOf(netns: Netns, leftOut: string | null): NetnsState {
  const counts = (device: string) => device !== 'lo' && device !== leftOut;
  const named = (device: string) => {
    const found = netns.devices.get(device);
    return found === undefined ? device : nameOf(found);
  };
  const table = (id: number): readonly Route[] => {
    const fib = netns.tables.get(id);
    return fib === undefined ? [] : [...routesOf(fib)].filter((r) => r.nextHops.every((hop) => counts(hop.device)));
  };
  const devices = [...netns.devices.values()].filter((d) => counts(d.name));
  return {
    devices: Object.fromEntries(devices.map((d) => [nameOf(d), deviceState(d)])),
    routes: table(MAIN_TABLE)
      .map((r) => routeText(r, named))
      .sort(),
    own: table(LOCAL_TABLE)
      .filter((r) => r.type === 'local')
      .map((r) => `${formatPrefix(r.prefix)} ${hopsText(r, named)}`)
      .sort(),
  };
}

function nameOf(device: Device): string {
  return device.kind === 'veth' && device.netns.name === NODE
    ? portOf(device.peer?.netns.name.replace('default/', '') ?? '?')
    : device.name;
}

function deviceState(device: Device): DeviceState {
  const { kind, down, mtu, addresses } = device;
  return {
    kind,
    up: down === null,
    mtu,
    addresses: addresses.map((a) => `${formatAddress(a.address)}/${a.prefix.length}`),
    port: device.kind === 'veth' && device.master !== null ? { bridge: device.master.name, hairpin: device.hairpin } : null,
  };
}

function routeText(route: Route, named: (device: string) => string): string {
  const { type, prefix, source, metric } = route;
  const words = [formatDestination(prefix), hopsText(route, named)];
  if (type !== 'unicast') words.unshift(type);
  if (source !== null) words.push(`src ${formatAddress(source)}`);
  if (metric !== 0) words.push(`metric ${metric}`);
  return words.join(' ');
}

function hopsText({ nextHops }: Route, named: (device: string) => string): string {
  return nextHops.map(({ via, device }) => `${via === null ? '' : `via ${formatAddress(via)} `}dev ${named(device)}`).join(' nexthop ');
}
