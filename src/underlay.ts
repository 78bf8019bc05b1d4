import { addAddress, addNic, addRoute, finish, routeVia } from './datapath/build.ts';
import { MAIN_TABLE, type Route } from './datapath/fib.ts';
import type { Netns, Nic, Segment } from './datapath/netns.ts';
import { rulesetBuilder } from './datapath/ruleset-builder.ts';
import { programFirewalls } from './firewall.ts';
import { gatewayNetns, internetSegment, outsideNetns } from './internet.ts';
import type { Cluster } from './k8s/cluster.ts';
import type { Router } from './k8s/network.ts';
import { familyOf, type IpAddress, nextAddress } from './net/address.ts';
import { contains, DEFAULT_PREFIX, type Prefix, prefixOf } from './net/prefix.ts';
import { PrefixTable } from './net/prefix-table.ts';
import { at, declared, inferred } from './origin.ts';
import { forwardingMachine, GATEWAY, NIC_MTU } from './underlay-machine.ts';

/** The network between the nodes: segments, the routers that join them, and the gateway to the world outside. */
export interface UnderlayNetwork {
  segment(name: string): SegmentPlan;
  /** A router's or the gateway's namespace. */
  netns(name: string): Netns | undefined;
}

/** What every machine on a segment shares. */
export interface SegmentPlan {
  readonly segment: Segment;
  /** The prefix that an address has on it. */
  prefixOf(address: IpAddress): Prefix;
  /** To every node's pod range: by the node itself when it is on this segment, else by a router. */
  readonly podRoutes: PrefixTable<Route>;
  /** To the other segments, by a router. */
  readonly furtherRoutes: readonly Route[];
  /** How to get to another segment: it is this one, by this router of it, or there is no way. */
  wayTo(segment: string | null): 'here' | IpAddress | null;
}

type Find = (netns: string) => Netns | undefined;

export function compileUnderlay(cluster: Cluster, find: Find): UnderlayNetwork {
  const plans = new Map<string, SegmentPlan>();
  const plan = (name: string): SegmentPlan => {
    const known = plans.get(name);
    if (known !== undefined) return known;
    const made = planSegment(cluster, name, find);
    plans.set(name, made);
    return made;
  };
  const { gateway } = cluster;
  const internet = gateway === null ? null : internetSegment(cluster, gateway, find);
  return {
    segment: plan,
    netns(name) {
      if (name === GATEWAY && gateway !== null && internet !== null) return gatewayNetns(cluster, gateway, plan(gateway.segment), internet);
      const host = cluster.outside.find((h) => h.name === name);
      if (host !== undefined && internet !== null) return outsideNetns(host, internet);
      const router = cluster.underlay.routers.find((r) => r.name === name);
      return router === undefined ? undefined : routerNetns(cluster, router, plan);
    },
  };
}

function planSegment(cluster: Cluster, name: string, find: Find): SegmentPlan {
  const described = cluster.underlay.segments.get(name);
  if (described === undefined) throw new Error(`no segment ${name}`);
  const ways = waysFrom(cluster, name);
  const wayTo = (to: string | null) => (to === null ? null : to === name ? 'here' : (ways.get(to) ?? null));
  const furtherRoutes: Route[] = [];
  for (const [other, via] of ways) {
    const segment = cluster.underlay.segments.get(other);
    if (segment !== undefined) furtherRoutes.push(routeVia(segment.prefix, via, 'eth0', inferred(segment.origin.locus)));
  }
  const podRoutes = new PrefixTable<Route>();
  for (const node of cluster.nodes.values()) {
    const way = wayTo(node.segment);
    if (way !== null)
      podRoutes.add(node.podCidr, routeVia(node.podCidr, way === 'here' ? node.ip : way, 'eth0', inferred(at(node.locus, 'podCIDR'))));
  }
  const owners = ownersOn(cluster, name);
  const segment: Segment = {
    name,
    origin: described.origin,
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
    prefixOf: (a) => (contains(described.prefix, a) ? described.prefix : prefixOf(a, described.prefix.length)),
    podRoutes,
    furtherRoutes,
    wayTo,
  };
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
    for (const { address, device: on } of router.stated.addresses)
      if (answersForAll || on === `eth${device}`) claim(address, { netns: router.name, device: `eth${device}` });
  }
  if (cluster.gateway?.segment === segment) claim(cluster.gateway.ip, { netns: GATEWAY, device: 'eth0' });
  for (const node of cluster.nodes.values()) {
    if (node.segment !== segment) continue;
    if (answersForAll) claim(nextAddress(node.podCidr.address), { netns: node.name, device: 'eth0' });
    for (const { address, device } of node.stated.addresses)
      if (answersForAll || device === 'eth0') claim(address, { netns: node.name, device: 'eth0' });
  }
  return owners;
}

function routerNetns(cluster: Cluster, router: Router, plan: (segment: string) => SegmentPlan): Netns {
  const builder = forwardingMachine(router.name, router.locus, cluster.family);
  for (const [i, { segment, ip, locus }] of router.interfaces.entries()) {
    const { segment: link, prefixOf: onLink } = plan(segment);
    const nic: Nic = addNic(builder, `eth${i}`, link, NIC_MTU, declared(locus));
    addAddress(builder, nic, ip, onLink(ip), declared(locus));
  }
  const { gateway } = cluster;
  const towards = gateway === null ? -1 : router.interfaces.findIndex((i) => i.segment === gateway.segment);
  if (gateway !== null && towards !== -1)
    addRoute(builder, MAIN_TABLE, routeVia(DEFAULT_PREFIX[familyOf(gateway.ip)], gateway.ip, `eth${towards}`, inferred(gateway.locus)));
  const rules = rulesetBuilder();
  programFirewalls(rules, cluster.family, [cluster.underlay.firewall]);
  builder.rulesets[cluster.family] = rules.build();
  return finish(builder, router.stated);
}
