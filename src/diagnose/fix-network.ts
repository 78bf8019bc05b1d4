import type { Device } from '../datapath/netns.ts';
import { nodeOfPodAddress, serviceAt } from '../k8s/address-index.ts';
import { nodeIp, podIp } from '../k8s/families.ts';
import type { Service } from '../k8s/service.ts';
import { familyOf, formatAddress, type IpAddress, type IpFamily, inFamily, isLoopback } from '../net/address.ts';
import { packetFamily } from '../net/packet.ts';
import { contains } from '../net/prefix.ts';
import type { Context } from './context.ts';
import { cameBack } from './fix-routes.ts';
import { type Fixer, isDeclared, machine, place, routesOf } from './scene.ts';

/** The changes that help when the network between the machines, or a machine's own stack, is at fault. */

export const nobodyThere: Fixer<'NEIGHBOUR_UNREACHABLE'> = ({ facts, origin, destination, context }) => {
  if (facts.why === 'failed')
    return [
      `take the failed neighbour entry away (${place(origin.locus)}); on the machine: see that the other one is up and on the same link`,
    ];
  const announced = serviceAt(context.cluster, destination);
  if (announced !== null) return announce(context, announced, destination);
  return [`check the address: nothing on that link has ${formatAddress(destination)}`, ...nearbyPods(context, destination)];
};

/**
 * An external or load balancer's address on a link of the nodes: one of them has to answer for it, and nobody tells it to. With ARP it may
 * be on any device; neighbour discovery answers only for the addresses of the device that is asked.
 */
function announce({ cluster }: Context, { name, ports, locus }: Service, address: IpAddress): readonly string[] {
  const ip = formatAddress(address);
  const local = ports.flatMap((p) => p.endpoints).find((e) => e.ready)?.node;
  const node = cluster.nodes.get(local ?? '') ?? [...cluster.nodes.values()][0];
  const where = node === undefined ? 'a node' : `a node, as ${node.name} (${place(node.locus)})`;
  return [
    `state who answers for it: addresses: [{ ip: ${ip}, dev: ${familyOf(address) === 'IPv4' ? 'lo' : 'eth0'} }] on ${where}`,
    `in a cluster: look at what announces the addresses of service ${name} (${place(locus)}); for MetalLB, an address pool needs an advertisement (L2Advertisement, BGPAdvertisement)`,
  ];
}

function nearbyPods({ cluster }: Context, address: IpAddress): readonly string[] {
  const node = nodeOfPodAddress(cluster, address);
  const pods = (node === null ? [] : (cluster.podsByNode.get(node.name) ?? [])).flatMap((pod) => {
    const own = podIp(pod, familyOf(address));
    return own === null ? [] : [`${pod.name} ${formatAddress(own)}`];
  });
  if (node === null || pods.length === 0) return [];
  const some = pods.slice(0, 6);
  return [`pods of ${node.name}: ${some.join(', ')}${pods.length > 6 ? ', …' : ''}`];
}

/** Offers the addresses of the link that the route points at, the machine's own left out. */
export const unknownNextHop: Fixer = ({ context, netns, hops, destination }) => {
  const route = routesOf(hops).findLast((h) => h.netns === netns);
  const stated = route?.origin.locus == null ? '' : ` (${place(route.origin.locus)})`;
  const there = addressesOn(context, netns, route?.nextHop?.device ?? 'eth0', familyOf(destination));
  const which = there.length === 0 ? '' : `: ${there.slice(0, 6).join(', ')}`;
  return [`give the route${stated} a next hop that exists on that link${which}`];
};

function addressesOn({ cluster, datapath }: Context, netns: string, device: string, family: IpFamily): readonly string[] {
  const link = datapath.netns(netns)?.devices.get(device);
  if (link?.kind === 'nic') {
    const machines = [
      ...[...cluster.nodes.values()].map((n) => ({ name: n.name, ip: nodeIp(n, family) })),
      ...cluster.underlay.routers.flatMap((r) => r.interfaces.map(({ ips }) => ({ name: r.name, ip: inFamily(ips, family) }))),
    ];
    return machines.flatMap(({ name, ip }) => {
      const onLink = ip !== null && name !== netns && link.addresses.some((a) => contains(a.prefix, ip));
      return onLink ? [`${formatAddress(ip)} (${name})`] : [];
    });
  }
  const bridge = link?.kind === 'veth' ? (link.peer?.master ?? null) : null;
  return bridge === null ? [] : bridge.addresses.map((a) => `${formatAddress(a.address)} (${bridge.name} of ${bridge.netns.name})`);
}

export const linkDown: Fixer<'LINK_DOWN'> = (scene) => {
  const { device, isOverride } = scene.facts;
  if (!isOverride) return [`set the device up on ${machine(scene, scene.netns)}: ip link set DEVICE up`];
  return [`set ${device} up (${place(scene.origin.locus)} says that it is down); on the machine: ip link set ${device} up`];
};

export const forwardingOff: Fixer<'FORWARDING_DISABLED'> = (scene) => {
  const { sysctl, netns } = scene.facts;
  const on = isDeclared(scene) ? `${netns} (${place(scene.origin.locus)} sets it to 0)` : machine(scene, netns);
  return [`set ${sysctl} to 1 on ${on}; on the machine: sysctl -w ${sysctl}=1`];
};

/** No setting changes that. */
const LOOPBACK6 = ['use another address of the machine: IPv6 takes ::1 from nobody but itself, and has no route_localnet'];

/** In place of an address that is for a whole link. */
export const callOne = (netns: string): string => `call an address of one machine: ${netns}'s own, if it is meant`;

export const martian: Fixer<'MARTIAN_ADDRESS'> = (scene) => {
  const { context, hops, netns, facts } = scene;
  if (facts.why === 'broadcast' || facts.why === 'anycast') return [callOne(netns)];
  const last = hops.at(-1)?.packet;
  if (last !== undefined && (isLoopback(last.source) || isLoopback(last.destination)))
    return packetFamily(last) === 'IPv6'
      ? LOOPBACK6
      : [`set net.ipv4.conf.all.route_localnet to 1 on ${machine(scene, netns)}, if loopback addresses are meant to come in there`];
  if (hops.find((h) => h.kind === 'socket')?.netns !== netns) return ['give every machine an address of its own'];
  if (context.question.destination.kind === 'service')
    return ['a pod that calls itself by a service must be masqueraded: check that kube-proxy marks the connection (hairpin)'];
  return [cameBack(scene)];
};

export const tooLarge: Fixer<'MTU_EXCEEDED'> = ({ context: { cluster }, path, hops, facts: { mtu: refusing } }) => {
  // A handshake that came through shows the devices that the large packet did not get to.
  const links = [...(path.ack?.hops ?? []), ...hops].flatMap((h) => (h.kind === 'interface' && h.link.kind !== 'loopback' ? [h.link] : []));
  const smallest = links.reduce<Device | null>((least, d) => (d.mtu < (least?.mtu ?? refusing + 1) ? d : least), null);
  const { name, netns } = smallest ?? {};
  const stated = cluster.nodes.get(netns?.name ?? '')?.overrides.devices.get(name ?? '')?.locus;
  const device = netns === undefined ? 'the device that is named above' : `${name} of ${netns.name}`;
  return [
    `send smaller packets: set cluster.cni.mtu to ${smallest?.mtu ?? refusing}, the smallest on the way (now ${cluster.cni.mtu}; ${place(cluster.cni.origin.locus)})`,
    `or raise the MTU of ${device}${stated === undefined ? '' : ` (${place(stated)})`}`,
  ];
};

export const changeRule =
  (verb: string): Fixer =>
  (scene) => [`change the rule that ${verb} it${isDeclared(scene) ? ` (${place(scene.origin.locus)})` : ''}`];

export const hairpinOff: Fixer<'HAIRPIN_OFF'> = (scene) => {
  const { cluster } = scene.context;
  const { port } = scene.facts;
  const off = isDeclared(scene) ? ` (${place(scene.origin.locus)} turns it off)` : '';
  const own = cluster.nodes.get(scene.netns)?.overrides.devices.get(port)?.hairpin === false;
  return own
    ? [`turn hairpin mode on: take hairpin: false away from ${port} of ${scene.netns}${off}`]
    : [
        `turn hairpin mode on: cluster.cni.hairpinMode: true${off}; or for this pod only, devices: { ${port}: { hairpin: true } } on ${scene.netns}`,
      ];
};
