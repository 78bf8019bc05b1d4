import { LOCAL_TABLE, MAIN_TABLE } from '../datapath/fib.ts';
import type { FoundState } from '../datapath/found-state.ts';
import { familyOf, type IpAddress, type IpFamily } from '../net/address.ts';
import { contains } from '../net/prefix.ts';
import type { Cluster } from './cluster.ts';
import type { Node } from './node.ts';

const FOUND = new WeakMap<Cluster, boolean>();

/** Was something found on a node? */
export function hasNodeState(cluster: Cluster): boolean {
  const known = FOUND.get(cluster) ?? [...cluster.nodes.values()].some((n) => n.found !== null);
  FOUND.set(cluster, known);
  return known;
}

/** Is it known what a node's rules make of services, whoever programs them? */
export const areRulesFound = ({ found }: Pick<Node, 'found'>, family: IpFamily): boolean =>
  found !== null && (found.nft !== null || found.iptables[family].has('nat'));

/** Is it known where a node's routes lead? */
export const areRoutesFound = ({ found }: Pick<Node, 'found'>, family: IpFamily): boolean =>
  found !== null && (found.areAllTables[family] || found.routes[family].has(MAIN_TABLE));

/** And what its rules let through? */
export const isWayFound = (node: Pick<Node, 'found'>, family: IpFamily): boolean =>
  areRoutesFound(node, family) && (node.found?.nft !== null || node.found.iptables[family].has('filter'));

/** On one of these machines it is known, so that a packet to this address met what is really there. */
export const metFoundRules = ({ nodes }: Cluster, machines: readonly { readonly netns: string }[], destination: IpAddress): boolean =>
  machines.some(({ netns }) => {
    const node = nodes.get(netns);
    return node !== undefined && areRulesFound(node, familyOf(destination));
  });

/** Is the address one of the machine's own? */
export function hasAddress({ addresses, routes }: FoundState, address: IpAddress): boolean {
  if ([...(addresses.IPv4 ?? []), ...(addresses.IPv6 ?? [])].some((a) => a.address === address)) return true;
  const locals = [...(routes.IPv4.get(LOCAL_TABLE) ?? []), ...(routes.IPv6.get(LOCAL_TABLE) ?? [])];
  return locals.some((r) => r.type === 'local' && contains(r.prefix, address));
}
