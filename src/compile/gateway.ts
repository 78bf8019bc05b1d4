import { addAddress } from '../datapath/add-address.ts';
import { addNic, finish } from '../datapath/build.ts';
import { addRoute, type NetnsBuilder, onLink } from '../datapath/builder.ts';
import { MAIN_TABLE } from '../datapath/fib.ts';
import { rulesetBuilder } from '../datapath/netfilter/builder.ts';
import type { Match } from '../datapath/netfilter/match.ts';
import type { Rule } from '../datapath/netfilter/ruleset.ts';
import type { Netns, Segment } from '../datapath/netns.ts';
import { type Route, usualMetric } from '../datapath/route.ts';
import type { Cluster } from '../k8s/cluster.ts';
import { nodeIp } from '../k8s/families.ts';
import { ETHERNET_MTU, GATEWAY, type InternetGateway } from '../k8s/network.ts';
import type { Node } from '../k8s/node.ts';
import { familyOf, type IpAddress, type IpFamily } from '../net/address.ts';
import { DEFAULT_PREFIX, hostPrefix } from '../net/prefix.ts';
import { declared, inferred, type Locus } from '../source/origin.ts';
import { programFirewalls } from './firewall.ts';
import { balancing } from './load-balancer.ts';
import { nodesFrom } from './other-nodes.ts';
import { forwardingMachine } from './router.ts';
import type { SegmentPlan } from './segment.ts';
import { leadToPods } from './ways-in.ts';

/** The addresses that the gateway has outside. */
export const publicAddresses = ({ publicIps, nat }: InternetGateway): readonly IpAddress[] => [
  ...new Set([...publicIps.map((p) => p.ip), ...nat.map((n) => n.public)]),
];

/** By the link of the internet, wherever the destination is. */
export const everywhere = (device: string, family: IpFamily, origin: Route['origin']): Route => ({
  prefix: DEFAULT_PREFIX[family],
  type: 'unicast',
  metric: usualMetric(family),
  nextHops: [onLink(device)],
  source: null,
  origin,
});

/** The gateway knows its own segment and the ones behind routers; everything else is outside. */
export function gatewayNetns(cluster: Cluster, gateway: InternetGateway, plan: (segment: string) => SegmentPlan, internet: Segment): Netns {
  const { locus, segment, ips } = gateway;
  const here = plan(segment);
  // Its public addresses are for NAT: nothing listens on them.
  const builder = forwardingMachine(GATEWAY, 'gateway', locus, ips.map(familyOf), ips);
  const inside = addNic(builder, 'eth0', here.segment, cluster.underlay.mtu, declared(locus));
  addNic(builder, 'wan0', internet, ETHERNET_MTU, inferred(locus));
  for (const ip of ips) {
    addAddress(builder, inside, ip, here.prefixOf(ip), declared(locus));
    joinInternet(cluster, gateway, ip, here, builder);
  }
  leadToPods(builder, cluster, (node, family) => towards(node, family, here));
  const { fabric } = cluster.cni;
  if (fabric !== null) {
    builder.shared = fabric.routes(nodesFrom(cluster, (family, node) => ({ via: here.wayTo(family, node.segment), device: 'eth0' })));
    for (const route of besideRouters(cluster, here)) addRoute(builder, MAIN_TABLE, route);
  }
  return finish(builder, gateway.overrides);
}

/** A fabric takes it to the segments that no router leads to, too. */
const besideRouters = ({ underlay }: Cluster, { wayTo }: SegmentPlan): readonly Route[] =>
  [...underlay.segments.values()].flatMap(({ name, prefixes, origin }) =>
    prefixes.flatMap((prefix) => {
      const family = familyOf(prefix.address);
      if (wayTo(family, name) !== null) return [];
      return [
        { prefix, type: 'unicast', metric: usualMetric(family), nextHops: [onLink('eth0')], source: null, origin: inferred(origin.locus) },
      ];
    }),
  );

/** Routes and translations of the family of one of its addresses inside. */
function joinInternet(cluster: Cluster, gateway: InternetGateway, ip: IpAddress, plan: SegmentPlan, builder: NetnsBuilder): void {
  const family = familyOf(ip);
  const wan = builder.netns.devices.get('wan0');
  for (const route of plan.furtherRoutes) if (familyOf(route.prefix.address) === family) addRoute(builder, MAIN_TABLE, route);
  for (const address of publicAddresses(gateway))
    if (wan !== undefined && familyOf(address) === family) addAddress(builder, wan, address, hostPrefix(address), declared(gateway.locus));
  addRoute(builder, MAIN_TABLE, everywhere('wan0', family, inferred(gateway.locus)));
  const balancers = balancing(cluster, ip, (node) => towards(node, family, plan));
  for (const route of balancers.routes) addRoute(builder, MAIN_TABLE, route);
  const rules = rulesetBuilder();
  for (const { chain, rule } of [...balancers.rules, ...translations(gateway, family)]) rules.append('nat', chain, rule);
  programFirewalls(rules, family, [gateway.firewall, cluster.underlay.firewall]);
  builder.rulesets[family] = rules.build();
}

/** The node itself where it is on the gateway's segment, else the router to it. */
function towards(node: Node, family: IpFamily, plan: SegmentPlan): IpAddress | null {
  const way = plan.wayTo(family, node.segment);
  return way === 'here' || way === null ? nodeIp(node, family) : way;
}

const IN: Match = { kind: 'in-interface', name: 'wan0', negated: false };
const OUT: Match = { kind: 'out-interface', name: 'wan0', negated: false };

interface Translation {
  readonly chain: 'PREROUTING' | 'POSTROUTING';
  readonly rule: Rule;
}

/** One to one for the addresses that have a public one, both ways; many to one for all others, on the way out. */
function translations({ publicIps, nat }: InternetGateway, family: IpFamily): readonly Translation[] {
  const own = nat.filter((n) => familyOf(n.private) === family);
  const inwards = own.map((n) => ({
    chain: 'PREROUTING' as const,
    rule: translation(
      [{ kind: 'destination', prefix: hostPrefix(n.public), negated: false }, IN],
      { kind: 'DNAT', address: n.private, port: null },
      n.locus,
    ),
  }));
  const outwards = own.map((n) => ({
    chain: 'POSTROUTING' as const,
    rule: translation(
      [{ kind: 'source', prefix: hostPrefix(n.private), negated: false }, OUT],
      { kind: 'SNAT', address: n.public },
      n.locus,
    ),
  }));
  const rest = publicIps
    .filter((p) => familyOf(p.ip) === family)
    .map(({ ip, locus }) => ({ chain: 'POSTROUTING' as const, rule: translation([OUT], { kind: 'SNAT', address: ip }, locus) }));
  return [...inwards, ...outwards, ...rest];
}

const translation = (matches: readonly Match[], target: Rule['target'], locus: Locus): Rule => ({
  matches,
  target,
  comment: null,
  origin: declared(locus),
});
