import { onLink, routeVia } from '../datapath/builder.ts';
import { type Route, usualMetric } from '../datapath/route.ts';
import type { BetweenNodes, CniFabric, OtherNode } from '../k8s/cni.ts';
import { prefixesIn } from '../k8s/families.ts';
import { PrefixTable } from '../net/prefix-table.ts';
import { at, inferred } from '../source/origin.ts';

/** For a plugin whose nodes leave it to the network between them where a pod is, and have no route of their own there. */
export const noRoutes = (): BetweenNodes => ({ routes: new PrefixTable<Route>(), peers: new Map() });

/** The network's routes to the nodes' ranges, as a cloud's route table has them. */
export function toRanges(others: readonly OtherNode[]): PrefixTable<Route> {
  const routes = new PrefixTable<Route>();
  for (const { node, family, via, device } of others)
    for (const prefix of prefixesIn(node.podCidrs, family)) {
      const origin = inferred(at(node.locus, 'podCIDR'));
      if (via !== null) routes.add(prefix, routeVia(prefix, via, device, origin));
      else
        routes.add(prefix, {
          prefix,
          type: 'unicast',
          metric: usualMetric(family),
          nextHops: [onLink(device)],
          source: null,
          origin,
        });
    }
  return routes;
}

/** A pod's addresses are those of a NIC, on the link that it is on. */
export const ON_NICS: CniFabric = { routes: () => new PrefixTable<Route>(), pods: 'of-nics' };
