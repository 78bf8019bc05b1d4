import { lookUp } from '../datapath/fib.ts';
import type { InterfaceHop } from '../hop/hop.ts';
import type { InternetGateway } from '../k8s/network.ts';
import { formatAddress, type IpAddress, isPrivate } from '../net/address.ts';
import { formatPrefix } from '../net/prefix.ts';
import { declared } from '../source/origin.ts';
import type { Failure } from '../stage/skb.ts';
import type { FlowPath, WalkName } from '../walk/flow.ts';
import type { Walk } from '../walk/walk.ts';
import { type Context, isClusterAddress, nodeOfPodAddress, serviceAt } from './context.ts';
import { walkOf } from './walks.ts';

/** What ends at the gateway, or beyond it. */

const GATEWAY = 'gateway';

type Ended = Failure & { readonly walk: WalkName };

/** As it crossed to the world outside. */
function leaving({ hops }: Walk): InterfaceHop | undefined {
  return hops.find((h): h is InterfaceHop => h.kind === 'interface' && h.netns === GATEWAY && h.device === 'wan0' && h.direction === 'out');
}

/** Out by the gateway with a source that nobody outside can answer. */
export function withoutNat({ cluster: { gateway, outside } }: Context, path: FlowPath, failure: Ended): Failure | null {
  const out = leaving(path.forward);
  if (gateway === null || out === undefined || !isPrivate(out.packet.source) || isPrivate(out.packet.destination)) return null;
  const isStated = gateway.publicIp !== null || gateway.nat.length > 0;
  // Somebody outside who is known has no way to answer, whatever else is not said. Of others nothing is known.
  const unanswered =
    failure.walk === 'reply' && failure.code === 'UNREACHABLE_ROUTE' && outside.some((h) => h.name === path.reply?.netns.name);
  if (!isStated && !unanswered) return null;
  const source = formatAddress(out.packet.source);
  const none = isStated ? 'the gateway has no public one for it' : 'the input does not say that the gateway has a public one for it';
  const text = `${source} is a private address, and ${none}: whoever is called outside cannot answer`;
  return { code: 'PRIVATE_TO_INTERNET_WITHOUT_NAT', text, origin: declared(gateway.locus) };
}

/** Called from the internet, which routes no private address. */
export function privateOutside({ cluster }: Context, { forward }: FlowPath, failure: Ended): Failure | null {
  const { destination } = forward.packet;
  const { gateway, outside } = cluster;
  const fromOutside = gateway !== null && outside.some((h) => h.name === forward.netns.name);
  if (!fromOutside || failure.walk !== 'forward' || failure.code !== 'UNREACHABLE_ROUTE' || !isPrivate(destination)) return null;
  const service = serviceAt(cluster, destination);
  const whose = service === null ? '' : ` of service ${service.name}`;
  const text = `${formatAddress(destination)}${whose} is a private address, and on the internet nobody has a way to it`;
  return { ...failure, text, origin: declared(gateway.locus) };
}

/** Left by the gateway for a private address that is not the cluster's either: nobody has it out there. */
export function privateBeyond({ cluster }: Context, path: FlowPath, failure: Ended): Failure | null {
  const walk = failure.code === 'LEAVES_INPUT' ? walkOf(path, failure.walk) : null;
  if (walk === null || cluster.gateway === null || leaving(walk) === undefined) return null;
  const { destination } = walk.packet;
  if (!isPrivate(destination) || isClusterAddress(cluster, destination)) return null;
  const text = `${formatAddress(destination)} is a private address that no machine of the input has, so it left by the gateway for the internet, where nobody has one`;
  return { code: 'NO_ROUTE', text, origin: declared(cluster.gateway.locus) };
}

/** Left for somebody of whom nothing is known, but whose answer would not find back. */
export function unheard(context: Context, path: FlowPath, failure: Ended): Failure | null {
  const source = failure.code === 'LEAVES_INPUT' && failure.walk === 'forward' ? withoutWayBack(context, path.forward) : null;
  const { gateway } = context.cluster;
  if (source === null || gateway === null) return null;
  const owner = nodeOfPodAddress(context.cluster, source);
  const whom = owner === null ? formatAddress(source) : `${formatPrefix(owner.podCidr)} (pods of ${owner.name})`;
  const text = `the gateway has no route back to ${whom}, so whoever answers is not heard: the answer leaves again by the default route`;
  return { code: 'NO_ROUTE', text, origin: declared(gateway.locus) };
}

/** The source of what left, as it came to the gateway, when the gateway has no route to it but the one out. */
export function withoutWayBack({ datapath }: Context, { hops }: Walk): IpAddress | null {
  const came = hops.findLast((h) => h.kind === 'interface' && h.netns === GATEWAY && h.direction === 'in');
  const netns = datapath.netns(GATEWAY);
  if (came === undefined || netns === undefined) return null;
  const { source } = came.packet;
  const { route } = lookUp(netns, { destination: source, source: null, iif: null, mark: 0 });
  return route === null || (route.type === 'unicast' && route.nextHops.every((n) => n.device === 'wan0')) ? source : null;
}

/** Ended at a public address of the gateway, which is for NAT: it translates at wan0, and no process of its own listens there. */
export function atNatAddress({ cluster: { gateway } }: Context, { forward }: FlowPath, failure: Ended): Failure | null {
  if (gateway === null || forward.netns.name !== GATEWAY || failure.walk !== 'forward' || failure.code !== 'NOBODY_LISTENS') return null;
  const called = natAddress(gateway, forward);
  if (called === null) return null;
  const address = formatAddress(forward.packet.destination);
  const text =
    'private' in called
      ? `the gateway makes ${address} ${formatAddress(called.private)} only for who comes from outside: from inside it is an address of the gateway itself, where nothing listens`
      : `${address} is the source that the gateway gives to what leaves, and nothing listens on it`;
  return { ...failure, text, origin: declared(called.locus) };
}

/** The entry of the gateway's NAT whose public address was called. */
export function natAddress({ nat, publicIp }: InternetGateway, { packet: { destination } }: Walk) {
  return nat.find((n) => n.public === destination) ?? (publicIp?.ip === destination ? publicIp : null);
}
