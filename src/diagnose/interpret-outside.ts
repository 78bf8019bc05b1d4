import { lookUp } from '../datapath/fib.ts';
import type { NextHop } from '../datapath/route.ts';
import type { Failure } from '../hop/failure.ts';
import type { Towards } from '../hop/failure-routes.ts';
import type { InterfaceHop } from '../hop/linux-hop.ts';
import { isClusterAddress, podRangeAt, serviceAt } from '../k8s/address-index.ts';
import type { Cluster } from '../k8s/cluster.ts';
import { gatewayIn } from '../k8s/families.ts';
import type { InternetGateway } from '../k8s/network.ts';
import { familyOf, type IpAddress, isPrivate } from '../net/address.ts';
import { declared } from '../source/origin.ts';
import type { FlowPath } from '../walk/flow-path.ts';
import type { Walk } from '../walk/walk.ts';
import type { Context } from './context.ts';
import { isOutside } from './edge.ts';
import type { Ended } from './scene.ts';
import { walkOf } from './walks.ts';

/** Walks that end at the gateway, or beyond it. */

/** The packet where it left for the internet. */
export function leaving({ hops }: Walk): InterfaceHop | undefined {
  return hops.find((h): h is InterfaceHop => h.kind === 'interface' && h.role === 'gateway' && h.direction === 'out' && isOutside(h));
}

/** A packet that left by the gateway with a source that the internet has no route to. */
export function withoutNat({ cluster, question: { family } }: Context, path: FlowPath, failure: Ended): Failure | null {
  const gateway = gatewayIn(cluster, family);
  const out = leaving(path.forward);
  if (gateway === null || out === undefined || !isPrivate(out.packet.source) || isPrivate(out.packet.destination)) return null;
  const isOurs = (a: IpAddress) => familyOf(a) === family;
  const isStated = gateway.publicIps.some((p) => isOurs(p.ip)) || gateway.nat.some((n) => isOurs(n.private));
  // A host outside that is known has no way to answer, whatever else is not said. Of others nothing is known.
  const unanswered = failure.walk === 'reply' && failure.code === 'UNREACHABLE_ROUTE' && path.reply?.netns.role === 'outside';
  if (!isStated && !unanswered) return null;
  const facts = { source: out.packet.source, isStated };
  return { code: 'PRIVATE_TO_INTERNET_WITHOUT_NAT', facts, origin: declared(gateway.locus) };
}

/** Called from the internet, which routes no private address. */
export function privateOutside({ cluster, question }: Context, { forward }: FlowPath, failure: Ended): Failure | null {
  const { destination } = forward.packet;
  const gateway = gatewayIn(cluster, question.family);
  const fromOutside = gateway !== null && forward.netns.role === 'outside';
  if (!fromOutside || failure.walk !== 'forward' || failure.code !== 'UNREACHABLE_ROUTE' || !isPrivate(destination)) return null;
  const service = serviceAt(cluster, destination);
  const isClusterIp = service?.clusterIps.includes(destination) === true;
  const facts = { type: 'private', destination, service: service?.name ?? null, isClusterIp } as const;
  return { code: 'UNREACHABLE_ROUTE', facts, origin: declared(gateway.locus) };
}

/** A packet that left by the gateway for a private address that is not the cluster's: no host of the internet has it. */
export function privateBeyond({ cluster }: Context, path: FlowPath, failure: Ended): Failure | null {
  const walk = failure.code === 'LEAVES_INPUT' ? walkOf(path, failure.walk) : null;
  if (walk === null || cluster.gateway === null || leaving(walk) === undefined) return null;
  const { destination } = walk.packet;
  if (!isPrivate(destination) || isClusterAddress(cluster, destination)) return null;
  return { code: 'NO_ROUTE', facts: { why: 'private', destination }, origin: declared(cluster.gateway.locus) };
}

/** A packet that left for an unknown host whose answer would not find the way back. */
export function unheard(context: Context, path: FlowPath, failure: Ended): Failure | null {
  const source = failure.code === 'LEAVES_INPUT' && failure.walk === 'forward' ? withoutWayBack(context, path.forward) : null;
  const { gateway } = context.cluster;
  if (source === null || gateway === null) return null;
  return { code: 'NO_ROUTE', facts: { why: 'no-way-back', towards: towards(context.cluster, source) }, origin: declared(gateway.locus) };
}

/** An address with the node's pod range that holds it. */
export function towards(cluster: Cluster, address: IpAddress): Towards {
  const owner = podRangeAt(cluster, address);
  return { address, pods: owner === null ? null : { range: owner.podCidr, node: owner.node.name } };
}

/** The source of what left, as it came to the gateway, when the gateway has no route to it but the one out. */
export function withoutWayBack({ datapath }: Context, { hops }: Walk): IpAddress | null {
  const came = hops.findLast((h) => h.kind === 'interface' && h.role === 'gateway' && h.direction === 'in');
  const netns = came === undefined ? undefined : datapath.netns(came.netns);
  if (came === undefined || netns === undefined) return null;
  const { source } = came.packet;
  const { route } = lookUp(netns, { destination: source, source: null, iif: null, mark: 0 });
  const isOut = ({ device }: NextHop) => {
    const link = netns.devices.get(device);
    return link?.kind === 'nic' && link.segment.outside;
  };
  return route === null || (route.type === 'unicast' && route.nextHops.every(isOut)) ? source : null;
}

/** Ended at a public address of the gateway, which is for NAT: it translates at wan0, and no process of its own listens there. */
export function atNatAddress({ cluster: { gateway } }: Context, { forward }: FlowPath, failure: Ended): Failure | null {
  if (gateway === null || forward.netns.role !== 'gateway' || failure.walk !== 'forward' || failure.code !== 'NOBODY_LISTENS') return null;
  const called = natAddress(gateway, forward);
  if (called === null) return null;
  const { destination: address } = forward.packet;
  const facts =
    'private' in called
      ? ({ why: 'nat-address', address, inside: called.private } as const)
      : ({ why: 'source-address', address } as const);
  return { code: 'NOBODY_LISTENS', facts, origin: declared(called.locus) };
}

/** The entry of the gateway's NAT whose public address was called. */
export function natAddress({ nat, publicIps }: InternetGateway, { packet: { destination } }: Walk) {
  return nat.find((n) => n.public === destination) ?? publicIps.find((p) => p.ip === destination) ?? null;
}
