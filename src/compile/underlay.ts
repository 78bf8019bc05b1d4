import { routeVia } from '../datapath/builder.ts';
import type { Route } from '../datapath/fib.ts';
import type { Netns, Segment } from '../datapath/netns.ts';
import type { Cluster } from '../k8s/cluster.ts';
import type { BetweenNodes, Cni } from '../k8s/cni.ts';
import { prefixIn } from '../k8s/families.ts';
import { GATEWAY, type UnderlaySegment } from '../k8s/network.ts';
import { familyOf, type IpAddress } from '../net/address.ts';
import { contains, hostPrefix, type Prefix, prefixOf } from '../net/prefix.ts';
import { inferred } from '../source/origin.ts';
import { gatewayNetns } from './gateway.ts';
import { internetSegment, outsideNetns, unnamedHost } from './internet.ts';
import { nodesFrom } from './other-nodes.ts';
import { nicOf, ownersOn, podsNic } from './owners.ts';
import { routerNetns } from './router.ts';
import type { SegmentPlan, UnderlayNetwork } from './segment.ts';
import { type RoutersOn, routersBySegment, waysFrom } from './ways.ts';

type Find = (netns: string) => Netns | undefined;

export function compileUnderlay(cluster: Cluster, find: Find): UnderlayNetwork {
  const { gateway, outside, underlay } = cluster;
  const plans = new Map<string, SegmentPlan>();
  const routersOn = routersBySegment(underlay.routers);
  const plan = (name: string): SegmentPlan => {
    const known = plans.get(name);
    if (known !== undefined) return known;
    const made = planSegment(cluster, routersOn, name, find);
    plans.set(name, made);
    return made;
  };
  const internet = gateway === null ? null : internetSegment(cluster, gateway, find);
  return {
    segment: plan,
    netns(name) {
      if (gateway !== null && internet !== null) {
        if (name === GATEWAY) return gatewayNetns(cluster, gateway, plan, internet);
        const host = outside.find((h) => h.name === name) ?? unnamedHost(gateway, name);
        if (host !== null) return outsideNetns(host, gateway, internet);
      }
      const router = underlay.routers.find((r) => r.name === name);
      return router === undefined ? undefined : routerNetns(router, cluster, plan);
    },
  };
}

function planSegment(cluster: Cluster, routersOn: RoutersOn, name: string, find: Find): SegmentPlan {
  const described = cluster.underlay.segments.get(name);
  if (described === undefined) throw new Error(`no segment ${name}`);
  const ways = new Map(cluster.families.map((family) => [family, waysFrom(routersOn, name, family)]));
  const wayTo: SegmentPlan['wayTo'] = (family, to) => (to === name ? 'here' : (ways.get(family)?.get(to) ?? null));
  const owners = ownersOn(cluster, name);
  const between = new Map<Cni, BetweenNodes>();
  const segment: Segment = {
    name,
    origin: described.origin,
    outside: false,
    known: () => owners.addresses(),
    owner: (address) => nicOf(owners.of(address) ?? (cluster.cni.fabric ? podsNic(cluster, address) : undefined), find),
  };
  return {
    segment,
    prefixOf: (a) => prefixOn(described, a),
    between(cni) {
      const made =
        between.get(cni) ?? cni.betweenNodes(nodesFrom(cluster, (family, node) => ({ via: wayTo(family, node.segment), device: 'eth0' })));
      between.set(cni, made);
      return made;
    },
    furtherRoutes: [...ways.values()].flatMap((to) => routesFurther(cluster, to)),
    wayTo,
  };
}

/** The segment's range of the family; an address outside it has a range as large around it. */
function prefixOn({ prefixes }: UnderlaySegment, a: IpAddress): Prefix {
  const own = prefixIn(prefixes, familyOf(a));
  if (own === null) return hostPrefix(a);
  return contains(own, a) ? own : prefixOf(a, own.length);
}

const routesFurther = ({ underlay }: Cluster, ways: ReadonlyMap<string, IpAddress>): readonly Route[] =>
  [...ways].flatMap(([other, via]) => {
    const segment = underlay.segments.get(other);
    const prefix = segment === undefined ? null : prefixIn(segment.prefixes, familyOf(via));
    return segment === undefined || prefix === null ? [] : [routeVia(prefix, via, 'eth0', inferred(segment.origin.locus))];
  });
