import { addAddress, addNic, addRoute, finish, routeVia } from '../datapath/build.ts';
import { MAIN_TABLE, type Route } from '../datapath/fib.ts';
import { rulesetBuilder } from '../datapath/netfilter/builder.ts';
import type { Netns, Segment } from '../datapath/netns.ts';
import { mergeOverrides } from '../datapath/overrides.ts';
import type { Cluster } from '../k8s/cluster.ts';
import type { Router, UnderlaySegment } from '../k8s/network.ts';
import { familyOf, type IpAddress, nextAddress } from '../net/address.ts';
import { contains, DEFAULT_PREFIX, type Prefix, prefixOf } from '../net/prefix.ts';
import { PrefixTable } from '../net/prefix-table.ts';
import { at, declared, inferred } from '../source/origin.ts';
import { programFirewalls } from './firewall.ts';
import { gatewayNetns, internetSegment, outsideNetns } from './gateway.ts';
import { forwardingMachine, GATEWAY, NIC_MTU } from './router.ts';
import type { SegmentPlan, UnderlayNetwork } from './segment.ts';

type Find = (netns: string) => Netns | undefined;

/** `clusters` are one cluster in each of its IP families: the machines are the same. */
export function compileUnderlay(clusters: readonly Cluster[], find: Find): UnderlayNetwork {
  const plans = new Map<string, SegmentPlan>();
  const plan = (name: string): SegmentPlan => {
    const known = plans.get(name);
    if (known !== undefined) return known;
    const made = planSegment(clusters, name, find);
    plans.set(name, made);
    return made;
  };
  const gateways = clusters.flatMap((cluster) => (cluster.gateway === null ? [] : [{ cluster, gateway: cluster.gateway }]));
  const internet = gateways.length === 0 ? null : internetSegment(gateways, find);
  return {
    segment: plan,
    netns(name) {
      if (name === GATEWAY && internet !== null) return gatewayNetns(gateways, plan, internet);
      const hosts = clusters.flatMap((c) => c.outside.filter((h) => h.name === name));
      if (hosts.length > 0 && internet !== null) return outsideNetns(hosts, internet);
      const routers = clusters.flatMap((cluster) =>
        cluster.underlay.routers.filter((r) => r.name === name).map((router) => ({ cluster, router })),
      );
      return routers.length === 0 ? undefined : routerNetns(routers, plan);
    },
  };
}

function planSegment(clusters: readonly Cluster[], name: string, find: Find): SegmentPlan {
  const described = clusters.flatMap((c) => c.underlay.segments.get(name) ?? []);
  const [first] = described;
  if (first === undefined) throw new Error(`no segment ${name}`);
  const ways = new Map(clusters.map((c) => [c.family, waysFrom(c, name)]));
  const wayTo: SegmentPlan['wayTo'] = (family, to) => (to === null ? null : to === name ? 'here' : (ways.get(family)?.get(to) ?? null));
  const podRoutes = new PrefixTable<Route>();
  for (const { family, nodes } of clusters)
    for (const node of nodes.values()) {
      const way = wayTo(family, node.segment);
      if (way === null) continue;
      const via = way === 'here' ? node.ip : way;
      podRoutes.add(node.podCidr, routeVia(node.podCidr, via, 'eth0', inferred(at(node.locus, 'podCIDR'))));
    }
  const owners = new Map(clusters.flatMap((c) => [...ownersOn(c, name)]));
  const segment: Segment = {
    name,
    origin: first.origin,
    outside: false,
    known: () => owners.keys(),
    owner(address) {
      const owner = owners.get(address);
      const device = owner === undefined ? undefined : find(owner.netns)?.devices.get(owner.device);
      return device?.kind === 'nic' ? device : null;
    },
  };
  return {
    segment,
    prefixOf: (a) => prefixOn(described, a),
    podRoutes,
    furtherRoutes: clusters.flatMap((c) => routesFurther(c, ways.get(c.family) ?? new Map())),
    wayTo,
  };
}

/** The segment's range; an address outside it has a range as large around it. */
function prefixOn(described: readonly UnderlaySegment[], a: IpAddress): Prefix {
  const own = described.find((d) => familyOf(d.prefix.address) === familyOf(a));
  if (own === undefined) throw new Error('a segment has a range of each family of its machines');
  return contains(own.prefix, a) ? own.prefix : prefixOf(a, own.prefix.length);
}

function routesFurther(cluster: Cluster, ways: ReadonlyMap<string, IpAddress>): readonly Route[] {
  return [...ways].flatMap(([other, via]) => {
    const segment = cluster.underlay.segments.get(other);
    return segment === undefined ? [] : [routeVia(segment.prefix, via, 'eth0', inferred(segment.origin.locus))];
  });
}

/** Breadth first over the routers: for each other segment, the address on this one of the router that a packet goes to first. */
function waysFrom(cluster: Cluster, start: string): ReadonlyMap<string, IpAddress> {
  const ways = new Map<string, IpAddress>();
  const seen = new Set([start]);
  const queue: { readonly segment: string; readonly first: IpAddress | null }[] = [{ segment: start, first: null }];
  for (const { segment, first } of queue)
    for (const router of cluster.underlay.routers) {
      const here = router.interfaces.find((i) => i.segment === segment);
      if (here === undefined) continue;
      for (const { segment: next } of router.interfaces) {
        if (seen.has(next)) continue;
        seen.add(next);
        ways.set(next, first ?? here.ip);
        queue.push({ segment: next, first: first ?? here.ip });
      }
    }
  return ways;
}

interface OwnerName {
  readonly netns: string;
  readonly device: string;
}

/** Who answers for what on a segment: with ARP a machine answers for each of its addresses, whichever device they are on; with IPv6 only for
 * the device's own. */
function ownersOn(cluster: Cluster, segment: string): ReadonlyMap<IpAddress, OwnerName> {
  const owners = new Map<IpAddress, OwnerName>();
  const answersForAll = cluster.family === 'IPv4';
  const claim = (address: IpAddress, owner: OwnerName) => {
    if (!owners.has(address)) owners.set(address, owner);
  };
  for (const node of cluster.nodes.values()) if (node.segment === segment) claim(node.ip, { netns: node.name, device: 'eth0' });
  for (const router of cluster.underlay.routers) {
    const device = router.interfaces.findIndex((i) => i.segment === segment);
    if (device === -1) continue;
    for (const { ip, segment: on } of router.interfaces)
      if (answersForAll || on === segment) claim(ip, { netns: router.name, device: `eth${device}` });
    for (const { address, device: on } of router.overrides.addresses)
      if (answersForAll || on === `eth${device}`) claim(address, { netns: router.name, device: `eth${device}` });
  }
  if (cluster.gateway?.segment === segment) claim(cluster.gateway.ip, { netns: GATEWAY, device: 'eth0' });
  for (const node of cluster.nodes.values()) {
    if (node.segment !== segment) continue;
    if (answersForAll) claim(nextAddress(node.podCidr.address), { netns: node.name, device: 'eth0' });
    for (const { address, device } of node.overrides.addresses)
      if (answersForAll || device === 'eth0') claim(address, { netns: node.name, device: 'eth0' });
  }
  return owners;
}

/** One router, as each family sees it: the same interfaces in the same order. */
function routerNetns(
  views: readonly { readonly cluster: Cluster; readonly router: Router }[],
  plan: (segment: string) => SegmentPlan,
): Netns {
  const [first] = views;
  if (first === undefined) throw new Error('a router has an IP family');
  const { name, locus } = first.router;
  const builder = forwardingMachine(
    name,
    locus,
    views.map((v) => v.cluster.family),
  );
  const nics = first.router.interfaces.map((n, i) => addNic(builder, `eth${i}`, plan(n.segment).segment, NIC_MTU, declared(n.locus)));
  for (const { cluster, router } of views) {
    for (const [i, { segment, ip, locus: here }] of router.interfaces.entries()) {
      const nic = nics[i];
      if (nic !== undefined) addAddress(builder, nic, ip, plan(segment).prefixOf(ip), declared(here));
    }
    const { gateway, family } = cluster;
    const towards = gateway === null ? -1 : router.interfaces.findIndex((i) => i.segment === gateway.segment);
    if (gateway !== null && towards !== -1)
      addRoute(builder, MAIN_TABLE, routeVia(DEFAULT_PREFIX[family], gateway.ip, `eth${towards}`, inferred(gateway.locus)));
    const rules = rulesetBuilder();
    programFirewalls(rules, family, [cluster.underlay.firewall]);
    builder.rulesets[family] = rules.build();
  }
  return finish(builder, mergeOverrides(views.map((v) => v.router.overrides)));
}
