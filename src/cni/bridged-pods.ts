import { addAddress } from '../datapath/add-address.ts';
import { addBridge, addVethPair, enslave } from '../datapath/build.ts';
import { addRoute, routeVia } from '../datapath/builder.ts';
import { MAIN_TABLE } from '../datapath/fib.ts';
import type { Veth } from '../datapath/netns.ts';
import type { Cni, Host, PlannedDevice, PodNetwork } from '../k8s/cni.ts';
import { familyOf, nextAddress } from '../net/address.ts';
import { DEFAULT_PREFIX, type Prefix } from '../net/prefix.ts';
import { inferred, type Origin } from '../source/origin.ts';
import { masqueradePod } from './ip-masq.ts';
import { mapPorts } from './portmap.ts';
import { addressesOf, plannedAddresses } from './range.ts';

/**
 * The reference plugin `bridge` with `host-local` addresses and isDefaultGateway: one bridge a node with the first address of the
 * node's pod range, one veth pair a pod, and the bridge as the pods' gateway. flannel and kubenet call it, too.
 * Source: containernetworking/plugins, plugins/main/bridge/bridge.go.
 */
export interface BridgeConfig {
  readonly bridge: string;
  readonly mtu: number;
  readonly hairpinMode: boolean;
  /** Of the plugin itself: whatever a pod sends beyond its node's range. */
  readonly ipMasq: boolean;
  /** What pods have a route to by the bridge, beside the default one. */
  readonly routes: readonly Prefix[];
  /** The fields of the configuration that state these; null: none does. */
  readonly statedBy: { readonly bridge: PlannedDevice['namedBy']; readonly hairpinMode: string };
}

type Planned = Pick<Cni, 'hostEnd' | 'reserved' | 'podDevices'> & { devices(...of: Parameters<Cni['devices']>): PlannedDevice[] };

/** What there will be. */
export function planBridged({ bridge, hairpinMode, routes: more, statedBy }: BridgeConfig): Planned {
  const port = { bridge, hairpin: hairpinMode, hairpinBy: statedBy.hairpinMode };
  return {
    hostEnd: (_, nth) => `veth${nth}`,
    reserved: ({ address }) => [{ address: nextAddress(address), by: 'bridge' }],
    devices: ({ podCidrs }, pods) => [
      {
        name: bridge,
        namedBy: statedBy.bridge,
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
        ...[DEFAULT_PREFIX[familyOf(address)], ...inFamilyOf(address, more)].map((beyond) => ({ prefix: beyond, onLink: false })),
      ]);
      return [{ name: 'eth0', namedBy: null, addresses, routes, port: null }];
    },
  };
}

const inFamilyOf = (address: Prefix['address'], prefixes: readonly Prefix[]) =>
  prefixes.filter((p) => familyOf(p.address) === familyOf(address));

/** The bridge with the pods on it, and their host ports. */
export function programBridged(host: Host, { bridge: name, mtu, hairpinMode, ipMasq, routes }: BridgeConfig, origin: Origin): void {
  const { builder, ranges } = host;
  const device = addBridge(builder, name, mtu, inferred(origin.locus ?? ranges[0]?.origin.locus ?? null));
  for (const range of ranges) addAddress(builder, device, nextAddress(range.podCidr.address), range.podCidr, inferred(range.origin.locus));
  for (const pod of host.pods) {
    const [port, eth0] = addVethPair({ builder, name: pod.vethName }, { builder: pod.builder, name: 'eth0' }, mtu, pod.origin);
    enslave(device, port, hairpinMode, origin);
    connect(host, pod, eth0, routes);
    if (ipMasq) masqueradePod(host, pod, name, origin);
  }
  mapPorts(host, name, () => name);
}

function connect(host: Host, pod: PodNetwork, eth0: Veth, routes: readonly Prefix[]): void {
  for (const { address, origin, range } of addressesOf(pod, host)) {
    const { podCidr } = range;
    addAddress(pod.builder, eth0, address, podCidr, origin);
    const gateway = nextAddress(podCidr.address);
    for (const beyond of [DEFAULT_PREFIX[familyOf(address)], ...inFamilyOf(address, routes)])
      addRoute(pod.builder, MAIN_TABLE, routeVia(beyond, gateway, 'eth0', inferred(range.origin.locus)));
  }
}
