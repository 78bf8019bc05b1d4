import { routeVia } from '../datapath/builder.ts';
import type { Route } from '../datapath/fib.ts';
import type { OtherNode } from '../k8s/cni.ts';
import { prefixesIn } from '../k8s/families.ts';
import { PrefixTable } from '../net/prefix-table.ts';
import { at, inferred } from '../source/origin.ts';

/**
 * To a node's pods by the node itself, as flannel's host-gw, kindnetd and cloud controllers have it: the network between the nodes carries
 * the pods' own addresses.
 */
export function viaNodes(others: readonly OtherNode[]): PrefixTable<Route> {
  const routes = new PrefixTable<Route>();
  for (const { node, family, via, device } of others)
    if (via !== null)
      for (const podCidr of prefixesIn(node.podCidrs, family))
        routes.add(podCidr, routeVia(podCidr, via, device, inferred(at(node.locus, 'podCIDR'))));
  return routes;
}
