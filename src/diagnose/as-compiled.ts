import { LOCAL_TABLE } from '../datapath/fib.ts';
import type { Hop } from '../hop/hop.ts';
import { type Cluster, cniOn } from '../k8s/cluster.ts';
import { hasNodeState } from '../k8s/found-on.ts';
import type { Node } from '../k8s/node.ts';
import { packetFamily } from '../net/packet.ts';
import type { FlowPath } from '../walk/flow-path.ts';
import type { Assumption } from './assumption.ts';
import type { Context } from './context.ts';
import { walksOf } from './walks.ts';

/** Notes on state that packets met on nodes with node state, and that was not collected there, so that it is as compiled. */
export function asCompiled({ cluster }: Context, paths: readonly FlowPath[]): readonly Assumption[] {
  const { nodes, oneMachine } = cluster;
  if (oneMachine !== null || !hasNodeState(cluster)) return [];
  const met = new Map<Node, Set<string>>();
  const passed = new Set<Node>();
  for (const path of paths)
    for (const { walk } of walksOf(path))
      for (const hop of walk.hops) {
        const node = nodes.get(hop.netns);
        const what = node === undefined ? null : notGiven(node, hop);
        if (node?.found != null && cniOn(cluster, node.name).routesByProgram === true) passed.add(node);
        else if (node !== undefined && what !== null) met.set(node, (met.get(node) ?? new Set()).add(what));
      }
  const notFollowed = [...passed].flatMap((node) => besidePrograms(cluster, node));
  const missing = [...met].map(([{ name, locus }, what]) => ({
    message: `the state given of ${name} does not have its ${[...what].sort().join(' or its ')}: they are taken to be as compiled from the input`,
    locus,
  }));
  return [...notFollowed, ...missing, ...stayAsFound(cluster, paths)];
}

/** Programs take packets by other ways than what was found shows: of that, only what refuses is seen. */
function besidePrograms(cluster: Cluster, { name, locus, found }: Node): readonly Assumption[] {
  if (found === null) return [];
  const { links, addresses, routes, rules, neighbours, fdb } = found;
  const given: readonly (readonly [string, boolean])[] = [
    ['devices', links !== null],
    ['addresses', addresses.IPv4 !== null || addresses.IPv6 !== null],
    ['routes', routes.IPv4.size + routes.IPv6.size > 0],
    ['routing rules', rules.IPv4 !== null || rules.IPv6 !== null],
    ['neighbours', neighbours !== null],
    ['forwarding entries', fdb !== null],
  ];
  const left = given.flatMap(([what, isGiven]) => (isGiven ? [what] : []));
  if (left.length === 0) return [];
  const { plugin } = cniOn(cluster, name);
  const message = `of what was found on ${name}, ${left.join(', ')} are not followed, but for a NIC that is down and for what refuses: programs of ${plugin} take packets past them`;
  return [{ message, locus }];
}

function notGiven({ found }: Node, hop: Hop): string | null {
  if (found === null) return null;
  const family = packetFamily(hop.packet);
  switch (hop.kind) {
    case 'route':
      return found.areAllTables[family] || found.routes[family].has(hop.table) || hop.table === LOCAL_TABLE ? null : 'routes';
    case 'nat':
    case 'filter':
      if (found.nft === null) return found.iptables[family].size > 0 ? null : 'rules';
      return found.isNftPart === true ? 'other tables of nft' : null;
    default:
      return null;
  }
}

/** Notes on --what-if for nodes with found rules, which no change of objects changes. */
function stayAsFound({ nodes, whatIf }: Cluster, paths: readonly FlowPath[]): readonly Assumption[] {
  const changed = whatIf.map((w) => w.object).filter((object) => RULED.test(object));
  if (changed.length === 0) return [];
  const hops = paths.flatMap((path) => walksOf(path).flatMap(({ walk }) => walk.hops));
  const met = new Set(hops.flatMap((hop) => nodes.get(hop.netns) ?? []));
  return [...met].flatMap(({ name, locus, found }) => {
    if (found === null || (found.nft === null && found.iptables.IPv4.size + found.iptables.IPv6.size === 0)) return [];
    const message = `the rules that were found on ${name} are as they are: what is supposed of ${changed.join(', ')} changes none of them`;
    return [{ message, locus }];
  });
}

/** Objects that a node's programs make rules of. */
const RULED = /^(?:\w*NetworkPolicy|Service|EndpointSlice|Endpoints|Tier)\//;
