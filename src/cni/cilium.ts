import * as z from 'zod';
import { addAddress } from '../datapath/add-address.ts';
import { addDummy, addVethPair, addVxlan } from '../datapath/build.ts';
import { addRoute, onLink, routeVia } from '../datapath/builder.ts';
import { MAIN_TABLE } from '../datapath/fib.ts';
import type { Veth } from '../datapath/netns.ts';
import { NO_PEERS, type Peer, peersOf } from '../datapath/peers.ts';
import { type NextHop, type Route, usualMetric } from '../datapath/route.ts';
import type { BetweenNodes, Cni, Host, OtherNode, PlannedNode, PodNetwork } from '../k8s/cni.ts';
import { nodeIp, podIp, prefixesIn, prefixIn } from '../k8s/families.ts';
import { familyOf, type IpAddress, type IpFamily, inFamily, nextAddress } from '../net/address.ts';
import { DEFAULT_PREFIX, hostPrefix, type Prefix } from '../net/prefix.ts';
import { PrefixTable } from '../net/prefix-table.ts';
import { mtu, oneOf, port, prefix } from '../source/fields.ts';
import { checked, field, strict } from '../source/objects.ts';
import { assumed, inferred, type Origin } from '../source/origin.ts';
import { type CiliumMasquerade, ciliumRules } from './cilium-rules.ts';
import { hashedHostEnd } from './host-end.ts';
import { VXLAN_OVERHEAD, withinNic } from './mtu.ts';
import { plugin } from './plugin.ts';
import { mapPorts } from './portmap.ts';
import { withOwnRanges } from './routed-pods.ts';
import { usualMac } from './vxlan.ts';

const fields = strict(() => ({
  plugin: field(z.literal('cilium'), 'The CNI plugin that connects the pods; modelled from its documents, not verified against a kernel.'),
  routingMode: field(oneOf(['tunnel', 'native']).optional(), 'tunnel: between the nodes in packets of their own; native: as they are.'),
  tunnelProtocol: field(oneOf(['vxlan', 'geneve']).optional(), 'Of routingMode tunnel.'),
  tunnelPort: field(port.optional(), 'Of routingMode tunnel: the UDP port.'),
  kubeProxyReplacement: field(z.boolean().optional(), 'Cilium does services: ClusterIPs in the call, all others packet by packet.'),
  enableIPv4Masquerade: field(z.boolean().optional(), 'Masquerade what pods send out of ipv4NativeRoutingCIDR.'),
  enableIPv6Masquerade: field(z.boolean().optional(), 'Masquerade what pods send out of ipv6NativeRoutingCIDR.'),
  bpfMasquerade: field(z.boolean().optional(), 'By BPF at the NIC, and not by iptables.'),
  ipv4NativeRoutingCIDR: field(prefix.optional(), 'The destinations that may see addresses of pods; left out, the range of the pods.'),
  ipv6NativeRoutingCIDR: field(prefix.optional(), 'The same for IPv6.'),
  mtu: field(mtu().optional(), "MTU of the pods' devices, in bytes; left out, what the NICs and the tunnel leave."),
}));

const config = checked(fields, (value, wrong) => {
  if (value.routingMode !== 'native') return;
  for (const name of ['tunnelProtocol', 'tunnelPort'] as const)
    if (value[name] !== undefined) wrong(name, 'this is read with routingMode tunnel only');
});

/**
 * Cilium as routes and devices: BPF programs do what stands here in the kernel's own words, past its stack. A pod's packets cross the same
 * devices; netfilter's hooks, which are shown for them, Cilium mostly passes by. Source: cilium, Documentation/network/concepts/routing.rst
 * and bpf/; nothing of it was seen in a kernel.
 */
export const cilium = plugin({
  withoutRanges: true,
  config,
  mode: ({ routingMode = 'tunnel', tunnelProtocol = 'vxlan' }) => (routingMode === 'tunnel' ? tunnelProtocol : routingMode),
  configure: (stated, origin, setting) => {
    const { routingMode = 'tunnel', tunnelProtocol = 'vxlan', tunnelPort = 8472, kubeProxyReplacement = false } = stated;
    const tunnel = routingMode === 'tunnel' ? { carrier: tunnelProtocol, device: `cilium_${tunnelProtocol}`, port: tunnelPort } : null;
    const { enableIPv4Masquerade = true, enableIPv6Masquerade = true, bpfMasquerade = false } = stated;
    const kept = [stated.ipv4NativeRoutingCIDR, stated.ipv6NativeRoutingCIDR].filter((p) => p !== undefined);
    return configured(
      {
        tunnel,
        mtu: stated.mtu ?? withinNic(setting, tunnel === null ? undefined : VXLAN_OVERHEAD),
        replacesProxy: kubeProxyReplacement,
        masquerade: { on: { IPv4: enableIPv4Masquerade, IPv6: enableIPv6Masquerade }, byBpf: bpfMasquerade, kept },
      },
      origin,
    );
  },
});

interface TunnelConfig {
  readonly carrier: 'vxlan' | 'geneve';
  readonly device: string;
  readonly port: number;
}

interface CiliumConfig {
  /** Null: native routing. */
  readonly tunnel: TunnelConfig | null;
  readonly mtu: number;
  readonly replacesProxy: boolean;
  readonly masquerade: CiliumMasquerade;
}

const HOST = 'cilium_host';

/** The address of cilium_host: the first one of the node's range, or, for want of a range, the node's own. */
function routerOf(node: PlannedNode, family: IpFamily): IpAddress | null {
  const range = prefixIn(node.podCidrs, family);
  return range === null ? nodeIp(node, family) : nextAddress(range.address);
}

const routersOf = (node: PlannedNode) => [routerOf(node, 'IPv4'), routerOf(node, 'IPv6')].filter((a) => a !== null);
const inFamilyOf = (node: PlannedNode, family: IpFamily) => routersOf(node).filter((a) => familyOf(a) === family);
const withPrefix = (address: IpAddress) => ({ address, prefix: hostPrefix(address) });
const toHost = (prefix: Prefix) => ({ prefix, onLink: true });

function configured(config: CiliumConfig, origin: Origin): Cni {
  const { tunnel, mtu, replacesProxy } = config;
  return {
    plugin: 'cilium',
    name: 'cilium',
    origin,
    mtu,
    guess: null,
    fabric: null,
    ranges: false,
    masquerades: { by: 'plugin', off: { enableIPv4Masquerade: false, enableIPv6Masquerade: false } },
    modelled: modelledAs(config),
    routesByProgram: true,
    ...(replacesProxy ? { socketLb: true, replacesProxy } : {}),
    hostEnd: (pod) => hashedHostEnd('lxc', pod),
    reserved: ({ address }) => [{ address: nextAddress(address), by: HOST }],
    devices: (node, pods) => [
      { name: HOST, namedBy: null, addresses: ownRouters(node).map(withPrefix), routes: [], port: null },
      ...(tunnel === null
        ? []
        : [{ name: tunnel.device, namedBy: null, addresses: ownRouters(node).map(withPrefix), routes: [], port: null }]),
      ...pods.map(({ veth, ips }) => ({
        name: veth,
        namedBy: null,
        addresses: ips.some(({ address }) => familyOf(address) === 'IPv6') ? inFamilyOf(node, 'IPv6').map(withPrefix) : [],
        routes: ips.map(({ address }) => toHost(hostPrefix(address))),
        port: null,
      })),
    ],
    podDevices: (node, { ips }) => {
      const routes = ips.flatMap(({ address }) => {
        const router = routerOf(node, familyOf(address));
        return router === null ? [] : [toHost(hostPrefix(router)), { prefix: DEFAULT_PREFIX[familyOf(address)], onLink: false }];
      });
      return [{ name: 'eth0', namedBy: null, addresses: ips.map(({ address }) => withPrefix(address)), routes, port: null }];
    },
    betweenNodes: (others) => between(config, others),
    program(host) {
      addDevices(host, config, origin);
      for (const pod of host.pods) connect(host, pod, mtu);
      mapPorts(withOwnRanges(host), 'cilium', (pod) => pod.vethName);
      ciliumRules(host, config.masquerade, origin);
    },
  };
}

function modelledAs({ replacesProxy, masquerade }: CiliumConfig): string {
  const services = replacesProxy ? "; what the socket load balancer leaves to it, as kube-proxy's mode iptables has it" : '';
  const bpf = masquerade.byBpf ? '; masquerading by BPF as its rules of iptables have it' : '';
  return `cilium is modelled, not verified against a kernel: BPF programs do what is shown as routes and rules${services}${bpf}`;
}

/** A node without a range has no address of its own for cilium_host. */
const ownRouters = (node: PlannedNode): readonly IpAddress[] =>
  routersOf(node).filter((a) => prefixIn(node.podCidrs, familyOf(a)) !== null);

/** A node's pods, as the others know them: by its ranges, or one by one. */
function between({ tunnel }: CiliumConfig, others: readonly OtherNode[]): BetweenNodes {
  const routes = new PrefixTable<Route>();
  const ends: Peer[] = [];
  for (const { node, pods, family, via, device } of others) {
    const origin = inferred(node.locus);
    const ranges = prefixesIn(node.podCidrs, family);
    const own = ranges.length > 0 ? ranges : pods.flatMap((p) => podIp(p, family) ?? []).map(hostPrefix);
    const [router, dst] = [routerOf(node, family), underlayIp(node)];
    if (tunnel === null) {
      if (via !== null) for (const to of own) routes.add(to, routeVia(to, via, device, origin));
    } else if (router !== null && dst !== null) {
      for (const to of own) routes.add(to, routeVia(to, router, tunnel.device, origin, true));
      ends.push({ address: router, lladdr: usualMac(node.name, 'IPv4'), dst, origin });
    }
  }
  return { routes, peers: new Map(tunnel === null ? [] : [[tunnel.device, peersOf(ends)]]) };
}

/** One tunnel carries both families. */
const underlayIp = (node: PlannedNode) => nodeIp(node, 'IPv4') ?? nodeIp(node, 'IPv6');

function addDevices(host: Host, { tunnel, mtu }: CiliumConfig, origin: Origin): void {
  const { builder, node, peers } = host;
  const own = ownRouters(node);
  const made = inferred(origin.locus);
  const router = addDummy(builder, HOST, mtu, made);
  for (const address of own) addAddress(builder, router, address, hostPrefix(address), made);
  const local = underlayIp(node);
  if (tunnel === null || local === null) return;
  const { device: name, carrier, port } = tunnel;
  const mine = routersOf(node);
  const ends = { peers: peers.get(name) ?? NO_PEERS, hides: (peer: Peer) => mine.includes(peer.address) };
  const underlying = builder.netns.devices.get('eth0') ?? null;
  const device = addVxlan(
    builder,
    name,
    { carrier, vni: null, port, local, underlying, mac: usualMac(node.name, 'IPv4'), mtu, ...ends },
    made,
  );
  // It has none of its own: this gives what the node itself sends the source that its route to other nodes' pods has.
  for (const address of own) addAddress(builder, device, address, hostPrefix(address), made);
}

function connect(host: Host, pod: PodNetwork, mtu: number): void {
  const hostEnd = { builder: host.builder, name: pod.vethName, origin: assumed(pod.origin.locus) };
  const [here, eth0] = addVethPair(hostEnd, { builder: pod.builder, name: 'eth0' }, mtu, pod.origin);
  for (const own of pod.addresses) connectAddress(host, pod, own, here, eth0);
}

function connectAddress(
  host: Host,
  pod: PodNetwork,
  { address, origin }: PodNetwork['addresses'][number],
  hostEnd: Veth,
  eth0: Veth,
): void {
  const family = familyOf(address);
  const made = inferred(pod.origin.locus);
  const route = (builder: Host['builder'], prefix: Prefix, hop: NextHop) =>
    addRoute(builder, MAIN_TABLE, { prefix, type: 'unicast', metric: usualMetric(family), nextHops: [hop], source: null, origin: made });
  addAddress(pod.builder, eth0, address, hostPrefix(address), origin);
  route(host.builder, hostPrefix(address), onLink(hostEnd.name));
  const router = inFamily(routersOf(host.node), family);
  if (router === null) return;
  // IPv6 answers on a link for the addresses of that link only; Cilium's programs answer for it.
  if (family === 'IPv6') addAddress(host.builder, hostEnd, router, hostPrefix(router), made);
  route(pod.builder, hostPrefix(router), onLink('eth0'));
  route(pod.builder, DEFAULT_PREFIX[family], { via: router, device: 'eth0', weight: 1 });
}
