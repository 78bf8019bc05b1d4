import { createHash } from 'node:crypto';
import { addAddress, addBridge, addRoute, addVethPair, enslave, routeVia } from '../datapath/build.ts';
import { MAIN_TABLE } from '../datapath/fib.ts';
import type { Rule } from '../datapath/netfilter/ruleset.ts';
import type { CniConfig } from '../k8s/cluster.ts';
import { familyOf, type IpAddress, nextAddress } from '../net/address.ts';
import { DEFAULT_PREFIX, hostPrefix, MULTICAST } from '../net/prefix.ts';
import { inferred } from '../source/origin.ts';
import type { CniPlugin, PodRange } from './plugin.ts';
import { mapPorts } from './portmap.ts';

/**
 * The reference plugin `bridge` with `host-local` addresses and isDefaultGateway: one bridge a node with the first address of the
 * node's pod range, one veth pair a pod, and the bridge as the pods' gateway.
 * Source: containernetworking/plugins, plugins/main/bridge/bridge.go.
 */
export const bridgePlugin: CniPlugin = {
  name: 'bridge',
  program(host, config) {
    const { builder, ranges } = host;
    const bridge = addBridge(builder, config.bridge, config.mtu, inferred(config.origin.locus ?? ranges[0]?.origin.locus ?? null));
    for (const { podCidr, origin } of ranges) addAddress(builder, bridge, nextAddress(podCidr.address), podCidr, inferred(origin.locus));
    for (const pod of host.pods) {
      const [port, eth0] = addVethPair({ builder, name: pod.vethName }, { builder: pod.builder, name: 'eth0' }, config.mtu, pod.origin);
      enslave(bridge, port, config.hairpinMode, config.origin);
      for (const range of ranges) {
        const own = pod.addresses.find((a) => familyOf(a.address) === range.family);
        if (own === undefined) continue;
        addAddress(pod.builder, eth0, own.address, range.podCidr, own.origin);
        const gateway = nextAddress(range.podCidr.address);
        addRoute(pod.builder, MAIN_TABLE, routeVia(DEFAULT_PREFIX[range.family], gateway, 'eth0', inferred(range.origin.locus)));
        if (config.ipMasq) masquerade(range, pod.builder.netns.name, own.address, config);
      }
    }
    for (const range of ranges) mapPorts(host, range, config.bridge);
  },
};

/** ipMasq: whatever the pod sends beyond its node's pod range gets the node's address, other nodes' pods included. */
function masquerade({ rules, podCidr, family }: PodRange, pod: string, address: IpAddress, config: CniConfig): void {
  const chain = chainName(config.bridge, pod);
  const comment = `name: "${config.bridge}" id: "${pod}"`;
  const { origin } = config;
  const rule = (matches: Rule['matches'], target: Rule['target']): Rule => ({ matches, target, comment, origin });
  const from = { kind: 'source', prefix: hostPrefix(address), negated: false } as const;
  rules.append('nat', 'POSTROUTING', rule([from], { kind: 'jump', chain }));
  rules.append(
    'nat',
    chain,
    rule([{ kind: 'destination', prefix: podCidr, negated: false }], { kind: 'ACCEPT' }),
    rule([{ kind: 'destination', prefix: MULTICAST[family], negated: true }], { kind: 'MASQUERADE', randomFully: false }),
  );
}

/** The plugin hashes its network's name and the container's id; a topology has no ids, so the pod's name stands for it. */
function chainName(network: string, id: string): string {
  return `CNI-${createHash('sha512').update(`${network}${id}`).digest('hex').slice(0, 24)}`;
}
