import { addRoute } from '../datapath/builder.ts';
import { MAIN_TABLE } from '../datapath/fib.ts';
import { type Route, usualMetric } from '../datapath/route.ts';
import type { Host, OtherNode } from '../k8s/cni.ts';
import { podIp, prefixesIn } from '../k8s/families.ts';
import { familyOf } from '../net/address.ts';
import { contains, hostPrefix, type Prefix } from '../net/prefix.ts';
import { type Pool, poolAt } from './calico-pools.ts';

/** The ranges that lead to a node: its blocks, and by themselves the addresses that its pods and its tunnel have from elsewhere. */
function rangesTowards({ node, pods, family }: OtherNode): readonly Prefix[] {
  const blocks = prefixesIn(node.podCidrs, family);
  const end = node.tunnel?.family === family ? node.tunnel.ip : null;
  const own = [...pods.flatMap((pod) => podIp(pod, family) ?? []), ...(end === null ? [] : [end])];
  return [...blocks, ...own.filter((a) => !blocks.some((b) => contains(b, a))).map(hostPrefix)];
}

/** The same node, as far as it is in pools of this kind. */
export const inPools = (other: OtherNode, pools: readonly Pool[], wanted: (pool: Pool) => boolean): OtherNode => ({
  ...other,
  node: {
    ...other.node,
    podCidrs: rangesTowards(other).filter((range) => {
      const pool = poolAt(pools, range.address);
      return pool !== null && wanted(pool);
    }),
  },
});

/** An address of the node's own block that no pod has goes nowhere, and not out by the default route. */
export function addBlackholes({ builder, ranges }: Pick<Host, 'builder' | 'ranges'>): void {
  for (const { podCidr, origin } of ranges) {
    const metric = usualMetric(familyOf(podCidr.address));
    const route: Route = { prefix: podCidr, type: 'blackhole', metric, nextHops: [], source: null, origin };
    addRoute(builder, MAIN_TABLE, route);
  }
}
