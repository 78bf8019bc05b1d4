import { lookUp, type RouteMatch } from '../datapath/fib.ts';
import type { RouteHop } from '../hop/linux-hop.ts';
import { podRangeAt } from '../k8s/address-index.ts';
import { formatAddress } from '../net/address.ts';
import { formatPrefix } from '../net/prefix.ts';
import { type Edit, remove, set } from '../source/edit.ts';
import { at } from '../source/origin.ts';
import { named, type Wording, withCommands } from '../source/sentence.ts';
import { detourTo } from './detour.ts';
import { nodeDown } from './fix-unknown.ts';
import { routeToOwnPod } from './fix-way-back.ts';
import { machineOf } from './machines.ts';
import { advised, edited, type Fix } from './remedy.ts';
import { routeTowards } from './route-towards.ts';
import { type Fixer, isDeclared, isStatedRoute, machine, place, routesOf, type Scene } from './scene.ts';
import { translatedElsewhere } from './translated-elsewhere.ts';

/** The changes that help when a routing table sends a packet the wrong way, or refuses it. */

export const takeRouteAway: Fixer = (scene) => {
  const { role, origin, destination, facts } = scene;
  if (role === 'outside')
    return [advised('choice', `call a public address: the internet has no route to ${formatAddress(destination)}, which is a private one`)];
  const own = routeToOwnPod(scene.context, scene.netns, destination);
  if (own !== null) return [own];
  const what = 'rule' in facts && facts.rule !== undefined ? 'routing rule' : 'route';
  const words = `take the ${what} away (${place(origin.locus)}), or add a more specific one for ${formatAddress(destination)}`;
  return [isStatedRoute(origin) && origin.locus !== null ? edited(words, remove(origin.locus)) : advised('elsewhere', words)];
};

export const reversePath: Fixer<'REVERSE_PATH_FILTER'> = (scene) => {
  const { facts, context } = scene;
  const { netns } = facts;
  if (facts.ways.length === 0) return [advised('value', `give ${machine(scene, netns)} a route to the sender`), lessStrict(scene)];
  const back = wayBack(context, facts);
  const route = back?.route.origin.evidence === 'declared' ? back.route : null;
  const words =
    route === null
      ? `give ${machine(scene, netns)} a route to the sender by the device that its packets come in by`
      : `change the route ${formatPrefix(route.prefix)} dev ${route.nextHops[0]?.device} of ${netns} (${place(route.origin.locus)}), so that the way back is the device that the packet came in by`;
  return [advised('choice', words), lessStrict(scene)];
};

/** Loose, where there is a way back and the device has an address to ask for (the kernel wants both); else off. Source: __fib_validate_source. */
function lessStrict(scene: Scene<'REVERSE_PATH_FILTER'>): Fix {
  const { origin, facts, context } = scene;
  const { netns } = facts;
  const hasAddress = (context.datapath.netns(netns)?.devices.get(facts.device)?.addresses.length ?? 0) > 0;
  const loose = facts.ways.length > 0 && facts.value === 1 && hasAddress;
  const all = 'net.ipv4.conf.all.rp_filter';
  const own = `net.ipv4.conf.${facts.device}.rp_filter`;
  const where = isDeclared(scene) ? ` (${place(origin.locus)} sets it)` : '';
  const words = loose
    ? `or set ${all} to 2, which is loose, on ${netns}${where}: the greater of this and the device's own counts`
    : `or set ${all} and ${own} to 0 on ${netns}${where}: the greater of the two counts`;
  const found = machineOf(context.cluster, netns);
  if (found === null || !found.isHost) return advised('elsewhere', words);
  const to = (name: string, value: number): Edit => set(at(found.locus, 'sysctls', name), value);
  return edited(words, ...(loose ? [to(all, 2)] : [to(all, 0), to(own, 0)]));
}

/** The route that an answer to the packet would take from where it was dropped; of an ARP request that is not the machine of its last hop. */
function wayBack({ datapath }: Scene['context'], { netns: name, source }: Scene<'REVERSE_PATH_FILTER'>['facts']): RouteMatch | null {
  const netns = datapath.netns(name);
  if (netns === undefined) return null;
  const found = lookUp(netns, { destination: source, source: null, iif: null, mark: 0 });
  return found.route === null ? null : found;
}

/** The last routes show where the way begins to be a detour. */
export const tooFar: Fixer = ({ hops }) => [
  advised('choice', `give the packet a shorter way; its last machines: ${routesOf(hops).slice(-3).map(sends).join('; ')}`),
];

/** Each machine of the circle and its route, once. One of these that the input states is what closes it. */
export const loop: Fixer = ({ hops, context, destination }) => {
  const last = hops.at(-1);
  const from =
    last === undefined
      ? -1
      : hops.findIndex((h) => h.kind === 'interface' && h.direction === 'in' && h.netns === last.netns && h.device === last.device);
  const circle = routesOf(hops.slice(Math.max(from, 0))).filter((h) => h.route.type === 'unicast');
  const said = new Map(circle.map((h) => [h.netns, h]));
  const words = `break the circle: ${[...said.values()].map(sends).join('; ')}`;
  const owner = podRangeAt(context.cluster, destination);
  const stray = [...said.values()].find((h) => h.route.prefix.length === 0 && h.netns !== owner?.node.name);
  const missing = owner === null || stray === undefined ? [] : [routeTowards(context, stray.netns, owner)];
  const stated = [...said.values()].filter((h) => isStatedRoute(h.origin));
  const [only] = stated;
  return [...missing, stated.length === 1 && only !== undefined ? withoutRoute(words, only) : advised('choice', words)];
};

/** The fix that removes a route; a derived route can only be overridden. */
const withoutRoute = (words: Wording, { origin }: Pick<RouteHop, 'origin'>): Fix =>
  isStatedRoute(origin) && origin.locus !== null ? edited(words, remove(origin.locus)) : advised('choice', words);

function sends({ netns, route, nextHop, origin }: RouteHop): string {
  const to = nextHop?.via == null ? `out of ${nextHop?.device}` : `to ${formatAddress(nextHop.via)}`;
  return `${netns} sends ${route.prefix.length === 0 ? 'everything else' : formatPrefix(route.prefix)} ${to}${origin.locus === null ? '' : ` (${place(origin.locus)})`}`;
}

/** The machine that sent a packet back to the one that it came from. */
export function cameBack({ hops, netns }: Scene): Fix {
  const back = routesOf(hops).findLast((h) => h.netns !== netns);
  if (back === undefined)
    return advised('hint', 'the packet came back to its sender: look at the routes of the last machine that it passed');
  const words = `change the route by which the packet came back to its sender: ${sends(back)}`;
  return withoutRoute(words, back);
}

/** The fix for an answer on another way: the stated part of that way is the likely cause. */
export const answerAstray: Fixer = (scene) => {
  const { context, path } = scene;
  const { cluster } = context;
  const hops = [...path.forward.hops, ...(path.reply?.hops ?? [])];
  const machines = new Map(hops.map((h) => [h.netns, cluster.nodes.get(h.netns) ?? cluster.pods.get(h.netns)]));
  const stated = [...machines].flatMap(([name, found]) =>
    (found?.overrides.routes ?? []).map(({ route }) => `${formatPrefix(route.prefix)} of ${name} (${place(route.origin.locus)})`),
  );
  const which = stated.length === 0 ? '' : `, first at those that are stated: ${stated.slice(0, 4).join(', ')}`;
  return [...translatedElsewhere(scene), advised('hint', `look at the routes of both ways${which}`)];
};

/** The machine that sees half of a connection, and the machine that sends it that half. */
export const invalid: Fixer = (scene) => {
  const { netns, hops, context } = scene;
  const why = `${netns} sees only one direction of the connection, so its connection tracking calls the next packet INVALID`;
  const same = advised('hint', `let request and answer take the same way: ${why}`);
  const detour = detourTo(context, hops, netns);
  if (detour !== undefined)
    return [same, withoutRoute(named(`${sends(detour)}: take that route away, or send the other direction over ${netns} too`), detour)];
  const translated = translatedElsewhere(scene);
  return translated.length > 0
    ? translated
    : [same, advised('hint', 'look for a route that sends one direction only over a third machine')];
};

export const linkDown: Fixer<'LINK_DOWN'> = (scene) => {
  const { device, isOverride, netns } = scene.facts;
  const { locus } = scene.origin;
  if (scene.context.cluster.nodes.get(netns)?.down === true) return [nodeDown(netns)];
  if (scene.facts.route === 'no-carrier')
    return [advised('elsewhere', `see why ${device} has no carrier: its cable, or what is at its other end (ip -d link show ${device})`)];
  if (!isOverride || locus === null)
    return [advised('elsewhere', `set the device up on ${machine(scene, scene.netns)}: ip link set DEVICE up`)];
  const command = `ip link set ${device} up`;
  const words = `set ${device} up (${place(locus)} says that it is down); on the machine: ${command}`;
  return [edited(withCommands(words, command), set(at(locus, 'up'), true))];
};
