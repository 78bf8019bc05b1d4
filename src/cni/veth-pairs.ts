import { addAddress, addAddressWithoutLink } from '../datapath/add-address.ts';
import { addVethPair } from '../datapath/build.ts';
import { addRoute, onLink } from '../datapath/builder.ts';
import { MAIN_TABLE } from '../datapath/fib.ts';
import type { Veth } from '../datapath/netns.ts';
import { type NextHop, usualMetric } from '../datapath/route.ts';
import type { Cni, Host, PodNetwork } from '../k8s/cni.ts';
import { familyOf, type IpAddress, nextAddress } from '../net/address.ts';
import { DEFAULT_PREFIX, hostPrefix, type Prefix } from '../net/prefix.ts';
import { inferred } from '../source/origin.ts';
import { addressesOf, type PodAddress, plannedAddresses } from './range.ts';

/**
 * The reference plugin `ptp` with `host-local` addresses and a default route: a veth pair a pod and no bridge. Each host end has the first
 * address of the node's pod range, which is the pod's gateway, and all that a pod sends is routed by the node, to a pod beside it too.
 * Source: containernetworking/plugins, plugins/main/ptp/ptp.go.
 */

const gatewayOf = ({ address }: Prefix): IpAddress => nextAddress(address);

/** What the input can say of them, before they are made. */
export const plannedPairs: Pick<Cni, 'hostEnd' | 'reserved' | 'devices' | 'podDevices'> = {
  hostEnd: (_, nth) => `veth${nth}`,
  reserved: (podCidr) => [{ address: gatewayOf(podCidr), by: "ends of its pods' veth pairs" }],
  devices: ({ podCidrs }, pods) =>
    pods.map((pod) => {
      const own = plannedAddresses(podCidrs, pod);
      const addresses = own.map(({ prefix }) => ({ address: gatewayOf(prefix), prefix: hostPrefix(gatewayOf(prefix)) }));
      const routes = own.map(({ address }) => ({ prefix: hostPrefix(address), onLink: true }));
      return { name: pod.veth, namedBy: null, addresses, routes, port: null };
    }),
  podDevices: ({ podCidrs }, pod) => {
    const addresses = plannedAddresses(podCidrs, pod);
    const routes = addresses.flatMap(({ address, prefix }) => [
      { prefix: hostPrefix(gatewayOf(prefix)), onLink: true },
      { prefix, onLink: false },
      { prefix: DEFAULT_PREFIX[familyOf(address)], onLink: false },
    ]);
    return [{ name: 'eth0', namedBy: null, addresses, routes, port: null }];
  },
};

/** Connects a pod to its node. */
export function addPair(host: Host, pod: PodNetwork, mtu: number): void {
  const { builder } = host;
  const [hostEnd, eth0] = addVethPair({ builder, name: pod.vethName }, { builder: pod.builder, name: 'eth0' }, mtu, pod.origin);
  for (const own of addressesOf(pod, host)) {
    connectHost(host, pod, own, hostEnd);
    connectPod(pod, own, eth0);
  }
}

function connectHost({ builder }: Host, pod: PodNetwork, { address, range }: PodAddress, hostEnd: Veth): void {
  const gateway = gatewayOf(range.podCidr);
  addAddress(builder, hostEnd, gateway, hostPrefix(gateway), inferred(range.origin.locus));
  const nextHops = [onLink(hostEnd.name)];
  const metric = usualMetric(familyOf(address));
  const origin = inferred(pod.origin.locus);
  addRoute(builder, MAIN_TABLE, { prefix: hostPrefix(address), type: 'unicast', metric, nextHops, source: null, scope: 'host', origin });
}

/** The link's route, which the kernel adds with the address, gives way to one by the node: the pods of the range are on no common link. */
function connectPod({ builder }: PodNetwork, { address, origin, range }: PodAddress, eth0: Veth): void {
  const { podCidr } = range;
  const gateway = gatewayOf(podCidr);
  const metric = usualMetric(familyOf(address));
  const route = (prefix: Prefix, hop: NextHop, source: IpAddress | null) =>
    addRoute(builder, MAIN_TABLE, { prefix, type: 'unicast', metric, nextHops: [hop], source, origin: inferred(range.origin.locus) });
  addAddressWithoutLink(builder, eth0, address, podCidr, origin);
  const via: NextHop = { via: gateway, device: 'eth0', weight: 1 };
  route(hostPrefix(gateway), onLink('eth0'), address);
  route(podCidr, via, address);
  route(DEFAULT_PREFIX[familyOf(address)], via, null);
}
