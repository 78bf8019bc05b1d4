import type { Hop } from '../hop/hop.ts';
import type { RouteHop } from '../hop/linux-hop.ts';
import { nodeAt, nodeOfPodAddress, serviceAt } from '../k8s/address-index.ts';
import type { Cluster } from '../k8s/cluster.ts';
import { gatewayIn, nodeIp, podIp } from '../k8s/families.ts';
import type { Service } from '../k8s/service.ts';
import { familyOf, formatAddress, type IpAddress, type IpFamily, inFamily, isLoopback } from '../net/address.ts';
import { packetFamily } from '../net/packet.ts';
import { contains } from '../net/prefix.ts';
import { append, remove, set } from '../source/edit.ts';
import { at } from '../source/origin.ts';
import { withCommands } from '../source/sentence.ts';
import type { Context } from './context.ts';
import { enforcersRule } from './fix-enforced.ts';
import { setSysctl } from './fix-forwarding.ts';
import { foundRule } from './fix-found-rule.ts';
import { discoveryRule, hostRule } from './fix-host-firewall.ts';
import { cameBack } from './fix-routes.ts';
import { answering } from './fix-silent.ts';
import { wayBackAsked } from './fix-way-back.ts';
import { cniSetting } from './machines.ts';
import { advised, called, edited, type Fix } from './remedy.ts';
import { type Fixer, isDeclared, isStatedRoute, machine, place, routesOf } from './scene.ts';

/** The changes that help when the network between the machines, or a machine's own stack, is at fault. */

export const nobodyThere: Fixer<'NEIGHBOUR_UNREACHABLE'> = ({ facts, origin, destination, context }) => {
  if (facts.why === 'failed' && origin.locus !== null)
    return [
      edited(
        `take the failed neighbour entry away (${place(origin.locus)}); on the machine: see that the other one is up and on the same link`,
        remove(origin.locus),
      ),
    ];
  if (facts.why === 'stray' && origin.locus !== null)
    return [edited(`take the neighbour entry with ${facts.lladdr} away (${place(origin.locus)})`, remove(origin.locus))];
  if (facts.why === 'isolated') return [isolatedOff(facts.netns, facts.ports[1])];
  if (facts.why === 'filtered')
    return discoveryRule(facts.by, origin) ?? [advised('elsewhere', 'let neighbour discovery (ICMPv6 types 135 and 136) pass there')];
  if (facts.why === 'unknown' && facts.silent !== null) return answering(context, facts.silent, origin.locus);
  const announced = serviceAt(context.cluster, destination);
  if (announced !== null) return announce(context, announced, destination);
  return [
    advised('choice', `check the address: nothing on that link has ${formatAddress(destination)}`),
    ...nearbyPods(context, destination),
  ];
};

function isolatedOff(netns: string, port: string): Fix {
  const command = `bridge link set dev ${port} isolated off`;
  return advised('elsewhere', withCommands(`on ${netns}, if these two are to reach each other: ${command}`, command));
}

/**
 * An external address or one of a load balancer on a link of the nodes, for which one of them has to answer and none is told to. With ARP
 * the address may be on any device; neighbour discovery answers only for addresses of the device itself.
 */
function announce({ cluster }: Context, { name, ports, locus }: Service, address: IpAddress): readonly Fix[] {
  const ip = formatAddress(address);
  const local = ports.flatMap((p) => p.endpoints).find((e) => e.ready)?.node;
  const node = cluster.nodes.get(local ?? '') ?? [...cluster.nodes.values()][0];
  const dev = familyOf(address) === 'IPv4' ? 'lo' : 'eth0';
  const state = `state who answers for it: addresses: [{ ip: ${ip}, dev: ${dev} }] on `;
  return [
    node === undefined
      ? advised('choice', `${state}a node`)
      : edited(`${state}a node, as ${node.name} (${place(node.locus)})`, append(at(node.locus, 'addresses'), { ip, dev })),
    advised(
      'elsewhere',
      `in a cluster: look at what announces the addresses of service ${name} (${place(locus)}); for MetalLB, an address pool needs an advertisement (L2Advertisement, BGPAdvertisement)`,
    ),
  ];
}

function nearbyPods({ cluster }: Context, address: IpAddress): readonly Fix[] {
  const node = nodeOfPodAddress(cluster, address);
  const pods = (node === null ? [] : (cluster.podsByNode.get(node.name) ?? [])).flatMap((pod) => {
    const own = podIp(pod, familyOf(address));
    return own === null ? [] : [`${pod.name} ${formatAddress(own)}`];
  });
  if (node === null || pods.length === 0) return [];
  const some = pods.slice(0, 6);
  return [advised('hint', `pods of ${node.name}: ${some.join(', ')}${pods.length > 6 ? ', …' : ''}`)];
}

/** Offers the addresses of the link that the route points at, the machine's own left out. */
export const unknownNextHop: Fixer<'NEXT_HOP_UNKNOWN'> = ({ context, netns, hops, destination, facts, origin }) => {
  if (facts.silent !== null) return answering(context, facts.silent, origin.locus);
  const route = routesOf(hops).findLast((h) => h.netns === netns);
  const stated = route?.origin.locus == null ? '' : ` (${place(route.origin.locus)})`;
  const there = addressesOn(context, netns, route?.nextHop?.device ?? 'eth0', familyOf(destination));
  const which =
    there.length === 0
      ? ''
      : `: ${there
          .slice(0, 6)
          .map(({ name, ip }) => `${formatAddress(ip)} (${name})`)
          .join(', ')}`;
  const words = `give the route${stated} a next hop that exists on that link${which}`;
  const right = route === undefined ? null : neighbourFor(context, route, destination, there);
  return [route === undefined || right === null ? advised('choice', words) : right(words)];
};

/** The node whose pod has the destination, or the gateway for any other; of a list of next hops, it replaces the one that was taken. */
function neighbourFor({ cluster }: Context, { route, nextHop }: RouteHop, destination: IpAddress, there: readonly Neighbour[]) {
  const { locus } = route.origin;
  const owner = nodeOfPodAddress(cluster, destination) ?? nodeAt(cluster, destination);
  const gateway = gatewayIn(cluster, familyOf(destination));
  const outside = owner === null && gateway !== null ? inFamily(gateway.ips, familyOf(destination)) : null;
  const meant = there.length === 1 ? there[0]?.ip : (there.find((n) => n.name === owner?.name)?.ip ?? outside);
  if (locus === null || !isStatedRoute(route.origin) || meant == null) return null;
  const i = route.nextHops.findIndex((n) => n.via === nextHop?.via);
  const via = route.nextHops.length > 1 ? at(locus, 'nexthops', i, 'via') : at(locus, 'via');
  return (words: string) => edited(words, set(via, formatAddress(meant)));
}

/** A machine on a link, and its address there. */
interface Neighbour {
  readonly name: string;
  readonly ip: IpAddress;
}

function addressesOn({ cluster, datapath }: Context, netns: string, device: string, family: IpFamily): readonly Neighbour[] {
  const link = datapath.netns(netns)?.devices.get(device);
  if (link?.kind === 'nic') {
    const machines = [
      ...[...cluster.nodes.values()].map((n) => ({ name: n.name, ip: nodeIp(n, family) })),
      ...cluster.underlay.routers.flatMap((r) => r.interfaces.map(({ ips }) => ({ name: r.name, ip: inFamily(ips, family) }))),
    ];
    return machines.flatMap(({ name, ip }) => {
      const onLink = ip !== null && name !== netns && link.addresses.some((a) => contains(a.prefix, ip));
      return onLink ? [{ name, ip }] : [];
    });
  }
  const bridge = link?.kind === 'veth' ? (link.peer?.master ?? null) : null;
  if (bridge === null) return [];
  const own = bridge.addresses.filter((a) => familyOf(a.address) === family);
  return own.map((a) => ({ name: `${bridge.name} of ${bridge.netns.name}`, ip: a.address }));
}

/** No setting changes that. */
const LOOPBACK6 = 'use another address of the machine: IPv6 takes ::1 from nobody but itself, and has no route_localnet';

/** Advice for a destination that is a broadcast address. */
export const callOne = (netns: string): Fix => advised('choice', `call an address of one machine: ${netns}'s own, if it is meant`);

/** A node port, by the node's address on the underlay. */
function callNode(
  { nodes }: Cluster,
  [first]: readonly Hop[],
  { netns, address }: { readonly netns: string; readonly address: IpAddress },
): readonly Fix[] {
  const node = nodes.get(netns);
  const own = node === undefined ? null : nodeIp(node, familyOf(address));
  if (own === null || first === undefined) return [];
  const { destinationPort: port, protocol } = first.packet;
  return [called(`call ${netns} by ${formatAddress(own)}`, own, { port, protocol })];
}

export const martian: Fixer<'MARTIAN_ADDRESS'> = (scene) => {
  const { context, hops, netns, facts } = scene;
  if (facts.why === 'broadcast' || facts.why === 'anycast') return [callOne(netns)];
  if (facts.why === 'loopback-balanced') return callNode(context.cluster, hops, facts);
  const last = hops.at(-1)?.packet;
  if (last !== undefined && (isLoopback(last.source) || isLoopback(last.destination))) {
    if (packetFamily(last) === 'IPv6') return [advised('choice', LOOPBACK6)];
    const sysctl = 'net.ipv4.conf.all.route_localnet';
    return [
      setSysctl(scene, `set ${sysctl} to 1 on ${machine(scene, netns)}, if loopback addresses are meant to come in there`, netns, sysctl),
    ];
  }
  if (hops.find((h) => h.kind === 'socket')?.netns !== netns) return [advised('value', 'give every machine an address of its own')];
  if (context.question.destination.kind === 'service')
    return [
      advised(
        'elsewhere',
        'a pod that calls itself by a service must be masqueraded: check that kube-proxy marks the connection (hairpin)',
      ),
    ];
  return [cameBack(scene)];
};

/** Null: it was for an address that a service has, or that none is to have. */
const callAService = (unserved: IpAddress | undefined) => (unserved === undefined ? null : [anotherAddress(unserved)]);

/** Advice for an address of the services' range that no service has. */
export const anotherAddress = (destination: IpAddress): Fix =>
  advised('choice', `call an address that a service has; ${formatAddress(destination)} belongs to none`);

export const changeRule =
  (verb: string): Fixer<'FILTER_DROP' | 'FILTER_REJECT'> =>
  (scene) =>
    callAService(scene.facts.unserved) ??
    hostRule(scene) ??
    wayBackAsked(scene) ??
    enforcersRule(scene) ??
    foundRule(scene) ?? [advised('elsewhere', `${toChange(verb, scene)}${isDeclared(scene) ? ` (${place(scene.origin.locus)})` : ''}`)];

const toChange = (verb: string, { facts: { chain, base } }: Parameters<Fixer<'FILTER_DROP' | 'FILTER_REJECT'>>[0]): string =>
  chain === null ? `change the policy of ${base}, or add a rule to it that accepts such packets` : `change the rule that ${verb} it`;

export const hairpinOff: Fixer<'HAIRPIN_OFF'> = (scene) => {
  const { cluster } = scene.context;
  const { port } = scene.facts;
  const off = isDeclared(scene) ? ` (${place(scene.origin.locus)} turns it off)` : '';
  const node = cluster.nodes.get(scene.netns);
  const own = node?.overrides.devices.get(port);
  if (own?.hairpin === false)
    return [
      edited(`turn hairpin mode on: take hairpin: false away from ${port} of ${scene.netns}${off}`, remove(at(own.locus, 'hairpin'))),
    ];
  const mode = cniSetting(cluster, node, 'hairpinMode');
  const forPod = `or for this pod only, devices: { ${port}: { hairpin: true } } on ${scene.netns}`;
  return [
    edited(`turn hairpin mode on: ${mode.name}: true${off}`, mode.set(true)),
    ...(node === undefined ? [] : [edited(forPod, set(at(node.locus, 'devices', port, 'hairpin'), true))]),
  ];
};

/**
 * The fix for a source that the network checks: send by the NIC with the source's address, or let the network pass it where no NIC has it.
 */
export const sourceChecked: Fixer<'SOURCE_CHECK'> = ({ context, origin: { locus }, facts: { netns, source } }) => {
  const owner = [...(context.datapath.netns(netns)?.devices.values() ?? [])].find(
    (d) => d.kind === 'nic' && d.segment.refuses(d, source) === null,
  );
  const words = `let ${netns} send what comes from other addresses than its own: underlay.sourceCheck: false (${place(locus)} sets it)`;
  const open = (text: string) => (locus === null ? advised('elsewhere', text) : edited(text, set(locus, false)));
  if (owner === undefined) return [open(words)];
  return [
    advised(
      'choice',
      `send it by ${owner.name} of ${netns}, whose address ${formatAddress(source)} is: with a routing rule that says so (rules of ${netns})`,
    ),
    open(`or ${words}`),
  ];
};
