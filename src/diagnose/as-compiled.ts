import { LOCAL_TABLE } from '../datapath/fib.ts';
import type { Hop } from '../hop/hop.ts';
import type { Node } from '../k8s/node.ts';
import { packetFamily } from '../net/packet.ts';
import type { FlowPath } from '../walk/flow-path.ts';
import type { Assumption } from './assumption.ts';
import type { Context } from './context.ts';
import { walksOf } from './walks.ts';

/** Of nodes that something was found on: what packets met there that was not given, and that is as it is compiled. */
export function asCompiled({ cluster: { nodes } }: Context, paths: readonly FlowPath[]): readonly Assumption[] {
  const met = new Map<Node, Set<string>>();
  for (const path of paths)
    for (const { walk } of walksOf(path))
      for (const hop of walk.hops) {
        const node = nodes.get(hop.netns);
        const what = node === undefined ? null : notGiven(node, hop);
        if (node !== undefined && what !== null) met.set(node, (met.get(node) ?? new Set()).add(what));
      }
  return [...met].map(([{ name, locus }, what]) => ({
    message: `of ${name} state is given, but not its ${[...what].sort().join(', nor its ')}: there it is as it should be`,
    locus,
  }));
}

function notGiven({ found }: Node, hop: Hop): string | null {
  if (found === null) return null;
  const family = packetFamily(hop.packet);
  switch (hop.kind) {
    case 'route':
      return found.areAllTables[family] || found.routes[family].has(hop.table) || hop.table === LOCAL_TABLE ? null : 'routes';
    case 'nat':
    case 'filter':
      return found.nft !== null || found.iptables[family].size > 0 ? null : 'rules';
    default:
      return null;
  }
}
