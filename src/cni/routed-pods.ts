import { addAddress } from '../datapath/add-address.ts';
import { addNeighbour, addVethPair } from '../datapath/build.ts';
import { addRoute, onLink } from '../datapath/builder.ts';
import { MAIN_TABLE } from '../datapath/fib.ts';
import type { Veth } from '../datapath/netns.ts';
import { type NextHop, usualMetric } from '../datapath/route.ts';
import type { Cni, Host, PodNetwork } from '../k8s/cni.ts';
import { familyOf, ip, nextAddress } from '../net/address.ts';
import { sha1 } from '../net/hash.ts';
import { macOf } from '../net/mac.ts';
import { DEFAULT_PREFIX, hostPrefix, type Prefix } from '../net/prefix.ts';
import { inferred } from '../source/origin.ts';

/**
 * Pods that the node routes to one by one, each by its own veth pair, as the AWS VPC CNI has them, and Azure's in its transparent mode: a pod
 * has its address alone, and a gateway that nobody has, of which a written neighbour entry says that it is the host's end of the pair.
 * Source: aws/amazon-vpc-cni-k8s, cmd/routed-eni-cni-plugin/driver; Azure/azure-container-networking, network/transparent_endpointclient_linux.go.
 */

const GATEWAY = { IPv4: ip('169.254.1.1'), IPv6: ip('fe80::1234:5678:9abc') } as const;

/** What the input can say of them, before they are made. */
export const plannedRouted: Pick<Cni, 'reserved' | 'devices' | 'podDevices'> = {
  // The first address of a subnet is its router's.
  reserved: ({ address }) => [{ address: nextAddress(address), by: "subnet's router" }],
  devices: (_, pods) =>
    pods.map(({ veth, ips }) => ({
      name: veth,
      namedBy: null,
      addresses: [],
      routes: ips.map(({ address }) => ({ prefix: hostPrefix(address), onLink: true })),
      port: null,
    })),
  podDevices: (_, { ips }) => [
    {
      name: 'eth0',
      namedBy: null,
      addresses: ips.map(({ address }) => ({ address, prefix: hostPrefix(address) })),
      routes: ips.flatMap(({ address }) => [
        { prefix: hostPrefix(GATEWAY[familyOf(address)]), onLink: true },
        { prefix: DEFAULT_PREFIX[familyOf(address)], onLink: false },
      ]),
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
  const gateway = GATEWAY[family];
  if (hostEnd.mac !== null)
    addNeighbour(pod.builder, { address: gateway, device: 'eth0', state: 'permanent', lladdr: hostEnd.mac, origin: made });
  route(pod.builder, hostPrefix(gateway), onLink('eth0'));
  route(pod.builder, DEFAULT_PREFIX[family], { via: gateway, device: 'eth0', weight: 1 });
}

/** Each pod's own addresses in the place of ranges, for what is chained behind the plugin. */
export const withOwnRanges = (host: Host): Host => ({
  ...host,
  ranges: host.pods.flatMap((p) => p.addresses.map((a) => ({ podCidr: hostPrefix(a.address), origin: a.origin }))),
});
