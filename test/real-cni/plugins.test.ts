import { createHash } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { compiledNode, loadNode } from './compiled.ts';
import { type NetworkConfig, type NodeState, realNode, whyNot } from './node.ts';

/**
 * The reference plugins `bridge` and `ptp`, with `host-local`, make a node's pods, and so do we: both must leave the same. Neither kube-proxy
 * nor the cluster's masquerade is there, so that every rule on both sides is the plugin's.
 */

interface Case {
  readonly name: string;
  readonly config: NetworkConfig;
  /** In the order in which they are made; not that of the alphabet, so that the order can be told from it. */
  readonly pods: readonly string[];
}

const THREE = ['web', 'api', 'db'];
const SUBNET = '10.244.1.0/24';
const SUBNET6 = 'fd00:10:244:1::/64';
// Our compiler knows no name of the network: it takes the bridge's, or the plugin's.
const bridge = (options: NetworkConfig['options'], ...subnets: readonly string[]): NetworkConfig => ({
  type: 'bridge',
  name: String(options['bridge'] ?? 'cni0'),
  options: { bridge: 'cni0', hairpinMode: true, ipMasq: false, ...options },
  subnets,
});
const ptp = (options: NetworkConfig['options'], ...subnets: readonly string[]): NetworkConfig => ({
  type: 'ptp',
  name: 'ptp',
  options: { ipMasq: false, ...options },
  subnets,
});
const JUMBO = bridge({ bridge: 'br-pods', ipMasq: true, mtu: 9000 }, '10.244.6.8/29');
const BRIM = ['e', 'd', 'c', 'b', 'a'];

const CASES: readonly Case[] = [
  { name: 'bridge: hairpin, no masquerade', config: bridge({}, SUBNET), pods: THREE },
  { name: 'bridge: masquerade, no hairpin', config: bridge({ hairpinMode: false, ipMasq: true }, SUBNET), pods: THREE },
  { name: 'bridge: neither, a smaller MTU', config: bridge({ hairpinMode: false, mtu: 1450 }, SUBNET), pods: THREE },
  { name: 'bridge: both, jumbo frames, a range full to the brim', config: JUMBO, pods: BRIM },
  { name: 'bridge: a wide range', config: bridge({ ipMasq: true }, '10.244.128.0/17'), pods: THREE },
  { name: 'bridge: the smallest range', config: bridge({ ipMasq: true }, '10.244.1.252/30'), pods: ['web'] },
  { name: 'bridge: IPv6', config: bridge({ ipMasq: true }, SUBNET6), pods: THREE },
  { name: 'bridge: both families', config: bridge({ ipMasq: true }, SUBNET, SUBNET6), pods: THREE },
  { name: 'ptp: no masquerade', config: ptp({}, SUBNET), pods: THREE },
  { name: 'ptp: masquerade', config: ptp({ ipMasq: true }, SUBNET), pods: THREE },
  { name: 'ptp: a smaller MTU', config: ptp({ mtu: 1450 }, SUBNET), pods: THREE },
  { name: 'ptp: jumbo frames, a range full to the brim', config: ptp({ ipMasq: true, mtu: 9000 }, '10.244.6.8/29'), pods: BRIM },
  { name: 'ptp: IPv6', config: ptp({ ipMasq: true }, SUBNET6), pods: THREE },
  { name: 'ptp: both families', config: ptp({ ipMasq: true }, SUBNET, SUBNET6), pods: THREE },
];

const CHAIN = /CNI-[0-9a-f]{24}/;

/** Chains are named after a hash of the container's id, and a topology has no ids: here after the pod whose source jumps there. */
function namedByPod(rules: NodeState['rules'], ids: ReadonlyMap<string, string>): NodeState['rules'] {
  const names = new Map<string, string>();
  const jumps = [...(rules['nat POSTROUTING'] ?? []), ...(rules['ip6 nat POSTROUTING'] ?? [])];
  for (const [pod, id] of ids) {
    const jump = jumps.find((rule) => rule.includes(String.raw`id: \"${id}\"`));
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
const ownChains = (rules: NodeState['rules']) => [...new Set(Object.keys(rules).flatMap((chain) => CHAIN.exec(chain)?.[0] ?? []))].sort();

const reason = whyNot();
const title = (what: string) => (reason === null ? what : `skipped: needs root and the CNI plugins bridge, ptp and host-local (${reason})`);

describe.skipIf(reason !== null)(title('what the real plugins leave on a node'), () => {
  // One line is enough to say that nothing was looked at.
  describe.each(reason === null ? CASES : [])('$name', ({ config, pods }) => {
    let real: NodeState;
    let ours: NodeState;
    beforeAll(() => {
      real = realNode(config, pods);
      ours = compiledNode(config, pods);
    });
    const bridges = config.type === 'bridge' ? 1 : 0;
    const families = config.subnets.length;

    it('the same addresses, given out in the same order', () => {
      const addresses = ({ pods: of }: NodeState) => pods.map((pod) => of[pod]?.devices['eth0']?.addresses);
      expect(addresses(real).flat(), 'every pod has an address of each family').toHaveLength(pods.length * families);
      expect(addresses(ours)).toEqual(addresses(real));
    });

    it("the node's devices", () => {
      expect(Object.keys(real.node.devices), 'a bridge, if any, and a host end for each pod').toHaveLength(bridges + pods.length);
      expect(ours.node.devices).toEqual(real.node.devices);
    });

    it("the node's routes and own addresses", () => {
      expect(real.node.routes, "the bridge's connected route, or one to each pod").toHaveLength(
        (bridges === 1 ? 1 : pods.length) * families,
      );
      expect({ routes: ours.node.routes, own: ours.node.own }).toEqual({ routes: real.node.routes, own: real.node.own });
    });

    it.each(pods)('%s: its end of the veth pair, its routes', (pod) => {
      expect(real.pods[pod]?.routes, 'the range, a default, and without a bridge the gateway').toHaveLength((3 - bridges) * families);
      expect(ours.pods[pod]).toEqual(real.pods[pod]);
    });

    it('forwarding turned on', () => {
      expect(ours.forwarding).toEqual(real.forwarding);
    });

    it('the rules, as iptables-save prints them', () => {
      const byPod = (rules: NodeState['rules'], id: (pod: string) => string) =>
        namedByPod(rules, new Map(pods.map((pod) => [pod, id(pod)])));
      expect(ownChains(real.rules), 'a chain for each pod, or none').toHaveLength(config.options['ipMasq'] === true ? pods.length : 0);
      expect(byPod(ours.rules, (pod) => `default/${pod}`)).toEqual(byPod(real.rules, (pod) => pod));
    });

    it('the names of the chains: the same hash, of what each side has for an id', () => {
      const expected = (id: (pod: string) => string) =>
        config.options['ipMasq'] === true ? pods.map((pod) => chainName(config.name, id(pod))) : [];
      expect(ownChains(real.rules)).toEqual(expected((pod) => pod).sort());
      expect(ownChains(ours.rules)).toEqual(expected((pod) => `default/${pod}`).sort());
    });
  });

  it('one pod more than the range has addresses: refused by both', () => {
    const six = ['a', 'b', 'c', 'd', 'e', 'f'];
    expect(() => realNode(JUMBO, six)).toThrow('no IP addresses available in range set');
    const loaded = loadNode(JUMBO, six);
    expect(loaded.ok ? [] : loaded.diagnostics.map((d) => d.code)).toEqual(['range-exhausted']);
  });
});
