import { routeVia } from '../datapath/builder.ts';
import type { Route } from '../datapath/route.ts';
import type { BetweenNodes, OtherNode } from '../k8s/cni.ts';
import { nodeIp, prefixesIn } from '../k8s/families.ts';
import type { IpAddress } from '../net/address.ts';
import { contains, type Prefix } from '../net/prefix.ts';
import { PrefixTable } from '../net/prefix-table.ts';
import { at, inferred } from '../source/origin.ts';

/**
 * To a node's pods by the node itself, or by the router before it, as kindnetd and cloud controllers have it: the network between the nodes
 * carries the pods' own addresses.
 */
export function viaNodes(others: readonly OtherNode[]): BetweenNodes {
  const routes = new PrefixTable<Route>();
  for (const other of others)
    if (other.via !== null)
      for (const podCidr of prefixesIn(other.node.podCidrs, other.family)) routes.add(podCidr, towards(other, other.via, podCidr));
  return { routes, peers: new Map() };
}

/** Is the next hop the node itself, and would the kernel take it for one? On one switch there may be nodes in several prefixes. */
export const isOnLink = ({ node, family, via }: OtherNode, links: readonly Prefix[]): boolean =>
  via !== null && via === nodeIp(node, family) && links.some((link) => contains(link, via));

export const towards = ({ node, device }: OtherNode, via: IpAddress, podCidr: Prefix): Route =>
  routeVia(podCidr, via, device, inferred(at(node.locus, 'podCIDR')));
