import { routeVia } from '../datapath/builder.ts';
import type { Netns, Segment } from '../datapath/netns.ts';
import type { Route } from '../datapath/route.ts';
import type { Cluster } from '../k8s/cluster.ts';
import type { BetweenNodes, Cni } from '../k8s/cni.ts';
import { gatewayIn, nodeIps, prefixIn } from '../k8s/families.ts';
import { GATEWAY, type UnderlaySegment } from '../k8s/network.ts';
import { familyOf, type IpAddress, inFamily } from '../net/address.ts';
import { contains, formatPrefix, hostPrefix, type Prefix, prefixOf } from '../net/prefix.ts';
import { inferred } from '../source/origin.ts';
import { routersOn, sourceChecked, subnetRouter } from './fabric.ts';
import { gatewayNetns } from './gateway.ts';
import { internetSegment, outsideNetns, unnamedHost } from './internet.ts';
import { nodesFrom } from './other-nodes.ts';
import { nicOf, type OwnerName, type Owners, ownersOn, podsNic, proxiesOn } from './owners.ts';
import { routerNetns } from './router.ts';
import type { SegmentPlan, UnderlayNetwork } from './segment.ts';
import { type RoutersOn, routersBySegment, waysFrom } from './ways.ts';

type Find = (netns: string) => Netns | undefined;

export function compileUnderlay(cluster: Cluster, find: Find): UnderlayNetwork {
  const { gateway, outside, underlay } = cluster;
  const plans = new Map<string, SegmentPlan>();
  const plan = (name: string): SegmentPlan => {
    const known = plans.get(name);
    if (known !== undefined) return known;
    const made = planSegment(whole, name);
    plans.set(name, made);
    return made;
  };
  const whole: Whole = {
    cluster,
    joints: routersBySegment(underlay.routers),
    find,
    owners: ownersBySegment(cluster),
    refuses: sourceChecked(cluster),
  };
  const internet = gateway === null ? null : internetSegment(cluster, gateway, find);
  return {
    segment: plan,
    netns(name) {
      if (gateway !== null && internet !== null) {
        if (name === GATEWAY) return gatewayNetns(cluster, gateway, plan, internet);
        const host = outside.find((h) => h.name === name) ?? unnamedHost(gateway, name);
        if (host !== null) return outsideNetns(cluster, host, gateway, internet);
      }
      const router = underlay.routers.find((r) => r.name === name);
      return router === undefined ? undefined : routerNetns(router, cluster, plan);
    },
  };
}

/** What the segments have in common. */
interface Whole {
  readonly cluster: Cluster;
  readonly joints: RoutersOn;
  readonly find: Find;
  readonly refuses: Segment['refuses'];
  owners(segment: string): Owners;
}

function ownersBySegment(cluster: Cluster): Whole['owners'] {
  const known = new Map<string, Owners>();
  return (segment) => {
    const owners = known.get(segment) ?? ownersOn(cluster, segment);
    known.set(segment, owners);
    return owners;
  };
}

function planSegment(whole: Whole, name: string): SegmentPlan {
  const { cluster, joints, find, refuses } = whole;
  const described = cluster.underlay.segments.get(name);
  if (described === undefined) throw new Error(`no segment ${name}`);
  const ways = new Map(cluster.families.map((family) => [family, waysFrom(joints, name, family)]));
  const wayTo: SegmentPlan['wayTo'] = (family, to) => (to === name ? 'here' : (ways.get(family)?.get(to) ?? null));
  const owners = whole.owners(name);
  const proxies = proxiesOn(cluster, name);
  const between = new Map<Cni, Map<string, BetweenNodes>>();
  const routers =
    cluster.cni.fabric === null || described.unknown === true ? null : routersOn(cluster, subnetsOf(cluster, described), owners);
  const ownerOf = (address: IpAddress) =>
    owners.of(address) ?? (routers === null ? undefined : (routers.of(address) ?? podsNic(cluster, address) ?? elsewhere(whole, address)));
  const segment: Segment = {
    name,
    origin: described.origin,
    outside: described.unknown === true,
    known: () => owners.addresses(),
    owner: (address) => nicOf(ownerOf(address), find),
    fabric: routers === null ? null : { routers: routers.routers, nic: (address) => nicOf(ownerOf(address), find) },
    refuses,
    proxies: () => proxies.flatMap((p) => nicOf(p, find) ?? []),
  };
  return {
    segment,
    prefixOf: (a) => prefixOn(described, a),
    between(cni, links) {
      const byLinks = between.get(cni) ?? new Map<string, BetweenNodes>();
      between.set(cni, byLinks);
      const key = links.map(formatPrefix).join();
      const others = () => nodesFrom(cluster, (family, node) => ({ via: wayTo(family, node.segment), device: 'eth0' }));
      const made = byLinks.get(key) ?? cni.betweenNodes(others(), links);
      byLinks.set(key, made);
      return made;
    },
    furtherRoutes: [...ways.values()].flatMap((to) => routesFurther(cluster, to)),
    wayTo,
    exit: (ip) => exitOf(cluster, wayTo, ip, prefixOn(described, ip)),
  };
}

/** The machine that has an address, on whichever segment. */
function elsewhere({ cluster, owners }: Whole, address: IpAddress): OwnerName | undefined {
  for (const name of cluster.underlay.segments.keys()) {
    const owner = owners(name).of(address);
    if (owner !== undefined) return owner;
  }
  return undefined;
}

/** The prefixes of the NICs of nodes on a segment. */
const subnetsOf = ({ nodes }: Cluster, segment: UnderlaySegment): readonly Prefix[] =>
  [...nodes.values()].flatMap((node) =>
    [
      ...(node.segment === segment.name ? nodeIps(node) : []),
      ...node.nics.flatMap((n) => (n.segment === segment.name ? [n.address] : [])),
    ].map((ip) => prefixOn(segment, ip)),
  );

/** The next hop has to be on the link of the machine. */
function exitOf(cluster: Cluster, wayTo: SegmentPlan['wayTo'], ip: IpAddress, link: Prefix): IpAddress | null {
  const family = familyOf(ip);
  const gateway = gatewayIn(cluster, family);
  const way = gateway === null ? null : wayTo(family, gateway.segment);
  const via = way === 'here' ? inFamily(gateway?.ips ?? [], family) : way;
  if (via !== null && contains(link, via)) return via;
  const router = cluster.cni.fabric === null ? null : subnetRouter(link);
  return router === ip ? null : router;
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
