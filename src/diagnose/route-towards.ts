import { lookUp } from '../datapath/fib.ts';
import type { Netns } from '../datapath/netns.ts';
import type { NodeRange } from '../k8s/address-index.ts';
import { nodeIp } from '../k8s/families.ts';
import { familyOf, formatAddress, type IpAddress, type IpFamily, inFamily } from '../net/address.ts';
import { contains, formatPrefix } from '../net/prefix.ts';
import { append, type Edit } from '../source/edit.ts';
import type { Context } from './context.ts';
import { type Machine, machineOf } from './machines.ts';
import { advised, edited, type Fix } from './remedy.ts';
import { place } from './scene.ts';

/** The routes that lead from a machine to the pods of a node: its own, and those of routers on the way that lack theirs. */

/** A machine on the way, and the neighbour that it sends to. */
interface Leg {
  readonly netns: string;
  readonly via: IpAddress;
}

/** The routes to add from a machine on; `table`: where the machine's own has to stand, null for the main table. */
export function routeTowards(context: Context, where: string, owner: NodeRange, table: number | null = null): Fix {
  const legs = wayTo(context, where, owner);
  const [own, ...beyond] = legs ?? [];
  const machine = own === undefined ? null : machineOf(context.cluster, own.netns);
  if (own === undefined || machine === null)
    return advised('value', `state how ${where} reaches ${owner.node.name} (underlay.segments and underlay.routers)`);
  const { text, edit } = routeOn(machine, own, owner, table);
  const more = lacking(context, beyond, owner);
  return edited(`add a route on ${text}${more.words}`, edit, ...more.edits);
}

/** What the routers after a machine lack, in words and as changes; nothing, where the input has all of it. */
export function routesBeyond(context: Context, where: string, owner: NodeRange): Lacking {
  return lacking(context, (wayTo(context, where, owner) ?? []).slice(1), owner);
}

interface Lacking {
  readonly words: string;
  readonly edits: readonly Edit[];
}

function lacking(context: Context, legs: readonly Leg[], owner: NodeRange): Lacking {
  const routes = legs.flatMap((leg) => {
    const router = machineOf(context.cluster, leg.netns);
    return router === null || isKnown(context, leg, owner) ? [] : [routeOn(router, leg, owner, null)];
  });
  return { words: routes.map(({ text }) => `; and on ${text}`).join(''), edits: routes.map((r) => r.edit) };
}

function routeOn({ name, locus, routes }: Machine, { via }: Leg, { podCidr }: NodeRange, table: number | null) {
  const route = { to: formatPrefix(podCidr), via: formatAddress(via), ...(table === null ? {} : { table }) };
  const fields = Object.entries(route).map(([field, value]) => `${field}: ${value}`);
  return { text: `${name} (${routes.field}, ${place(locus)}): { ${fields.join(', ')} }`, edit: append(routes.locus, route) };
}

/** Has the router a route of its own for these pods? Its default route is for what leaves. */
function isKnown({ datapath }: Context, { netns }: Leg, { podCidr }: NodeRange): boolean {
  const router = datapath.netns(netns);
  const found = router === undefined ? null : lookUp(router, { destination: podCidr.address, source: null, iif: null, mark: 0 }).route;
  return found !== null && found.prefix.length > 0;
}

/** Straight to a node on a segment of its own, else by as few routers as can be; null: nothing joins them. */
function wayTo({ cluster, datapath }: Context, where: string, { node, podCidr }: NodeRange): readonly Leg[] | null {
  const family = familyOf(podCidr.address);
  const [start, end] = [machineOf(cluster, where), nodeIp(node, family)];
  if (start === null || end === null) return null;
  const { routers } = cluster.underlay;
  const seen = new Set([where]);
  let ways: readonly { readonly at: string; readonly segments: readonly string[]; readonly legs: readonly Leg[] }[] = [
    { at: where, segments: start.segments, legs: [] },
  ];
  while (ways.length > 0) {
    const there = ways.find((w) => w.segments.includes(node.segment) && isOnLink(datapath.netns(w.at), end));
    if (there !== undefined) return [...there.legs, { netns: there.at, via: end }];
    ways = ways.flatMap(({ at, segments, legs }) =>
      routers.flatMap((router) => {
        const via = addressOn(router.interfaces, segments, family);
        if (via === null || seen.has(router.name)) return [];
        seen.add(router.name);
        return [{ at: router.name, segments: router.interfaces.map((i) => i.segment), legs: [...legs, { netns: at, via }] }];
      }),
    );
  }
  return null;
}

/** The kernel takes a next hop only if a device's prefix holds it. */
const isOnLink = (netns: Netns | undefined, address: IpAddress): boolean =>
  [...(netns?.devices.values() ?? [])].some((d) => d.kind === 'nic' && d.addresses.some((a) => contains(a.prefix, address)));

type Interfaces = Context['cluster']['underlay']['routers'][number]['interfaces'];

function addressOn(interfaces: Interfaces, segments: readonly string[], family: IpFamily): IpAddress | null {
  const joined = interfaces.find((i) => segments.includes(i.segment) && inFamily(i.ips, family) !== null);
  return joined === undefined ? null : inFamily(joined.ips, family);
}
