import * as z from 'zod';
import { addAddress, addAddressWithoutLink } from '../datapath/add-address.ts';
import { addVethPair } from '../datapath/build.ts';
import { addRoute, onLink } from '../datapath/builder.ts';
import { MAIN_TABLE, type NextHop, usualMetric } from '../datapath/fib.ts';
import type { Veth } from '../datapath/netns.ts';
import type { Cni, Host, PodNetwork } from '../k8s/cni.ts';
import { familyOf, type IpAddress, nextAddress } from '../net/address.ts';
import { DEFAULT_PREFIX, hostPrefix, type Prefix } from '../net/prefix.ts';
import { mtu } from '../source/fields.ts';
import { field, strict } from '../source/objects.ts';
import { inferred, type Origin } from '../source/origin.ts';
import { viaNodes } from './host-gateway.ts';
import { masqueradePod } from './ip-masq.ts';
import { masquerade } from './masquerade.ts';
import { withinNic } from './mtu.ts';
import { plugin } from './plugin.ts';
import { mapPorts } from './portmap.ts';
import { addressesOf, type PodAddress, plannedAddresses } from './range.ts';

/**
 * The reference plugin `ptp` with `host-local` addresses and a default route: a veth pair a pod and no bridge. Each host end has the first
 * address of the node's pod range, which is the pod's gateway, and all that a pod sends is routed by the node, to a pod beside it too.
 * Source: containernetworking/plugins, plugins/main/ptp/ptp.go.
 */
export const ptp = plugin({
  config: strict(() => ({
    plugin: field(z.literal('ptp'), 'The CNI plugin that connects the pods.'),
    mtu: field(mtu().optional(), 'MTU of the veth pairs, in bytes.'),
    ipMasq: field(
      z.boolean().optional(),
      "Masquerade everything that a pod sends beyond its node's pod range, other nodes' pods included.",
    ),
  })),
  configure: ({ mtu, ipMasq = false }, origin, setting) => configured({ mtu: mtu ?? withinNic(setting), ipMasq }, origin),
});

interface PtpConfig {
  readonly mtu: number;
  readonly ipMasq: boolean;
}

/** The name of a topology's network: the plugins name their chains after it. */
const NETWORK = 'ptp';

const gatewayOf = ({ address }: Prefix): IpAddress => nextAddress(address);

function configured(config: PtpConfig, origin: Origin): Cni {
  return {
    plugin: 'ptp',
    name: 'ptp',
    origin,
    mtu: config.mtu,
    guess: null,
    fabric: false,
    ranges: true,
    masquerades: { by: 'cluster', keeps: null },
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
    betweenNodes: viaNodes,
    program: (host) => program(host, config, origin),
  };
}

function program(host: Host, { mtu, ipMasq }: PtpConfig, origin: Origin): void {
  const { builder } = host;
  for (const pod of host.pods) {
    const [hostEnd, eth0] = addVethPair({ builder, name: pod.vethName }, { builder: pod.builder, name: 'eth0' }, mtu, pod.origin);
    for (const own of addressesOf(pod, host)) {
      connectHost(host, pod, own, hostEnd);
      connectPod(pod, own, eth0);
    }
    if (ipMasq) masqueradePod(host, pod, NETWORK, origin);
  }
  mapPorts(host, NETWORK, (pod) => pod.vethName);
  masquerade(host);
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
