import { addAddress, addNic, addRoute, finish, type NetnsBuilder, newNetns, onLink } from '../datapath/build.ts';
import { MAIN_TABLE, type Route, usualMetric } from '../datapath/fib.ts';
import { rulesetBuilder } from '../datapath/netfilter/builder.ts';
import type { Match, Rule } from '../datapath/netfilter/ruleset.ts';
import type { Netns, Nic, Segment, Socket } from '../datapath/netns.ts';
import { mergeOverrides } from '../datapath/overrides.ts';
import type { Cluster, Node } from '../k8s/cluster.ts';
import type { InternetGateway, OutsideHost } from '../k8s/network.ts';
import { familyOf, type IpAddress, type IpFamily, isPrivate } from '../net/address.ts';
import { cidr, DEFAULT_PREFIX, hostPrefix, type Prefix } from '../net/prefix.ts';
import { assumed, declared, inferred } from '../source/origin.ts';
import { programFirewalls } from './firewall.ts';
import { balancing } from './load-balancer.ts';
import { forwardingMachine, GATEWAY, NIC_MTU } from './router.ts';
import type { SegmentPlan } from './segment.ts';

/** The gateway, as one IP family sees it. */
export interface GatewayView {
  readonly cluster: Cluster;
  readonly gateway: InternetGateway;
}

/**
 * The world beyond the gateway: one link on which whoever is known has a public address; those of nodes are behind the gateway. Who is not
 * known there is not described.
 */
export function internetSegment(views: readonly GatewayView[], find: (netns: string) => Netns | undefined): Segment {
  const owners = new Map<IpAddress, { readonly netns: string; readonly device: string }>();
  for (const { cluster, gateway } of views) {
    for (const host of cluster.outside) owners.set(host.ip, { netns: host.name, device: 'eth0' });
    const balanced = [...cluster.services.values()].flatMap((s) => s.loadBalancerIngress.map((i) => i.ip));
    const routed = [...cluster.nodes.values()].map((n) => n.ip).filter((a) => !isPrivate(a));
    for (const address of [...publicAddresses(gateway), ...balanced, ...routed]) owners.set(address, { netns: GATEWAY, device: 'wan0' });
  }
  return {
    name: 'the internet',
    origin: inferred(views[0]?.gateway.locus ?? null),
    outside: true,
    known: () => owners.keys(),
    owner(address) {
      const owner = owners.get(address);
      const device = owner === undefined ? undefined : find(owner.netns)?.devices.get(owner.device);
      return device?.kind === 'nic' ? device : null;
    },
  };
}

const publicAddresses = ({ publicIp, nat }: InternetGateway) => [
  ...new Set([...(publicIp === null ? [] : [publicIp.ip]), ...nat.map((n) => n.public)]),
];

const everywhere = (device: string, family: IpFamily, origin: Route['origin']): Route => ({
  prefix: DEFAULT_PREFIX[family],
  type: 'unicast',
  metric: usualMetric(family),
  nextHops: [onLink(device)],
  source: null,
  origin,
});

/** The gateway knows its own segment and the ones behind routers; everything else is outside. */
export function gatewayNetns(views: readonly GatewayView[], plan: (segment: string) => SegmentPlan, internet: Segment): Netns {
  const [first] = views;
  if (first === undefined) throw new Error('a gateway has an IP family');
  const { locus, segment } = first.gateway;
  // Its public addresses are for NAT: nothing listens on them.
  const builder = forwardingMachine(
    GATEWAY,
    locus,
    views.map((v) => v.cluster.family),
    views.map((v) => v.gateway.ip),
  );
  const inside = addNic(builder, 'eth0', plan(segment).segment, NIC_MTU, declared(locus));
  const wan = addNic(builder, 'wan0', internet, NIC_MTU, inferred(locus));
  for (const view of views) joinInternet(view, plan(view.gateway.segment), builder, inside, wan);
  return finish(builder, mergeOverrides(views.map((v) => v.gateway.overrides)));
}

/** Addresses, routes and translations of one family. */
function joinInternet({ cluster, gateway }: GatewayView, plan: SegmentPlan, builder: NetnsBuilder, inside: Nic, wan: Nic): void {
  const { family } = cluster;
  addAddress(builder, inside, gateway.ip, plan.prefixOf(gateway.ip), declared(gateway.locus));
  for (const route of plan.furtherRoutes) if (familyOf(route.prefix.address) === family) addRoute(builder, MAIN_TABLE, route);
  for (const address of publicAddresses(gateway)) addAddress(builder, wan, address, hostPrefix(address), declared(gateway.locus));
  addRoute(builder, MAIN_TABLE, everywhere('wan0', family, inferred(gateway.locus)));
  const balancers = balancing(cluster, gateway.ip, (node) => towards(node, plan));
  for (const route of balancers.routes) addRoute(builder, MAIN_TABLE, route);
  const rules = rulesetBuilder();
  for (const { chain, rule } of [...balancers.rules, ...translations(gateway)]) rules.append('nat', chain, rule);
  programFirewalls(rules, family, [gateway.firewall, cluster.underlay.firewall]);
  builder.rulesets[family] = rules.build();
}

/** The node itself where it is on the gateway's segment, else the router to it. */
function towards({ ip, segment }: Node, plan: SegmentPlan): IpAddress {
  const way = plan.wayTo(familyOf(ip), segment);
  return way === 'here' || way === null ? ip : way;
}

const IN: Match = { kind: 'in-interface', name: 'wan0', negated: false };
const OUT: Match = { kind: 'out-interface', name: 'wan0', negated: false };

/** One to one for the addresses that have a public one, both ways; many to one for all others, on the way out. */
function translations({ publicIp, nat }: InternetGateway): readonly { readonly chain: string; readonly rule: Rule }[] {
  const rule = (matches: readonly Match[], target: Rule['target'], locus: InternetGateway['locus']): Rule => ({
    matches,
    target,
    comment: null,
    origin: declared(locus),
  });
  const inwards = nat.map((n) => ({
    chain: 'PREROUTING',
    rule: rule(
      [{ kind: 'destination', prefix: hostPrefix(n.public), negated: false }, IN],
      { kind: 'DNAT', address: n.private, port: null },
      n.locus,
    ),
  }));
  const outwards = nat.map((n) => ({
    chain: 'POSTROUTING',
    rule: rule([{ kind: 'source', prefix: hostPrefix(n.private), negated: false }, OUT], { kind: 'SNAT', address: n.public }, n.locus),
  }));
  const rest =
    publicIp === null ? [] : [{ chain: 'POSTROUTING', rule: rule([OUT], { kind: 'SNAT', address: publicIp.ip }, publicIp.locus) }];
  return [...inwards, ...outwards, ...rest];
}

/** Private ranges are not routed there: who is sent to one is told so by the network next to him. */
const PRIVATE: readonly Prefix[] = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10', 'fc00::/7'].map(cidr);

/** A machine on the internet, as each of its families sees it. */
export function outsideNetns(views: readonly OutsideHost[], internet: Segment): Netns {
  const [host] = views;
  if (host === undefined) throw new Error('a machine on the internet has an address');
  const { name, origin } = host;
  const socket: Socket = { protocol: null, address: null, port: null, process: `a process on ${name}`, origin: assumed(origin.locus) };
  const families = views.map((v) => familyOf(v.ip));
  const builder = newNetns(name, name, origin, [socket], families);
  const eth0 = addNic(builder, 'eth0', internet, NIC_MTU, origin);
  for (const { ip } of views) {
    addAddress(builder, eth0, ip, hostPrefix(ip), origin);
    addRoute(builder, MAIN_TABLE, everywhere('eth0', familyOf(ip), inferred(origin.locus)));
  }
  for (const prefix of PRIVATE) if (families.includes(familyOf(prefix.address))) addRoute(builder, MAIN_TABLE, unreachable(prefix));
  return finish(builder, null);
}

const unreachable = (prefix: Prefix): Route => ({
  prefix,
  type: 'unreachable',
  metric: usualMetric(familyOf(prefix.address)),
  nextHops: [],
  source: null,
  origin: inferred(null),
});
