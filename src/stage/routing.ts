import { type FlowKey, lookUp, type NoRoute, type RouteMatch } from '../datapath/fib.ts';
import type { Device, Netns } from '../datapath/netns.ts';
import { isForHere, isRejected, type Route } from '../datapath/route.ts';
import { selectAnySource, selectSource } from '../datapath/select-source.ts';
import { forwarding, forwarding6, type NamedSysctl } from '../datapath/sysctl.ts';
import type { Failure } from '../hop/failure.ts';
import { familyOf, type IpAddress, type IpFamily, UNSPECIFIED } from '../net/address.ts';
import { type IcmpErrorCode, packetFamily } from '../net/packet.ts';
import type { Skb } from './skb.ts';
import { doubtReversePath, loopbackLeaves, martianAddress, validateSource } from './source-check.ts';
import { askedOf, ruleText, transportOf, type UndecidedWay, undecidedWay } from './undecided-way.ts';
import { ownOrNot } from './unrouted.ts';

/** The answer of ip_route_input for a packet that came in. `icmp` is the error that goes back to its sender; null is silence. */
export type InputDecision =
  | { readonly kind: 'local' | 'forward'; readonly match: RouteMatch }
  /** Dropped at the look-up itself. */
  | { readonly kind: 'martian'; readonly failure: Failure }
  | UndecidedWay
  | InputError;

/** The route is one that refuses, or there is none, or a rule refuses. */
interface InputError {
  readonly kind: 'error';
  readonly match: RouteMatch | null;
  readonly failure: Failure;
  readonly icmp: IcmpErrorCode | null;
}

/**
 * ip_route_input_slow, in its order: martian addresses, the look-up, then for packets to others whether this device may forward. For what
 * is forwarded `checkSource` follows, next hop by next hop. Source: net/ipv4/route.c.
 */
export function routeInput(skb: Skb, input: Device): InputDecision {
  const { netns, packet } = skb;
  if (packetFamily(packet) === 'IPv6') return routeInput6(skb, input);
  const martian = martianAddress(netns, packet, input);
  if (martian !== null) return { kind: 'martian', failure: martian };
  const match = ownOrNot(skb, lookUp(netns, keyOf(skb, input)));
  if ('kind' in match) return match;
  const undecided = match.route === null ? undecidedWay(netns, match) : null;
  if (undecided !== null) return undecided;
  const forwards = forwarding(netns.sysctls, input.name);
  if (match.route !== null && isForHere(match.route)) {
    const bad = checkSource(skb, input, null);
    return bad === null ? { kind: 'local', match } : { kind: 'martian', failure: bad };
  }
  if (forwards.value === 0) return { kind: 'error', match: null, failure: forwardingOff(netns, 'IPv4', input, forwards), icmp: null };
  if (match.route === null) return noRoute(netns, packet.destination, match);
  return match.route.type === 'unicast' ? { kind: 'forward', match } : refusingRoute(netns, match);
}

const keyOf = (skb: Skb, input: Device): FlowKey => ({
  destination: skb.packet.destination,
  source: skb.packet.source,
  iif: input.name,
  mark: skb.mark,
  ...askedOf(skb),
});

/** The last question of the look-up, once the output device is known. Null: the source may come in by `input`. */
export function checkSource(skb: Skb, input: Device, output: Device | null): Failure | null {
  const { source, destination } = skb.packet;
  const failure = validateSource(skb.netns, { source, destination, output, mark: skb.mark, transport: transportOf(skb.packet) }, input);
  if (failure === null) doubtReversePath(skb, input, output);
  return failure;
}

/**
 * ip6_route_input: no address is martian here, and the source is not looked at. Routes that refuse say so whether the machine forwards or
 * not. Source: net/ipv6/route.c.
 */
function routeInput6(skb: Skb, input: Device): InputDecision {
  const { netns, packet } = skb;
  const match = ownOrNot(skb, lookUp(netns, keyOf(skb, input)));
  if ('kind' in match) return match;
  if (match.route === null) return undecidedWay(netns, match) ?? noRoute(netns, packet.destination, match);
  if (isForHere(match.route)) return { kind: 'local', match };
  if (isRejected(match.route))
    return { kind: 'error', match, failure: onLoopback(netns, packet.destination, match.route), icmp: 'net-unreachable' };
  if (match.route.type === 'unicast') return { kind: 'forward', match };
  const refused = refusingRoute(netns, match);
  // To a machine that sends through here, `unreachable` is no other than no route at all (ip6_pkt_discard).
  return match.route.type === 'unreachable' ? { ...refused, icmp: 'net-unreachable' } : refused;
}

/**
 * A machine that does not forward drops in silence a packet that it has a way for. A bridge's look-up for a packet that it translated does
 * not ask. Source: ip6_forward, net/ipv6/ip6_output.c.
 */
export function forwardingOff6({ netns, packet, input }: Skb): Failure | null {
  const forwards = forwarding6(netns.sysctls);
  if (packetFamily(packet) === 'IPv4' || forwards.value !== 0) return null;
  return forwardingOff(netns, 'IPv6', input, forwards);
}

function forwardingOff(netns: Netns, family: IpFamily, input: Device | null, { name, origin }: NamedSysctl): Failure {
  const facts = { netns: netns.name, family, device: input?.name ?? null, sysctl: name };
  return { code: 'FORWARDING_DISABLED', facts, origin };
}

function noRoute(netns: Netns, destination: IpAddress, match: NoRoute): InputDecision {
  return { kind: 'error', match: null, failure: noRouteFailure(netns, destination, match), icmp: 'net-unreachable' };
}

function noRouteFailure(netns: Netns, destination: IpAddress, match: NoRoute): Failure {
  if (match.dead !== null) {
    const device = match.dead.nextHops[0]?.device ?? '';
    const down = netns.devices.get(device)?.down ?? null;
    const facts = { netns: netns.name, device, isOverride: down !== null, route: 'unused', destination } as const;
    return { code: 'LINK_DOWN', facts, origin: down ?? match.dead.origin };
  }
  const { removed, thrown } = match;
  const why = { removed: removed?.prefix ?? null, thrown: thrown?.prefix ?? null };
  return {
    code: 'NO_ROUTE',
    facts: { why: 'none', netns: netns.name, destination, ...why },
    origin: thrown?.origin ?? removed?.origin ?? netns.origin,
  };
}

/** The failure of a packet by a link route on `lo`, with only the machine itself behind it. */
export const onLoopback = (netns: Netns, destination: IpAddress, { prefix, origin }: Route): Failure<'NO_ROUTE'> => ({
  code: 'NO_ROUTE',
  facts: { why: 'on-loopback', netns: netns.name, destination, prefix },
  origin,
});

/** An address of all machines on a link, or of any router there. */
export const notForOne = (netns: Netns, address: IpAddress, { type, origin }: Route): Failure<'MARTIAN_ADDRESS'> => ({
  code: 'MARTIAN_ADDRESS',
  facts: { why: type === 'anycast' ? 'anycast' : 'broadcast', netns: netns.name, address },
  origin,
});

const REFUSING = {
  blackhole: { code: 'BLACKHOLE_ROUTE', icmp: null },
  unreachable: { code: 'UNREACHABLE_ROUTE', icmp: 'host-unreachable' },
  prohibit: { code: 'PROHIBIT_ROUTE', icmp: 'administratively-prohibited' },
} as const;

function refusingRoute(netns: Netns, match: RouteMatch): InputError {
  const { type } = match.route;
  if (type !== 'blackhole' && type !== 'unreachable' && type !== 'prohibit') throw new Error(`a ${type} route cannot decide`);
  const { code, icmp } = REFUSING[type];
  const { prefix, origin } = match.route;
  const { rule } = match;
  if (rule.action === undefined)
    return { kind: 'error', match, failure: { code, facts: { type, netns: netns.name, prefix }, origin }, icmp };
  const facts = { type, netns: netns.name, prefix, rule: ruleText(rule) };
  return { kind: 'error', match: null, failure: { code, facts, origin }, icmp: type === 'unreachable' ? 'net-unreachable' : icmp };
}

/** The answer of the route look-up of a program's connect or send; `errno` stands for the error that the program gets. */
export type OutputDecision =
  | { readonly kind: 'route'; readonly match: RouteMatch }
  | UndecidedWay
  | {
      readonly kind: 'error';
      readonly match: RouteMatch | null;
      readonly failure: Failure;
      readonly errno: 'net-unreachable' | 'invalid' | 'host-unreachable' | 'not-permitted';
    };

/** The keys of a look-up beside addresses and mark. */
type Asked = Pick<FlowKey, 'transport' | 'supposed' | 'oif'>;

/** ip_route_output_key: the same look-up for a packet that is sent from here; errors go to the caller, no packet leaves. */
export function routeOutput(
  netns: Netns,
  source: IpAddress | null,
  destination: IpAddress,
  mark: number,
  asked: Asked = {},
): OutputDecision {
  const match = lookUp(netns, { destination, source, iif: null, mark, ...asked });
  if (match.route === null)
    return (
      undecidedWay(netns, match) ?? {
        kind: 'error',
        match: null,
        failure: noRouteFailure(netns, destination, match),
        errno: 'net-unreachable',
      }
    );
  const loopback = match.route.type === 'unicast' ? loopbackLeaves(netns, source, match) : null;
  if (loopback !== null) return { kind: 'error', match, failure: loopback, errno: 'invalid' };
  if (match.route.type === 'unicast' || isForHere(match.route)) return { kind: 'route', match };
  const refused = refusingRoute(netns, match);
  const unreachable = match.rule.action === undefined ? 'host-unreachable' : 'net-unreachable';
  const errno = { blackhole: 'invalid', unreachable, prohibit: 'not-permitted' } as const;
  return { kind: 'error', match: refused.match, failure: refused.failure, errno: errno[match.route.type as keyof typeof errno] };
}

/**
 * The look-up for packets that choose their source themselves, which rules by source do not see. IPv6 then forgets an error, and looks once
 * more with the source that it chose. Source: ip6_dst_lookup_tail, net/ipv6/ip6_output.c.
 */
export function routeUnbound(netns: Netns, source: IpAddress, destination: IpAddress, mark: number, asked: Asked = {}): OutputDecision {
  const decision = routeOutput(netns, null, destination, mark, asked);
  return decision.kind === 'error' && familyOf(destination) === 'IPv6' ? routeOutput(netns, source, destination, mark, asked) : decision;
}

/** The source address that the kernel gives a packet from here to `destination`; null when nothing can be sent there. */
export function sourceTowards(netns: Netns, destination: IpAddress): IpAddress | null {
  const decision = routeOutput(netns, null, destination, 0);
  if (decision.kind !== 'route') return familyOf(destination) === 'IPv6' ? sourceWithoutRoute(netns, destination) : null;
  const { route, nextHops } = decision.match;
  // Of all that is on `lo`, and of a prefix's further addresses, the source is the first one's; an anycast address is none.
  if (isForHere(route)) return route.source ?? selectAnySource(netns, destination);
  const first = nextHops[0];
  const device = first === undefined ? undefined : netns.devices.get(first.device);
  if (first === undefined || device === undefined) return null;
  // IPv4 faces the next hop, or on a link nobody (fib_info_update_nhc_saddr, net/ipv4/fib_semantics.c); IPv6 faces the destination.
  const towards = familyOf(destination) === 'IPv4' ? (first.via ?? UNSPECIFIED.IPv4) : destination;
  // To a link, an address that is for links alone is a source as well (fib_scope).
  return route.source ?? selectSource(device, towards, route.scope ?? (first.via === null ? 'link' : null));
}

/** The device that leads there; null: none does. */
export function deviceTowards(netns: Netns, destination: IpAddress): string | null {
  const decision = routeOutput(netns, null, destination, 0);
  return decision.kind === 'route' ? (decision.match.nextHops[0]?.device ?? null) : null;
}

/** A source to try where the look-up without one finds no route: a rule may select it. */
function sourceWithoutRoute(netns: Netns, destination: IpAddress): IpAddress | null {
  const source = selectAnySource(netns, destination);
  return source !== null && routeOutput(netns, source, destination, 0).kind === 'route' ? source : null;
}
