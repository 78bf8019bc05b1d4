import * as z from 'zod';
import { addAddress } from '../datapath/add-address.ts';
import { addBridge, addVethPair, enslave } from '../datapath/build.ts';
import { addRoute, routeVia } from '../datapath/builder.ts';
import { MAIN_TABLE } from '../datapath/fib.ts';
import type { Veth } from '../datapath/netns.ts';
import type { Cni, Host, PodNetwork } from '../k8s/cni.ts';
import { familyOf, nextAddress } from '../net/address.ts';
import { DEFAULT_PREFIX } from '../net/prefix.ts';
import { deviceName, mtu } from '../source/fields.ts';
import { field, strict } from '../source/objects.ts';
import { inferred, type Origin } from '../source/origin.ts';
import { viaNodes } from './host-gateway.ts';
import { masqueradePod } from './ip-masq.ts';
import { masquerade } from './masquerade.ts';
import { plugin } from './plugin.ts';
import { mapPorts } from './portmap.ts';
import { addressesOf, plannedAddresses } from './range.ts';

/**
 * The reference plugin `bridge` with `host-local` addresses and isDefaultGateway: one bridge a node with the first address of the
 * node's pod range, one veth pair a pod, and the bridge as the pods' gateway.
 * Source: containernetworking/plugins, plugins/main/bridge/bridge.go.
 */
export const bridge = plugin({
  config: strict(() => ({
    plugin: field(z.literal('bridge'), 'The CNI plugin that connects the pods.'),
    bridge: field(deviceName.optional(), "The bridge's name on every node."),
    mtu: field(mtu().optional(), 'MTU of the bridge and of the veth pairs, in bytes.'),
    hairpinMode: field(
      z.boolean().optional(),
      'May a frame leave by the bridge port that it came in by? A pod that calls its own service needs it.',
    ),
    ipMasq: field(
      z.boolean().optional(),
      "Masquerade everything that a pod sends beyond its node's pod range, other nodes' pods included.",
    ),
  })),
  configure: ({ bridge = 'cni0', mtu = 1500, hairpinMode = true, ipMasq = false }, origin) =>
    configured({ bridge, mtu, hairpinMode, ipMasq }, origin),
});

interface BridgeConfig {
  readonly bridge: string;
  readonly mtu: number;
  readonly hairpinMode: boolean;
  readonly ipMasq: boolean;
}

function configured(config: BridgeConfig, origin: Origin): Cni {
  const port = { bridge: config.bridge, hairpin: config.hairpinMode, hairpinBy: 'hairpinMode' };
  return {
    plugin: 'bridge',
    name: 'bridge',
    origin,
    mtu: config.mtu,
    guess: null,
    fabric: false,
    ranges: true,
    masquerades: { by: 'cluster', keeps: null },
    hostEnd: (_, nth) => `veth${nth}`,
    reserved: ({ address }) => [{ address: nextAddress(address), by: 'bridge' }],
    devices: ({ podCidrs }, pods) => [
      {
        name: config.bridge,
        namedBy: 'bridge',
        addresses: podCidrs.map((prefix) => ({ address: nextAddress(prefix.address), prefix })),
        routes: podCidrs.map((prefix) => ({ prefix, onLink: true })),
        port: null,
      },
      ...pods.map(({ veth }) => ({ name: veth, namedBy: null, addresses: [], routes: [], port })),
    ],
    podDevices: ({ podCidrs }, pod) => {
      const addresses = plannedAddresses(podCidrs, pod);
      const routes = addresses.flatMap(({ address, prefix }) => [
        { prefix, onLink: true },
        { prefix: DEFAULT_PREFIX[familyOf(address)], onLink: false },
      ]);
      return [{ name: 'eth0', namedBy: null, addresses, routes, port: null }];
    },
    betweenNodes: viaNodes,
    program: (host) => program(host, config, origin),
  };
}

function program(host: Host, { bridge: name, mtu, hairpinMode, ipMasq }: BridgeConfig, origin: Origin): void {
  const { builder, ranges } = host;
  const device = addBridge(builder, name, mtu, inferred(origin.locus ?? ranges[0]?.origin.locus ?? null));
  for (const range of ranges) addAddress(builder, device, nextAddress(range.podCidr.address), range.podCidr, inferred(range.origin.locus));
  for (const pod of host.pods) {
    const [port, eth0] = addVethPair({ builder, name: pod.vethName }, { builder: pod.builder, name: 'eth0' }, mtu, pod.origin);
    enslave(device, port, hairpinMode, origin);
    connect(host, pod, eth0);
    if (ipMasq) masqueradePod(host, pod, name, origin);
  }
  mapPorts(host, name, () => name);
  masquerade(host);
}

function connect(host: Host, pod: PodNetwork, eth0: Veth): void {
  for (const { address, origin, range } of addressesOf(pod, host)) {
    const { podCidr } = range;
    addAddress(pod.builder, eth0, address, podCidr, origin);
    const gateway = nextAddress(podCidr.address);
    addRoute(pod.builder, MAIN_TABLE, routeVia(DEFAULT_PREFIX[familyOf(address)], gateway, 'eth0', inferred(range.origin.locus)));
  }
}
