import { addAddress, addAddressWithoutLink } from '../datapath/add-address.ts';
import { addVethPair } from '../datapath/build.ts';
import { addRoute, type NetnsBuilder, onLink, routeVia } from '../datapath/builder.ts';
import { MAIN_TABLE } from '../datapath/fib.ts';
import { usualMetric } from '../datapath/route.ts';
import type { Cni, Host, PlannedDevice, PlannedPod, PodNetwork } from '../k8s/cni.ts';
import { familyOf, ip } from '../net/address.ts';
import { mac } from '../net/mac.ts';
import { cidr, DEFAULT_PREFIX, hostPrefix, type Prefix } from '../net/prefix.ts';
import { inferred } from '../source/origin.ts';
import { hashedHostEnd } from './host-end.ts';

/**
 * Pods as Calico connects them, in canal, too: a veth pair a pod, all host ends with one MAC address and none with an address of IPv4. A pod
 * asks for 169.254.1.1, for which its host end answers in place of whoever has it (proxy_arp). Source: projectcalico/calico,
 * cni-plugin/pkg/dataplane/linux/dataplane_linux.go; felix/dataplane/linux/endpoint_mgr.go.
 */
const HOST_MAC = mac('ee:ee:ee:ee:ee:ee');
const LINK_LOCAL = cidr('fe80::/64');

/** That of IPv6 is the link-local address that comes with the MAC address. */
const GATEWAY = { IPv4: ip('169.254.1.1'), IPv6: ip('fe80::ecee:eeff:feee:eeee') } as const;

/** What there will be. */
export const plannedEndpoints = (prefix: string): Pick<Cni, 'hostEnd' | 'podDevices'> => ({
  hostEnd: (pod) => hashedHostEnd(prefix, pod),
  podDevices: (_, { ips }) => {
    const addresses = ips.map(({ address }) => ({ address, prefix: hostPrefix(address) }));
    const routes = ips.flatMap(({ address }) => {
      const beyond = { prefix: DEFAULT_PREFIX[familyOf(address)], onLink: false };
      return familyOf(address) === 'IPv4' ? [{ prefix: hostPrefix(GATEWAY.IPv4), onLink: true }, beyond] : [beyond];
    });
    return [{ name: 'eth0', namedBy: null, addresses, routes, port: null }];
  },
});

export const plannedHostEnds = (pods: readonly PlannedPod[]): readonly PlannedDevice[] =>
  pods.map(({ veth, ips }) => ({
    name: veth,
    namedBy: null,
    addresses: ips.some((i) => familyOf(i.address) === 'IPv6') ? [{ address: GATEWAY.IPv6, prefix: LINK_LOCAL }] : [],
    routes: ips.map(({ address }) => ({ prefix: hostPrefix(address), onLink: true })),
    port: null,
  }));

export function addEndpoint({ builder }: Host, pod: PodNetwork, mtu: number): void {
  const origin = inferred(pod.origin.locus);
  const [here, eth0] = addVethPair({ builder, name: pod.vethName }, { builder: pod.builder, name: 'eth0' }, mtu, pod.origin);
  here.mac = HOST_MAC;
  for (const { address, origin: given } of pod.addresses) {
    const family = familyOf(address);
    const link = (on: NetnsBuilder, prefix: Prefix, device: string) =>
      addRoute(on, MAIN_TABLE, {
        prefix,
        type: 'unicast',
        metric: usualMetric(family),
        nextHops: [onLink(device)],
        source: null,
        origin,
      });
    addAddress(pod.builder, eth0, address, hostPrefix(address), given);
    if (family === 'IPv4') link(pod.builder, hostPrefix(GATEWAY.IPv4), 'eth0');
    else addAddressWithoutLink(builder, here, GATEWAY.IPv6, LINK_LOCAL, origin);
    addRoute(pod.builder, MAIN_TABLE, routeVia(DEFAULT_PREFIX[family], GATEWAY[family], 'eth0', origin));
    link(builder, hostPrefix(address), here.name);
  }
  if (pod.addresses.some((a) => familyOf(a.address) === 'IPv4'))
    for (const key of ['proxy_arp', 'forwarding', 'route_localnet'])
      builder.sysctls.set(`net.ipv4.conf.${here.name}.${key}`, { value: 1, origin });
}
