import { addAddress } from '../datapath/add-address.ts';
import { addNeighbour, addVethPair } from '../datapath/build.ts';
import { addRoute, onLink } from '../datapath/builder.ts';
import { MAIN_TABLE, type NextHop, usualMetric } from '../datapath/fib.ts';
import type { Veth } from '../datapath/netns.ts';
import type { Cni, Host, PlannedNode, PodNetwork } from '../k8s/cni.ts';
import { nodeIp } from '../k8s/families.ts';
import { familyOf, type IpAddress, inFamily, ip, nextAddress } from '../net/address.ts';
import { sha1 } from '../net/hash.ts';
import { macOf } from '../net/mac.ts';
import { DEFAULT_PREFIX, hostPrefix, type Prefix } from '../net/prefix.ts';
import { inferred } from '../source/origin.ts';

/**
 * Pods that the node routes to one by one, each by its own veth pair, as the AWS VPC CNI has them, and Azure's in its transparent mode: a pod
 * has its address alone, and a gateway that nobody has, of which a written neighbour entry says that it is the host's end of the pair. With
 * IPv6 the gateway is the node's own address, for a link-local one is not modelled.
 * Source: aws/amazon-vpc-cni-k8s, cmd/routed-eni-cni-plugin/driver; Azure/azure-container-networking, cni/network.
 */

const GATEWAY = ip('169.254.1.1');

const gatewayOf = (node: readonly IpAddress[], pod: IpAddress): IpAddress | null =>
  familyOf(pod) === 'IPv4' ? GATEWAY : inFamily(node, 'IPv6');

const ofNode = (node: PlannedNode) => [nodeIp(node, 'IPv4'), nodeIp(node, 'IPv6')].filter((a) => a !== null);

/** What the input can say of them, before they are made. */
export const plannedRouted: Pick<Cni, 'reserved' | 'devices' | 'podDevices'> = {
  // The first address of a subnet is its router's.
  reserved: ({ address }) => [{ address: nextAddress(address), by: "subnet's router" }],
  devices: (node, pods) =>
    pods.map(({ veth, ips }) => {
      const gateway = ips.some(({ address }) => familyOf(address) === 'IPv6') ? nodeIp(node, 'IPv6') : null;
      return {
        name: veth,
        namedBy: null,
        addresses: gateway === null ? [] : [{ address: gateway, prefix: hostPrefix(gateway) }],
        routes: ips.map(({ address }) => ({ prefix: hostPrefix(address), onLink: true })),
        port: null,
      };
    }),
  podDevices: (node, { ips }) => [
    {
      name: 'eth0',
      namedBy: null,
      addresses: ips.map(({ address }) => ({ address, prefix: hostPrefix(address) })),
      routes: ips.flatMap(({ address }) => {
        const gateway = gatewayOf(ofNode(node), address);
        if (gateway === null) return [];
        return [
          { prefix: hostPrefix(gateway), onLink: true },
          { prefix: DEFAULT_PREFIX[familyOf(address)], onLink: false },
        ];
      }),
      port: null,
    },
  ],
};

/** Connects a pod to its node. */
export function addRouted(host: Host, pod: PodNetwork, mtu: number): void {
  const { builder } = host;
  const [hostEnd, eth0] = addVethPair({ builder, name: pod.vethName }, { builder: pod.builder, name: 'eth0' }, mtu, pod.origin);
  hostEnd.mac = macNamed(pod.vethName);
  for (const own of pod.addresses) connect(host, pod, own, hostEnd, eth0);
}

/** Some MAC address, and always the same. */
const macNamed = (device: string) => macOf(new Uint8Array([0x0a, ...sha1(device).subarray(0, 5)]));

function connect(host: Host, pod: PodNetwork, { address, origin }: PodNetwork['addresses'][number], hostEnd: Veth, eth0: Veth): void {
  const family = familyOf(address);
  const made = inferred(pod.origin.locus);
  const route = (builder: Host['builder'], prefix: Prefix, hop: NextHop) =>
    addRoute(builder, MAIN_TABLE, { prefix, type: 'unicast', metric: usualMetric(family), nextHops: [hop], source: null, origin: made });
  addAddress(pod.builder, eth0, address, hostPrefix(address), origin);
  route(host.builder, hostPrefix(address), onLink(hostEnd.name));
  const gateway = gatewayOf(host.addresses, address);
  if (gateway === null) return;
  if (family === 'IPv6') addAddress(host.builder, hostEnd, gateway, hostPrefix(gateway), made);
  else if (hostEnd.mac !== null)
    addNeighbour(pod.builder, { address: gateway, device: 'eth0', state: 'permanent', lladdr: hostEnd.mac, origin: made });
  route(pod.builder, hostPrefix(gateway), onLink('eth0'));
  route(pod.builder, DEFAULT_PREFIX[family], { via: gateway, device: 'eth0', weight: 1 });
}

/** Each pod's own addresses in the place of ranges, for what is chained behind the plugin. */
export const withOwnRanges = (host: Host): Host => ({
  ...host,
  ranges: host.pods.flatMap((p) => p.addresses.map((a) => ({ podCidr: hostPrefix(a.address), origin: a.origin }))),
});
