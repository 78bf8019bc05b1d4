import { createHash } from 'node:crypto';
import { addAddress, addBridge, addRoute, addVethPair, enslave, routeVia } from '../datapath/build.ts';
import { MAIN_TABLE } from '../datapath/fib.ts';
import type { Rule } from '../datapath/netfilter.ts';
import type { CniConfig } from '../k8s/cluster.ts';
import { familyOf, nextAddress } from '../net/address.ts';
import { DEFAULT_PREFIX, hostPrefix, MULTICAST } from '../net/prefix.ts';
import { inferred } from '../origin.ts';
import type { CniPlugin, Host, PodNetwork } from './plugin.ts';
import { mapPorts } from './portmap.ts';

/**
 * The reference plugin `bridge` with `host-local` addresses and isDefaultGateway: one bridge a node with the first address of the
 * node's pod range, one veth pair a pod, and the bridge as the pods' gateway.
 * Source: containernetworking/plugins, plugins/main/bridge/bridge.go.
 */
export const bridgePlugin: CniPlugin = {
  name: 'bridge',
  program(host, config) {
    const { builder, podCidr, podCidrOrigin } = host;
    const origin = inferred(podCidrOrigin.locus);
    const bridge = addBridge(builder, config.bridge, config.mtu, inferred(config.origin.locus ?? origin.locus));
    const gateway = nextAddress(podCidr.address);
    addAddress(builder, bridge, gateway, podCidr, origin);
    for (const pod of host.pods) {
      const [port, eth0] = addVethPair({ builder, name: pod.vethName }, { builder: pod.builder, name: 'eth0' }, config.mtu, pod.origin);
      enslave(bridge, port, config.hairpinMode, config.origin);
      addAddress(pod.builder, eth0, pod.address, podCidr, pod.addressOrigin);
      addRoute(pod.builder, MAIN_TABLE, routeVia(DEFAULT_PREFIX[familyOf(gateway)], gateway, 'eth0', origin));
      if (config.ipMasq) masquerade(host, pod, config);
    }
    mapPorts(host, config.bridge, host.pods);
  },
};

/** ipMasq: whatever the pod sends beyond its node's pod range gets the node's address, other nodes' pods included. */
function masquerade(host: Host, pod: PodNetwork, config: CniConfig): void {
  const { name } = pod.builder.netns;
  const chain = chainName(config.bridge, name);
  const comment = `name: "${config.bridge}" id: "${name}"`;
  const { origin } = config;
  const rule = (matches: Rule['matches'], target: Rule['target']): Rule => ({ matches, target, comment, origin });
  const from = { kind: 'source', prefix: hostPrefix(pod.address), negated: false } as const;
  host.rules.append('nat', 'POSTROUTING', rule([from], { kind: 'jump', chain }));
  host.rules.append(
    'nat',
    chain,
    rule([{ kind: 'destination', prefix: host.podCidr, negated: false }], { kind: 'ACCEPT' }),
    rule([{ kind: 'destination', prefix: MULTICAST[familyOf(pod.address)], negated: true }], { kind: 'MASQUERADE', randomFully: false }),
  );
}

/** The plugin hashes its network's name and the container's id; a topology has no ids, so the pod's name stands for it. */
function chainName(network: string, id: string): string {
  return `CNI-${createHash('sha512').update(`${network}${id}`).digest('hex').slice(0, 24)}`;
}
