import type { Device } from '../datapath/netns.ts';
import { FORWARDING } from '../datapath/sysctl.ts';
import type { Service } from '../k8s/service.ts';
import { familyOf, formatAddress, type IpAddress, isLoopback } from '../net/address.ts';
import { packetFamily } from '../net/packet.ts';
import { contains } from '../net/prefix.ts';
import { type Context, nodeOfPodAddress, serviceAt } from './context.ts';
import { cameBack } from './fix-routes.ts';
import { type Fixer, isStated, machine, place, routesOf } from './scene.ts';

/** What to change when the network between the machines, or a machine's own stack, is at fault. */

export const nobodyThere: Fixer = (scene) => {
  const { origin, destination, context } = scene;
  if (isStated(scene) && origin.locus?.path.includes('neighbours') === true)
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
  const pods = node === null ? [] : (cluster.podsByNode.get(node.name) ?? []);
  if (node === null || pods.length === 0) return [];
  const some = pods.slice(0, 6).map((p) => `${p.name} ${formatAddress(p.ip)}`);
  return [`pods of ${node.name}: ${some.join(', ')}${pods.length > 6 ? ', …' : ''}`];
}

/** Offers the addresses of the link that the route points at, the machine's own left out. */
export const unknownNextHop: Fixer = ({ context, netns, hops }) => {
  const route = routesOf(hops).findLast((h) => h.netns === netns);
  const stated = route?.origin.locus == null ? '' : ` (${place(route.origin.locus)})`;
  const there = addressesOn(context, netns, route?.nextHop?.device ?? 'eth0');
  const which = there.length === 0 ? '' : `: ${there.slice(0, 6).join(', ')}`;
  return [`give the route${stated} a next hop that exists on that link${which}`];
};

function addressesOn({ cluster, datapath }: Context, netns: string, device: string): readonly string[] {
  const link = datapath.netns(netns)?.devices.get(device);
  if (link?.kind === 'nic') {
    const machines = [
      ...[...cluster.nodes.values()].map((n) => ({ name: n.name, ip: n.ip })),
      ...cluster.underlay.routers.flatMap((r) => r.interfaces.map(({ ip }) => ({ name: r.name, ip }))),
    ];
    return machines
      .filter((m) => m.name !== netns && link.addresses.some((a) => contains(a.prefix, m.ip)))
      .map((m) => `${formatAddress(m.ip)} (${m.name})`);
  }
  const bridge = link?.kind === 'veth' ? (link.peer?.master ?? null) : null;
  return bridge === null ? [] : bridge.addresses.map((a) => `${formatAddress(a.address)} (${bridge.name} of ${bridge.netns.name})`);
}

export const linkDown: Fixer = (scene) => {
  const { locus } = scene.origin;
  const path = isStated(scene) ? (locus?.path ?? []) : [];
  const name = path[path.indexOf('devices') + 1];
  if (!path.includes('devices') || typeof name !== 'string')
    return [`set the device up on ${machine(scene, scene.netns)}: ip link set DEVICE up`];
  return [`set ${name} up (${place(locus)} says that it is down); on the machine: ip link set ${name} up`];
};

export const forwardingOff: Fixer = (scene) => {
  const { netns, origin, destination } = scene;
  const stated = isStated(scene) ? origin.locus?.path.at(-1) : undefined;
  const sysctl = typeof stated === 'string' ? stated : FORWARDING[familyOf(destination)];
  const where = isStated(scene) ? ` (${place(origin.locus)} sets it to 0)` : '';
  return [`set ${sysctl} to 1 on ${where === '' ? machine(scene, netns) : `${netns}${where}`}; on the machine: sysctl -w ${sysctl}=1`];
};

/** No setting changes that. */
const LOOPBACK6 = ['use another address of the machine: IPv6 takes ::1 from nobody but itself, and has no route_localnet'];

export const martian: Fixer = (scene) => {
  const { context, hops, netns } = scene;
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

export const tooLarge: Fixer = ({ context: { cluster }, path, hops, text }) => {
  const refusing = Number(/\(MTU (\d+)\)/.exec(text)?.[1] ?? cluster.cni.mtu);
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
  (scene) => [`change the rule that ${verb} it${isStated(scene) ? ` (${place(scene.origin.locus)})` : ''}`];

export const hairpinOff: Fixer = (scene) => {
  const { cluster } = scene.context;
  const port = /by (\S+), the port/.exec(scene.text)?.[1] ?? 'the port';
  const off = isStated(scene) ? ` (${place(scene.origin.locus)} turns it off)` : '';
  const own = cluster.nodes.get(scene.netns)?.overrides.devices.get(port)?.hairpin === false;
  return own
    ? [`turn hairpin mode on: take hairpin: false away from ${port} of ${scene.netns}${off}`]
    : [
        `turn hairpin mode on: cluster.cni.hairpinMode: true${off}; or for this pod only, devices: { ${port}: { hairpin: true } } on ${scene.netns}`,
      ];
};
