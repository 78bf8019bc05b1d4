import { lookUp, MAIN_TABLE, type RouteMatch } from '../datapath/fib.ts';
import type { RouteHop } from '../hop/hop.ts';
import { isClusterAddress, type NodeRange, nodeOfPodAddress, podRangeAt, serviceAt } from '../k8s/address-index.ts';
import { gatewayIn, nodeIp, prefixesIn } from '../k8s/families.ts';
import { familyOf, formatAddress, type IpFamily, inFamily, isPrivate } from '../net/address.ts';
import { contains, formatDestination, formatPrefix, type Prefix } from '../net/prefix.ts';
import { at } from '../source/origin.ts';
import { named } from '../source/sentence.ts';
import { type Context, isServiceAddress, strayedAt } from './context.ts';
import { detourTo } from './detour.ts';
import { withoutWayBack } from './interpret-outside.ts';
import { type Fixer, isDeclared, machine, place, routesOf, type Scene } from './scene.ts';

/** The changes that help when a routing table sends a packet the wrong way, or nowhere. */

export const missingRoute: Fixer<'NO_ROUTE'> = (scene) => [...theRoute(scene), ...masqueradeInstead(scene)];

const theRoute: Fixer<'NO_ROUTE'> = (scene) => {
  const { context, netns, destination, origin, hops } = scene;
  const { cluster } = context;
  const removed = removedRoute(scene.facts);
  if (scene.facts.why === 'on-loopback') return [`give lo of ${netns} the address ${formatAddress(destination)}, or call one that it has`];
  if (removed !== null) return [`put the route back: take ${formatDestination(removed)} out of routes.remove (${place(origin.locus)})`];
  const service = serviceAt(cluster, destination);
  if (service !== null)
    return [
      `give ${machine(scene, netns)} a default route, or one that covers ${formatAddress(destination)}: a process on a node needs a route to a service's address before the service is looked at`,
    ];
  if (isServiceAddress(cluster, destination)) return [`call an address that a service has; ${formatAddress(destination)} belongs to none`];
  if (scene.role === 'gateway' && isPrivate(destination) && !isClusterAddress(cluster, destination))
    return [
      `call an address that somebody has; if ${formatAddress(destination)} is in a network of yours, state that network: a segment and a router to it (underlay.segments, underlay.routers)`,
    ];
  if (scene.role === 'gateway' && scene.path.failure?.walk === 'forward' && !isClusterAddress(cluster, destination))
    return wayBackFromGateway(scene);
  const strayed = strayedAt(hops);
  const where = cluster.nodes.has(netns) ? netns : (strayed?.netns ?? netns);
  if (strayed !== undefined && strayed.table !== MAIN_TABLE)
    return [
      `add the route to table ${strayed.table} of ${where}, or change the rule with priority ${strayed.rulePriority} that sends the packet there (${place(strayed.origin.locus)})`,
    ];
  const owner = podRangeAt(cluster, destination);
  const family = familyOf(destination);
  if (owner !== null && owner.node.name !== where) return [routeTowards(context, where, owner)];
  if (cluster.podCidrs.some((range) => contains(range, destination)))
    return [`check the address: no node's pod range holds ${formatAddress(destination)}`, ...ranges(cluster, family)];
  const gateway = gatewayIn(cluster, family) === null ? ['or state internet.gateway, so that nodes have a default route'] : [];
  return [`add a route to ${formatAddress(destination)} on ${machine(scene, where)}`, ...gateway];
};

/** The route whose removal decided; a throw route decides before it. */
function removedRoute(facts: Scene<'NO_ROUTE'>['facts']): Prefix | null {
  if (facts.why === 'none') return facts.thrown === null ? facts.removed : null;
  return facts.why === 'default-route' ? facts.removed : null;
}

/** A packet that left would be answered, and the answer has to find its way back. */
function wayBackFromGateway({ context, netns, path: { forward } }: Scene): readonly string[] {
  const source = withoutWayBack(context, forward);
  const owner = source === null ? null : podRangeAt(context.cluster, source);
  if (owner !== null) return [routeTowards(context, netns, owner)];
  return source === null ? [] : [`add a route to ${formatAddress(source)} on the gateway (internet.gateway.routes)`];
}

/** The route that a machine of this network can take: straight to a node on its own segment, else by a router of that segment. */
function routeTowards({ cluster, datapath }: Context, where: string, { node: owner, podCidr }: NodeRange): string {
  const family = familyOf(podCidr.address);
  const ip = nodeIp(owner, family);
  const devices = [...(datapath.netns(where)?.devices.values() ?? [])];
  const onLink = ip !== null && devices.some((d) => d.kind === 'nic' && d.addresses.some((a) => contains(a.prefix, ip)));
  const router = cluster.underlay.routers.find((r) => r.name === where);
  const gateway = datapath.netns(where)?.role === 'gateway' ? cluster.gateway : null;
  const segments = router === undefined ? [(gateway ?? cluster.nodes.get(where))?.segment] : router.interfaces.map((i) => i.segment);
  const to = `to: ${formatPrefix(podCidr)}`;
  const inside = router === undefined ? 'nodes[].routes.add' : 'underlay.routers[].routes';
  const field = gateway === null ? inside : 'internet.gateway.routes';
  const locus = (gateway ?? router ?? cluster.nodes.get(where))?.locus;
  const on = `add a route on ${where} (${field}${locus === undefined ? '' : `, ${place(locus)}`})`;
  if (onLink) return `${on}: { ${to}, via: ${formatAddress(ip)} }`;
  const next = cluster.underlay.routers
    .flatMap((r) => r.interfaces.filter((i) => segments.includes(i.segment)))
    .flatMap((i) => inFamily(i.ips, family) ?? [])[0];
  if (next === undefined) return `state how ${where} reaches ${owner.name} (underlay.segments and routers)`;
  return `${on}: { ${to}, via: ${formatAddress(next)} }`;
}

function ranges(cluster: Context['cluster'], family: IpFamily): readonly string[] {
  const all = [...cluster.nodes.values()].flatMap((n) => prefixesIn(n.podCidrs, family).map((p) => `${formatPrefix(p)} on ${n.name}`));
  return [`pod ranges: ${all.slice(0, 6).join(', ')}${all.length > 6 ? ', …' : ''}`];
}

/** An answer that finds no way to a pod's own address, from where pods' addresses are not known: the pod should not have shown it. */
function masqueradeInstead({ context: { cluster }, path, destination, role }: Scene): readonly string[] {
  const { destination: sentTo } = path.forward.packet;
  if (cluster.masquerade === null && role === 'gateway' && !isPrivate(sentTo) && !isClusterAddress(cluster, sentTo))
    return [`or let nodes masquerade what pods send: cluster.masquerade is none (${place(at(cluster.locus, 'masquerade'))})`];
  if (path.failure?.walk !== 'reply' || cluster.masquerade?.origin.evidence !== 'declared') return [];
  const called = path.forward.packet.destination;
  if (cluster.podCidrs.some((range) => contains(range, called)) || nodeOfPodAddress(cluster, destination) === null) return [];
  const kept = cluster.masquerade.nonMasqueradeCidrs.find((r) => contains(r, called));
  if (kept === undefined) return [];
  return [
    `or let the node masquerade what pods send there: cluster.masquerade.nonMasqueradeCIDRs has ${formatPrefix(kept)}, which holds ${formatAddress(called)} (${place(cluster.masquerade.origin.locus)})`,
  ];
}

export const takeRouteAway: Fixer = ({ role, origin, destination }) =>
  role === 'outside'
    ? [`call a public address: the internet has no route to ${formatAddress(destination)}, which is a private one`]
    : [`take the route away (${place(origin.locus)}), or add a more specific one for ${formatAddress(destination)}`];

export const reversePath: Fixer<'REVERSE_PATH_FILTER'> = (scene) => {
  const { netns, origin, facts } = scene;
  const where = isDeclared(scene) ? ` (${place(origin.locus)} sets it)` : '';
  if (facts.ways.length === 0) return [`give ${machine(scene, netns)} a route to the sender`, `or set rp_filter to 0 on ${netns}${where}`];
  const back = wayBack(scene);
  const route = back?.route.origin.evidence === 'declared' ? back.route : null;
  return [
    route === null
      ? `give ${machine(scene, netns)} a route to the sender by the device that its packets come in by`
      : `change the route ${formatPrefix(route.prefix)} dev ${route.nextHops[0]?.device} of ${netns} (${place(route.origin.locus)}), so that the way back is the device that the packet came in by`,
    `or set rp_filter to 2 (loose) or 0 on ${netns}${where}`,
  ];
};

/** The route that an answer to the packet would take from where it was dropped. */
function wayBack({ context: { datapath }, netns: name, hops }: Scene): RouteMatch | null {
  const netns = datapath.netns(name);
  const packet = hops.at(-1)?.packet;
  if (netns === undefined || packet === undefined) return null;
  const found = lookUp(netns, { destination: packet.source, source: packet.destination, iif: null, mark: 0 });
  return found.route === null ? null : found;
}

/** The last routes show where the way begins to be a detour. */
export const tooFar: Fixer = ({ hops }) => [
  `give the packet a shorter way; its last machines: ${routesOf(hops).slice(-3).map(sends).join('; ')}`,
];

/** Each machine of the circle and its route, once. */
export const loop: Fixer = ({ hops }) => {
  const last = hops.at(-1);
  const from =
    last === undefined
      ? -1
      : hops.findIndex((h) => h.kind === 'interface' && h.direction === 'in' && h.netns === last.netns && h.device === last.device);
  const circle = routesOf(hops.slice(Math.max(from, 0))).filter((h) => h.route.type === 'unicast');
  const said = new Map(circle.map((h) => [h.netns, sends(h)]));
  return [`break the circle: ${[...said.values()].join('; ')}`];
};

function sends({ netns, route, nextHop, origin }: RouteHop): string {
  const to = nextHop?.via == null ? `out of ${nextHop?.device}` : `to ${formatAddress(nextHop.via)}`;
  return `${netns} sends ${route.prefix.length === 0 ? 'everything else' : formatPrefix(route.prefix)} ${to}${origin.locus === null ? '' : ` (${place(origin.locus)})`}`;
}

/** The machine that sent a packet back to the one that it came from. */
export function cameBack({ hops, netns }: Scene): string {
  const back = routesOf(hops).findLast((h) => h.netns !== netns);
  return back === undefined
    ? 'the packet came back to its sender: look at the routes of the last machine that it passed'
    : `change the route by which the packet came back to its sender: ${sends(back)}`;
}

/** Whatever is odd about the way is likely to be something that somebody has stated. */
export const answerAstray: Fixer = ({ context: { cluster }, path }) => {
  const hops = [...path.forward.hops, ...(path.reply?.hops ?? [])];
  const machines = new Map(hops.map((h) => [h.netns, cluster.nodes.get(h.netns) ?? cluster.pods.get(h.netns)]));
  const stated = [...machines].flatMap(([name, machine]) =>
    (machine?.overrides.routes ?? []).map(({ route }) => `${formatPrefix(route.prefix)} of ${name} (${place(route.origin.locus)})`),
  );
  const which = stated.length === 0 ? '' : `, first at those that are stated: ${stated.slice(0, 4).join(', ')}`;
  return [`look at the routes of both ways${which}`];
};

/** The machine that sees half of a connection, and who sends it that half. */
export const invalid: Fixer = ({ netns, hops, context }) => {
  const detour = detourTo(context, hops, netns);
  const why = `${netns} sees only one direction of the connection, so its connection tracking calls the next packet INVALID`;
  return [
    `let request and answer take the same way: ${why}`,
    detour === undefined
      ? 'look for a route that sends one direction only over a third machine'
      : named(`${sends(detour)}: take that route away, or send the other direction over ${netns} too`),
  ];
};
