import { lookUp } from '../datapath/fib.ts';
import type { NodeRange } from '../k8s/address-index.ts';
import { type Leg, wayTo } from '../k8s/underlay-way.ts';
import { formatAddress } from '../net/address.ts';
import { formatPrefix } from '../net/prefix.ts';
import { append, type Edit } from '../source/edit.ts';
import type { Context } from './context.ts';
import { type Machine, machineOf } from './machines.ts';
import { advised, edited, type Fix } from './remedy.ts';
import { place } from './scene.ts';

/** The routes that lead from a machine to the pods of a node: its own, and those of routers on the way that lack theirs. */

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

/** The missing routes of the routers behind a machine, in words and as edits; empty, where the input has all. */
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
