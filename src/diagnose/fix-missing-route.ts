import { MAIN_TABLE } from '../datapath/fib.ts';
import { isClusterAddress, nodeOfPodAddress, podRangeAt, serviceAt } from '../k8s/address-index.ts';
import { gatewayIn, prefixesIn } from '../k8s/families.ts';
import { familyOf, formatAddress, type IpAddress, type IpFamily, isPrivate } from '../net/address.ts';
import { contains, formatDestination, formatPrefix, hostPrefix, type Prefix } from '../net/prefix.ts';
import { append, remove, set } from '../source/edit.ts';
import { at } from '../source/origin.ts';
import { isServiceAddress, strayedAt } from './context.ts';
import { anotherAddress } from './fix-network.ts';
import { wayIn } from './fix-way-in.ts';
import { gatewayEntry } from './internet-entry.ts';
import { withoutWayBack } from './interpret-outside.ts';
import { machineOf } from './machines.ts';
import { advised, edited, type Fix } from './remedy.ts';
import { routesBeyond, routeTowards } from './route-towards.ts';
import { type Fixer, machine, place, type Scene } from './scene.ts';
import { tunnelRoute } from './tunnel-route.ts';

/** The changes that help when a machine has no route to an address, or no other than the default one. */

export const missingRoute: Fixer<'NO_ROUTE'> = (scene) => [...theRoute(scene), ...masqueradeInstead(scene)];

const theRoute: Fixer<'NO_ROUTE'> = (scene) => {
  const { context, netns, destination, origin, hops, facts } = scene;
  const { cluster } = context;
  const strayed = strayedAt(hops);
  const where = cluster.nodes.has(netns) ? netns : (strayed?.netns ?? netns);
  const owner = podRangeAt(cluster, destination);
  if (facts.why === 'none' && facts.thrown !== null)
    return [
      edited(
        `take the throw route to ${formatDestination(facts.thrown)} away (${place(origin.locus)}), or give a later table a route`,
        ...(origin.locus === null ? [] : [remove(origin.locus)]),
      ),
    ];
  if (facts.why === 'on-loopback')
    return [advised('choice', `give lo of ${netns} the address ${formatAddress(destination)}, or call one that it has`)];
  const removed = removedRoute(facts);
  if (removed !== null && origin.locus !== null) {
    const more = owner === null || owner.node.name === where ? NOTHING : routesBeyond(context, where, owner);
    const back = `put the route back: take ${formatDestination(removed)} out of routes.remove (${place(origin.locus)})`;
    return [edited(`${back}${more.words}`, remove(origin.locus), ...more.edits)];
  }
  const gateway = gatewayIn(cluster, familyOf(destination));
  if (facts.why === 'cluster-ip') return gateway === null ? [] : [wayIn(scene, gateway)];
  if (serviceAt(cluster, destination) !== null) return towardsService(scene);
  if (isServiceAddress(cluster, destination)) return [anotherAddress(destination)];
  if (scene.role === 'gateway' && isPrivate(destination) && !isClusterAddress(cluster, destination))
    return [
      advised(
        'value',
        `call an address that somebody has; if ${formatAddress(destination)} is in a network of yours, state that network: a segment and a router to it (underlay.segments, underlay.routers)`,
      ),
    ];
  if (scene.role === 'gateway' && scene.path.failure?.walk === 'forward' && !isClusterAddress(cluster, destination))
    return wayBackFromGateway(scene);
  const table = strayed === undefined || strayed.table === MAIN_TABLE ? null : strayed.table;
  if (owner !== null && owner.node.name !== where) {
    const rule = `or change the rule with priority ${strayed?.rulePriority} that sends the packet to table ${table} (${place(strayed?.origin.locus ?? null)})`;
    const own = table === null ? tunnelRoute(scene, where) : null;
    return [own ?? routeTowards(context, where, owner, table), ...(table === null ? [] : [advised('choice', rule)])];
  }
  if (cluster.podCidrs.some((range) => contains(range, destination)))
    return [
      advised('choice', `check the address: no node's pod range holds ${formatAddress(destination)}`),
      advised('hint', ranges(cluster, familyOf(destination))),
    ];
  const out = wayOut(scene);
  return [
    ...out,
    advised('value', `${out.length > 0 ? 'or ' : ''}add a route to ${formatAddress(destination)} on ${machine(scene, where)}`),
  ];
};

const NOTHING = { words: '', edits: [] } as const;

/** The route whose removal decided; a throw route decides before it. */
function removedRoute(facts: Scene<'NO_ROUTE'>['facts']): Prefix | null {
  return facts.why === 'none' || facts.why === 'default-route' ? facts.removed : null;
}

/** Without a gateway, nodes have no default route. */
const wayOut = ({ context: { cluster }, destination }: Scene<'NO_ROUTE'>): readonly Fix[] =>
  cluster.oneMachine === null && gatewayIn(cluster, familyOf(destination)) === null
    ? [advised('value', 'state internet.gateway, so that nodes have a default route: internet: { gateway: { ip: … } }')]
    : [];

/** A process on a node needs a route before its packet gets to the rules of the service. */
function towardsService(scene: Scene<'NO_ROUTE'>): readonly Fix[] {
  const { context, netns, destination } = scene;
  const range = context.cluster.serviceCidrs.find((r) => contains(r, destination)) ?? hostPrefix(destination);
  const found = machineOf(context.cluster, netns);
  const why = `a process needs a route to a service's address before the service is looked at`;
  if (found === null || !context.cluster.nodes.has(netns))
    return [advised('value', `give ${machine(scene, netns)} a default route, or one that covers ${formatAddress(destination)}: ${why}`)];
  const route = { to: formatPrefix(range), dev: 'eth0' };
  return [
    ...wayOut(scene),
    edited(
      `${wayOut(scene).length === 0 ? '' : 'or '}give ${machine(scene, netns)} a route that covers ${formatAddress(destination)}, as ${found.routes.field}: { to: ${route.to}, dev: ${route.dev} }: ${why}`,
      append(found.routes.locus, route),
    ),
  ];
}

/** A packet that left would be answered, and the answer has to find its way back. */
function wayBackFromGateway({ context, netns, path: { forward } }: Scene): readonly Fix[] {
  const source = withoutWayBack(context, forward);
  const owner = source === null ? null : podRangeAt(context.cluster, source);
  if (owner !== null) return [routeTowards(context, netns, owner)];
  const { gateway } = context.cluster;
  if (source === null || gateway === null) return [];
  const where = context.cluster.standIns.gateway
    ? gatewayEntry(context.cluster, gateway, `routes: [{ to: ${formatAddress(source)}, via: … }]`)
    : 'internet.gateway.routes';
  return [advised('value', `add a route to ${formatAddress(source)} on the gateway (${where})`)];
}

function ranges({ nodes }: Scene['context']['cluster'], family: IpFamily): string {
  const all = [...nodes.values()].flatMap((n) => prefixesIn(n.podCidrs, family).map((p) => `${formatPrefix(p)} on ${n.name}`));
  return `pod ranges: ${all.slice(0, 6).join(', ')}${all.length > 6 ? ', …' : ''}`;
}

/** An answer that finds no way to a pod's own address, from where pods' addresses are not known: the pod should not have shown it. */
function masqueradeInstead({ context: { cluster }, path, destination, role }: Scene): readonly Fix[] {
  const { destination: sentTo } = path.forward.packet;
  const { masquerade } = cluster;
  const locus = at(cluster.locus, 'masquerade');
  if (cluster.cni.masquerades.by === 'plugin') return [];
  if (masquerade === null)
    return role === 'gateway' && !isPrivate(sentTo) && !isClusterAddress(cluster, sentTo)
      ? [edited(`or let nodes masquerade what pods send: cluster.masquerade is none (${place(locus)})`, remove(locus))]
      : [];
  if (path.failure?.walk !== 'reply' || masquerade.origin.evidence !== 'declared') return [];
  if (cluster.podCidrs.some((range) => contains(range, sentTo)) || nodeOfPodAddress(cluster, destination) === null) return [];
  const kept = masquerade.nonMasqueradeCidrs.filter((r) => contains(r, sentTo));
  if (kept.length === 0) return [];
  return [
    edited(
      `or let the node masquerade what pods send there: cluster.masquerade.nonMasqueradeCIDRs has ${kept.map(formatPrefix).join(' and ')}, which holds ${formatAddress(sentTo)} (${place(masquerade.origin.locus)})`,
      set(at(locus, 'nonMasqueradeCIDRs'), notKept(cluster, masquerade.nonMasqueradeCidrs, sentTo).map(formatPrefix)),
    ),
  ];
}

/** The ranges that keep pods' addresses, without those that hold this one; what goes to pods is kept as it was. */
export function notKept({ podCidrs }: Scene['context']['cluster'], kept: readonly Prefix[], address: IpAddress): readonly Prefix[] {
  const left = kept.filter((r) => !contains(r, address));
  const pods = podCidrs.filter(
    (p) => !contains(p, address) && kept.some((r) => contains(r, p.address)) && !left.some((r) => contains(r, p.address)),
  );
  return [...left, ...pods];
}
