import { createHash } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { LOCAL_TABLE, MAIN_TABLE, type Route, routesOf } from '../../src/datapath/fib.ts';
import { iptablesSave } from '../../src/datapath/netfilter/iptables-save.ts';
import type { Device, Netns } from '../../src/datapath/netns.ts';
import { loadNetwork } from '../../src/index.ts';
import { formatAddress } from '../../src/net/address.ts';
import { formatDestination, formatPrefix } from '../../src/net/prefix.ts';
import { type DeviceState, type NetnsState, type NetworkConfig, type NodeState, portOf, realNode, rulesByChain, whyNot } from './node.ts';

/**
 * The reference plugins `bridge` and `host-local` make a node's pods, and so do we: both must leave the same. Neither kube-proxy nor the
 * cluster's masquerade is there, so that every rule on both sides is the plugin's.
 */

interface Case {
  readonly name: string;
  readonly config: NetworkConfig;
  /** In the order in which they are made; not that of the alphabet, so that it is seen who decides. */
  readonly pods: readonly string[];
}

const THREE = ['web', 'api', 'db'];
const USUAL = { bridge: 'cni0', hairpinMode: true, ipMasq: false, subnet: '10.244.1.0/24' };
const JUMBO = { bridge: 'br-pods', hairpinMode: true, ipMasq: true, mtu: 9000, subnet: '10.244.6.8/29' };

const CASES: readonly Case[] = [
  { name: 'hairpin, no masquerade', config: USUAL, pods: THREE },
  { name: 'masquerade, no hairpin', config: { ...USUAL, hairpinMode: false, ipMasq: true }, pods: THREE },
  { name: 'neither, a smaller MTU', config: { ...USUAL, hairpinMode: false, mtu: 1450 }, pods: THREE },
  { name: 'both, jumbo frames, a range full to the brim', config: JUMBO, pods: ['e', 'd', 'c', 'b', 'a'] },
  { name: 'a wide range', config: { ...USUAL, ipMasq: true, subnet: '10.244.128.0/17' }, pods: THREE },
  { name: 'the smallest range', config: { ...USUAL, ipMasq: true, subnet: '10.244.1.252/30' }, pods: ['web'] },
];

function load({ bridge, hairpinMode, ipMasq, mtu, subnet }: NetworkConfig, pods: readonly string[]) {
  const topology = {
    apiVersion: 'k8s-trace/v1',
    kind: 'Topology',
    cluster: { podCIDR: '10.244.0.0/16', masquerade: 'none', cni: { plugin: 'bridge', bridge, hairpinMode, ipMasq, mtu } },
    nodes: [{ name: 'node-1', ip: '192.168.1.11', podCIDR: subnet, kubeProxy: { running: false } }],
    pods: pods.map((name) => ({ name, node: 'node-1' })),
  };
  return loadNetwork([{ name: 'node.json', bytes: new TextEncoder().encode(JSON.stringify(topology)) }]);
}

function compiledNode(config: NetworkConfig, pods: readonly string[]): NodeState {
  const loaded = load(config, pods);
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.diagnostics, null, 1));
  const { datapath } = loaded.value;
  const netns = (name: string): Netns => datapath.netns(name) ?? expect.fail(`no namespace ${name} was compiled`);
  const node = netns('node-1');
  return {
    forwarding: node.sysctls.get('net.ipv4.ip_forward')?.value ?? 0,
    // The node's own NIC is no work of the plugin.
    node: stateOf(node, 'eth0'),
    pods: Object.fromEntries(pods.map((pod) => [pod, stateOf(netns(`default/${pod}`), null)])),
    rules: rulesByChain(iptablesSave(node.rulesets.IPv4)),
  };
}

function stateOf(netns: Netns, leftOut: string | null): NetnsState {
  const counts = (device: string) => device !== 'lo' && device !== leftOut;
  const table = (id: number): readonly Route[] => {
    const fib = netns.tables.get(id);
    return fib === undefined ? [] : [...routesOf(fib)].filter((r) => r.nextHops.every((hop) => counts(hop.device)));
  };
  const devices = [...netns.devices.values()].filter((d) => counts(d.name));
  return {
    devices: Object.fromEntries(devices.map((d) => [nameOf(d), deviceState(d)])),
    routes: table(MAIN_TABLE).map(routeText).sort(),
    own: table(LOCAL_TABLE)
      .map((r) => `${formatPrefix(r.prefix)} ${hopsText(r)}`)
      .sort(),
  };
}

function nameOf(device: Device): string {
  return device.kind === 'veth' && device.master !== null ? portOf(device.peer?.netns.name.replace('default/', '') ?? '?') : device.name;
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

function routeText(route: Route): string {
  const { type, prefix, source, metric } = route;
  const words = [formatDestination(prefix), hopsText(route)];
  if (type !== 'unicast') words.unshift(type);
  if (source !== null) words.push(`src ${formatAddress(source)}`);
  if (metric !== 0) words.push(`metric ${metric}`);
  return words.join(' ');
}

function hopsText({ nextHops }: Route): string {
  return nextHops.map(({ via, device }) => `${via === null ? '' : `via ${formatAddress(via)} `}dev ${device}`).join(' nexthop ');
}

const CHAIN = /CNI-[0-9a-f]{24}/;

/** Chains are named after a hash of the container's id, and a topology has no ids: here after the pod whose source jumps there. */
function namedByPod(rules: NodeState['rules'], ids: ReadonlyMap<string, string>): NodeState['rules'] {
  const names = new Map<string, string>();
  for (const [pod, id] of ids) {
    const jump = rules['nat POSTROUTING']?.find((rule) => rule.includes(String.raw`id: \"${id}\"`));
    const chain = CHAIN.exec(jump ?? '')?.[0];
    if (chain !== undefined) names.set(chain, `CNI-of-${pod}`);
  }
  const rename = (text: string) => {
    const renamed = text.replace(CHAIN, (chain) => names.get(chain) ?? chain);
    return [...ids].reduce((rule, [pod, id]) => rule.replace(String.raw`id: \"${id}\"`, `id: ${pod}`), renamed);
  };
  return Object.fromEntries(Object.entries(rules).map(([chain, list]) => [rename(chain), list.map(rename)]));
}

/** utils.FormatChainName of the plugins: a hash of the network's name and the container's id. */
const chainName = (network: string, id: string) => `CNI-${createHash('sha512').update(`${network}${id}`).digest('hex').slice(0, 24)}`;
const ownChains = (rules: NodeState['rules']) => Object.keys(rules).filter((chain) => chain !== 'nat POSTROUTING');

const reason = whyNot();
const title = (what: string) => (reason === null ? what : `skipped: needs root and the CNI plugins bridge and host-local (${reason})`);

describe.skipIf(reason !== null)(title('what the real plugins bridge and host-local leave on a node'), () => {
  // One line is enough to say that nothing was looked at.
  describe.each(reason === null ? CASES : [])('$name', ({ config, pods }) => {
    let real: NodeState;
    let ours: NodeState;
    beforeAll(() => {
      real = realNode(config, pods);
      ours = compiledNode(config, pods);
    });

    it('the same addresses, given out in the same order', () => {
      const addresses = ({ pods: of }: NodeState) => pods.map((pod) => of[pod]?.devices['eth0']?.addresses);
      expect(addresses(real).flat(), 'every pod has one address').toHaveLength(pods.length);
      expect(addresses(ours)).toEqual(addresses(real));
    });

    it('the bridge and its ports', () => {
      expect(Object.keys(real.node.devices), 'a bridge and a port for each pod').toHaveLength(1 + pods.length);
      expect(ours.node.devices).toEqual(real.node.devices);
    });

    it("the node's routes and own addresses", () => {
      expect(real.node.routes, 'the bridge has its connected route').toHaveLength(1);
      expect({ routes: ours.node.routes, own: ours.node.own }).toEqual({ routes: real.node.routes, own: real.node.own });
    });

    it.each(pods)('%s: its end of the veth pair, its routes', (pod) => {
      expect(real.pods[pod]?.routes, 'a connected route and a default').toHaveLength(2);
      expect(ours.pods[pod]).toEqual(real.pods[pod]);
    });

    it('forwarding turned on', () => {
      expect(ours.forwarding).toBe(real.forwarding);
    });

    it('the rules, as iptables-save prints them', () => {
      const byPod = (rules: NodeState['rules'], id: (pod: string) => string) =>
        namedByPod(rules, new Map(pods.map((pod) => [pod, id(pod)])));
      expect(ownChains(real.rules), 'a chain for each pod, or none').toHaveLength(config.ipMasq ? pods.length : 0);
      expect(byPod(ours.rules, (pod) => `default/${pod}`)).toEqual(byPod(real.rules, (pod) => pod));
    });

    it('the names of the chains: the same hash, of what each side has for an id', () => {
      const expected = (id: (pod: string) => string) =>
        config.ipMasq ? pods.map((pod) => `nat ${chainName(config.bridge, id(pod))}`) : [];
      expect(ownChains(real.rules)).toEqual(expected((pod) => pod).sort());
      expect(ownChains(ours.rules)).toEqual(expected((pod) => `default/${pod}`).sort());
    });
  });

  it('one pod more than the range has addresses: refused by both', () => {
    const six = ['a', 'b', 'c', 'd', 'e', 'f'];
    expect(() => realNode(JUMBO, six)).toThrow('no IP addresses available in range set');
    const loaded = load(JUMBO, six);
    expect(loaded.ok ? [] : loaded.diagnostics.map((d) => d.code)).toEqual(['range-exhausted']);
  });
});
