import { MAIN_TABLE } from '../datapath/fib.ts';
import type { Node } from '../k8s/cluster.ts';
import { formatAddress, type IpAddress, isLoopback } from '../net/address.ts';
import { contains, formatPrefix } from '../net/prefix.ts';
import type { Locus } from '../origin.ts';
import type { RouteHop } from '../stage/hop.ts';
import { type Context, nodeOfPodAddress, serviceAt, strayedAt } from './context.ts';
import { type Fixer, isStated, place, routesOf, type Scene } from './scene.ts';

/** What to change when the network between the machines, or a machine's own stack, is at fault. */

export const missingRoute: Fixer = ({ context, netns, destination, origin, hops }) => {
  const { cluster } = context;
  const { locus } = origin;
  if (origin.evidence === 'declared' && locus?.path.includes('remove') === true)
    return [`put the route back: take ${prefixAt(locus)} out of routes.remove (${place(locus)})`];
  const service = serviceAt(cluster, destination);
  if (service !== null)
    return [
      `give ${netns} a default route, or one that covers ${formatAddress(destination)}: a process on a node needs a route to a service's address before the service is looked at`,
    ];
  if (cluster.serviceCidr !== null && contains(cluster.serviceCidr, destination))
    return [`call an address that a service has; ${formatAddress(destination)} belongs to none`];
  const strayed = strayedAt(cluster, hops);
  const where = cluster.nodes.has(netns) ? netns : (strayed?.netns ?? netns);
  if (strayed !== undefined && strayed.table !== MAIN_TABLE)
    return [
      `add the route to table ${strayed.table} of ${where}, or change the rule with priority ${strayed.rulePriority} that sends the packet there (${place(strayed.origin.locus)})`,
    ];
  const owner = nodeOfPodAddress(cluster, destination);
  if (owner !== null && owner.name !== where) return [routeTowards(context, where, owner)];
  if (contains(cluster.podCidr, destination))
    return [`check the address: no node's pod range holds ${formatAddress(destination)}`, ...ranges(cluster)];
  const gateway = cluster.gateway === null ? ['or state internet.gateway, so that nodes have a default route'] : [];
  return [`add a route to ${formatAddress(destination)} on ${where}`, ...gateway];
};

/** The route that a machine of this network can take: straight to a node on its own segment, else by a router of that segment. */
function routeTowards({ cluster, datapath }: Context, where: string, owner: Node): string {
  const devices = [...(datapath.netns(where)?.devices.values() ?? [])];
  const onLink = devices.some((d) => d.kind === 'nic' && d.addresses.some((a) => contains(a.prefix, owner.ip)));
  const router = cluster.underlay.routers.find((r) => r.name === where);
  const segments = router === undefined ? [cluster.nodes.get(where)?.segment] : router.interfaces.map((i) => i.segment);
  const to = `to: ${formatPrefix(owner.podCidr)}`;
  const field = router === undefined ? 'nodes[].routes.add' : 'underlay.routers[].routes';
  if (onLink) return `add a route on ${where} (${field}): { ${to}, via: ${formatAddress(owner.ip)} }`;
  const next = cluster.underlay.routers.flatMap((r) => r.interfaces).find((i) => segments.includes(i.segment));
  if (next === undefined) return `state how ${where} reaches ${owner.name} (underlay.segments and routers)`;
  return `add a route on ${where} (${field}): { ${to}, via: ${formatAddress(next.ip)} }`;
}

function ranges(cluster: Context['cluster']): readonly string[] {
  const some = [...cluster.nodes.values()].slice(0, 6).map((n) => `${formatPrefix(n.podCidr)} on ${n.name}`);
  return [`pod ranges: ${some.join(', ')}${cluster.nodes.size > 6 ? ', …' : ''}`];
}

function prefixAt(locus: Locus): string {
  const { line } = locus.document.position(locus.path);
  return /\d+\.\d+\.\d+\.\d+\/\d+/.exec(locus.document.line(line))?.[0] ?? 'it';
}

export const takeRouteAway: Fixer = ({ context: { cluster }, netns, origin, destination }) =>
  cluster.outside.some((h) => h.name === netns)
    ? [`call a public address: the internet has no route to ${formatAddress(destination)}, which is a private one`]
    : [`take the route away (${place(origin.locus)}), or add a more specific one for ${formatAddress(destination)}`];

export const nobodyThere: Fixer = (scene) => {
  const { origin, destination, context } = scene;
  if (isStated(scene) && origin.locus?.path.includes('neighbours') === true)
    return [`take the failed neighbour entry away (${place(origin.locus)})`];
  return [`check the address: nothing on that link has ${formatAddress(destination)}`, ...nearbyPods(context, destination)];
};

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

export const linkDown: Fixer = (scene) => [
  isStated(scene) ? `set the device up (${place(scene.origin.locus)} says it is down)` : 'set the device up (ip link set DEVICE up)',
];

export const forwardingOff: Fixer = (scene) => {
  const { netns, origin } = scene;
  const stated = isStated(scene) ? origin.locus?.path.at(-1) : undefined;
  const sysctl = typeof stated === 'string' ? stated : 'net.ipv4.ip_forward';
  const where = isStated(scene) ? ` (${place(origin.locus)} sets it to 0)` : '';
  return [`set ${sysctl} to 1 on ${netns}${where}; on the machine: sysctl -w ${sysctl}=1`];
};

export const reversePath: Fixer = (scene) => {
  const { netns, origin, text } = scene;
  const where = isStated(scene) ? ` (${place(origin.locus)} sets it)` : '';
  const noWayBack = text.includes('no way back');
  const loosen = noWayBack ? `or set rp_filter to 0 on ${netns}${where}` : `or set rp_filter to 2 (loose) or 0 on ${netns}${where}`;
  return [
    noWayBack ? `give ${netns} a route to the sender` : `give ${netns} a route to the sender by the device that its packets come in by`,
    loosen,
  ];
};

export const martian: Fixer = ({ context: { question }, hops, netns }) => {
  const last = hops.at(-1)?.packet;
  if (last !== undefined && (isLoopback(last.source) || isLoopback(last.destination)))
    return [`set net.ipv4.conf.all.route_localnet to 1 on ${netns}, if loopback addresses are meant to come in there`];
  if (hops.find((h) => h.kind === 'socket')?.netns !== netns) return ['give every machine an address of its own'];
  if (question.destination.kind === 'service')
    return ['a pod that calls itself by a service must be masqueraded: check that kube-proxy marks the connection (hairpin)'];
  return [`the packet came back to its sender: look at the routes of the last machine that it passed`];
};

export const tooLarge: Fixer = ({ context: { cluster } }) => [
  `send smaller packets: set cluster.cni.mtu (now ${cluster.cni.mtu}) to the smallest MTU on the way`,
  'or raise the MTU of the device that is named above',
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

export const changeRule =
  (verb: string): Fixer =>
  (scene) => [`change the rule that ${verb} it${isStated(scene) ? ` (${place(scene.origin.locus)})` : ''}`];

export const invalid: Fixer = ({ netns }: Scene) => [
  `let request and answer take the same way: ${netns} sees only one direction of the connection, so its connection tracking calls the next packet INVALID`,
  'look for a route that sends one direction only over a third machine',
];

export const hairpinOff: Fixer = (scene) => [
  `turn hairpin mode on: cluster.cni.hairpinMode: true, or hairpin: true on the device${isStated(scene) ? ` (${place(scene.origin.locus)} turns it off)` : ''}`,
];
