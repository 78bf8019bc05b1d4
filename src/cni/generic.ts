import * as z from 'zod';
import { addAddress } from '../datapath/add-address.ts';
import { addVethPair } from '../datapath/build.ts';
import { addRoute, onLink, routeVia } from '../datapath/builder.ts';
import { MAIN_TABLE } from '../datapath/fib.ts';
import type { Veth } from '../datapath/netns.ts';
import { type NextHop, type Route, usualMetric } from '../datapath/route.ts';
import type { Cni, Host, OtherNode, PlannedNode, PlannedPod, PodNetwork } from '../k8s/cni.ts';
import { nodeIp, podIp } from '../k8s/families.ts';
import type { Guess } from '../k8s/guess.ts';
import { familyOf, type IpAddress, inFamily } from '../net/address.ts';
import { DEFAULT_PREFIX, hostPrefix, type Prefix } from '../net/prefix.ts';
import { PrefixTable } from '../net/prefix-table.ts';
import { label, mtu } from '../source/fields.ts';
import { field, strict } from '../source/objects.ts';
import { assumed, type Origin } from '../source/origin.ts';
import { masquerade } from './masquerade.ts';
import { withinNic } from './mtu.ts';
import { plugin } from './plugin.ts';
import { mapPorts } from './portmap.ts';

/**
 * A plugin of which nothing is known: what every plugin has in common is taken for it. A pod has a veth pair and the node as its gateway, the
 * node routes to the pod, and the network between the nodes takes a packet for a pod to the pod's node. All of it is assumed.
 */
export const generic = plugin({
  withoutRanges: true,
  config: strict(() => ({
    plugin: field(z.literal('generic'), 'Any CNI plugin that has no model of its own; what is known of all of them is taken for it.'),
    name: field(label.optional(), 'The plugin that it stands for, as weave or antrea.'),
    mtu: field(mtu().optional(), "MTU of the pods' devices, in bytes."),
  })),
  mode: () => null,
  configure: ({ name = null, mtu }, origin, setting) => genericCni(name, origin, mtu ?? withinNic(setting)),
});

/** In place of the plugin of this name; null: not even its name is known. `why`: its model does not hold here. */
export function genericCni(name: string | null, origin: Origin, mtu = 1500, why: string | null = null): Cni {
  return {
    plugin: 'generic',
    origin,
    mtu,
    name: name ?? 'generic',
    guess: guessOf(name ?? undefined, why),
    fabric: { routes: (others) => throughFabric(others, assumed(origin.locus)), pods: 'behind-nics' },
    ranges: false,
    masquerades: { by: 'cluster', keeps: null },
    hostEnd: (_, nth) => `veth${nth}`,
    reserved: () => [],
    devices: (node, pods) => pods.map((pod) => plannedHostEnd(node, pod)),
    podDevices: (node, { ips }) => [
      {
        name: 'eth0',
        namedBy: null,
        addresses: ips.map(({ address }) => ({ address, prefix: hostPrefix(address) })),
        routes: ips.flatMap(({ address }) => {
          const gateway = nodeIp(node, familyOf(address));
          return gateway === null ? [] : toGateway(gateway);
        }),
        port: null,
      },
    ],
    betweenNodes: (others) => ({ routes: throughFabric(others, assumed(origin.locus)), peers: new Map() }),
    program: (host) => program(host, mtu, origin),
  };
}

const guessOf = (name = 'the CNI plugin', why: string | null): Guess => ({
  name,
  what: `${name} is not modelled${why === null ? '' : ` here (${why})`}: its devices, tunnels, MTU, masquerade and policy are not known, and pods are taken to be routed to their nodes as they are`,
  command: 'ip route show table all; ip -d link; iptables-save -t nat',
});

/** IPv6 answers on a link for the addresses of that link only, so the host end has the node's own. */
function plannedHostEnd(node: PlannedNode, { veth, ips }: PlannedPod) {
  const gateway = ips.some(({ address }) => familyOf(address) === 'IPv6') ? nodeIp(node, 'IPv6') : null;
  const addresses = gateway === null ? [] : [{ address: gateway, prefix: hostPrefix(gateway) }];
  return {
    name: veth,
    namedBy: null,
    addresses,
    routes: ips.map(({ address }) => ({ prefix: hostPrefix(address), onLink: true })),
    port: null,
  };
}

const toGateway = (gateway: IpAddress) => [
  { prefix: hostPrefix(gateway), onLink: true },
  { prefix: DEFAULT_PREFIX[familyOf(gateway)], onLink: false },
];

function program(host: Host, mtu: number, origin: Origin): void {
  const { builder } = host;
  for (const pod of host.pods) {
    const hostEnd = { builder, name: pod.vethName, origin: assumed(origin.locus) };
    const [here, eth0] = addVethPair(hostEnd, { builder: pod.builder, name: 'eth0' }, mtu, pod.origin);
    for (const own of pod.addresses) connect(host, pod, own, here, eth0);
  }
  const ranges = host.pods.flatMap((p) => p.addresses.map((a) => ({ podCidr: hostPrefix(a.address), origin: a.origin })));
  mapPorts({ ...host, ranges }, 'generic', (pod) => pod.vethName);
  // What it masquerades is not known; what the input states, it does.
  if (host.masquerade?.origin.evidence === 'declared') masquerade(host);
}

function connect(host: Host, pod: PodNetwork, { address, origin }: PodNetwork['addresses'][number], hostEnd: Veth, eth0: Veth): void {
  const family = familyOf(address);
  const gateway = inFamily(host.addresses, family);
  addAddress(pod.builder, eth0, address, hostPrefix(address), origin);
  addRoute(host.builder, MAIN_TABLE, route(hostPrefix(address), onLink(hostEnd.name), assumed(pod.origin.locus)));
  if (gateway === null) return;
  if (family === 'IPv6') addAddress(host.builder, hostEnd, gateway, hostPrefix(gateway), assumed(pod.origin.locus));
  addRoute(pod.builder, MAIN_TABLE, route(hostPrefix(gateway), onLink('eth0'), assumed(pod.origin.locus)));
  addRoute(pod.builder, MAIN_TABLE, routeVia(DEFAULT_PREFIX[family], gateway, 'eth0', assumed(pod.origin.locus)));
}

const route = (prefix: Prefix, hop: NextHop, origin: Origin): Route => ({
  prefix,
  type: 'unicast',
  metric: usualMetric(familyOf(prefix.address)),
  nextHops: [hop],
  source: null,
  origin,
});

/** To each pod by itself: what the ranges of nodes mean to the plugin is not known either. */
function throughFabric(others: readonly OtherNode[], origin: Origin): PrefixTable<Route> {
  const routes = new PrefixTable<Route>();
  for (const { pods, family, via, device } of others) {
    const hop: NextHop = { via, device, weight: 1 };
    for (const pod of pods) {
      const address = podIp(pod, family);
      if (address !== null) routes.add(hostPrefix(address), route(hostPrefix(address), hop, origin));
    }
  }
  return routes;
}
