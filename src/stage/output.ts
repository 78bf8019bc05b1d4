import type { FlowKey, RouteMatch } from '../datapath/fib.ts';
import type { Device } from '../datapath/netns.ts';
import { isForHere, isRejected } from '../datapath/route.ts';
import { fits, mtuTowards, tooLargeFor } from './mtu.ts';
import { throughHook } from './netfilter.ts';
import type { Next } from './next.ts';
import { icmpError } from './refusal.ts';
import { eachWay, noteRoute } from './route-input.ts';
import { notForOne, type OutputDecision, onLoopback, routeOutput, routeUnbound } from './routing.ts';
import type { Skb } from './skb.ts';
import { askedOf, undecidedEnd } from './undecided-way.ts';
import { ownOrNot } from './unrouted.ts';

/**
 * A packet that is sent from here: the route comes first (it also chose the source), then netfilter OUTPUT, and, when that changed the
 * destination, or a chain of the type route the mark, the route once more. Source: ip_local_out, net/ipv4/ip_output.c; ip_route_me_harder, net/ipv4/netfilter.c.
 */
export function output(skb: Skb): Next {
  return route(skb, (routed) => {
    const { destination } = routed.packet;
    routed.remarked = false;
    return throughHook(routed, 'OUTPUT', (out) => {
      if (out.packet.destination === destination && !out.remarked) return leave(out);
      return route(out, leave);
    });
  });
}

/** ip6_pkt_discard_out: a way that leads nowhere says so when the packet is to leave, by an ICMP error. Source: net/ipv6/route.c. */
export function leave(skb: Skb): Next {
  const { netns, packet, destination } = skb;
  if (destination === null || !isRejected(destination.route)) return { go: 'postrouting' };
  const failure = onLoopback(netns, packet.destination, destination.route);
  return { end: { kind: 'refused', failure, refusal: icmpError(skb, 'net-unreachable') } };
}

function route(skb: Skb, then: (skb: Skb) => Next): Next {
  const rerouting = skb.output !== null;
  const { source, destination } = skb.packet;
  const look = skb.unbound && skb.inner === null && !rerouting ? routeUnbound : routeOutput;
  const looked = look(skb.netns, source, destination, skb.mark, { ...askedOf(skb), ...(rerouting ? {} : leavingBy(skb)) });
  const decision = looked.kind === 'route' ? towardsOwnOrNot(skb, looked) : looked;
  if (decision.kind === 'undecided') return { end: undecidedEnd(decision, skb) };
  if (decision.kind === 'error') return refuse(skb, decision, rerouting);
  if (decision.match.route.type === 'broadcast') return toEverybody(skb, decision.match, rerouting);
  return eachWay(skb, decision.match, (branch) => follow(branch, decision.match, rerouting, then));
}

function towardsOwnOrNot(skb: Skb, looked: Extract<OutputDecision, { kind: 'route' }>): OutputDecision {
  const match = skb.inner === null ? ownOrNot(skb, looked.match) : looked.match;
  if ('kind' in match) return match;
  return match.route === null ? looked : { kind: 'route', match };
}

/** A tunnel's own packet asks for no device. */
const leavingBy = ({ oif, inner }: Skb): Pick<FlowKey, 'oif'> => (oif === null || inner !== null ? {} : { oif });

/** The size is looked at when the packet is made; after a second look-up, only where it goes out (transmit). */
function follow(skb: Skb, match: RouteMatch, rerouting: boolean, then: (skb: Skb) => Next): Next {
  const { destination } = skb;
  const device = isForHere(match.route) ? (skb.netns.devices.get('lo') ?? null) : (destination?.device ?? null);
  segment(skb, device);
  skb.output = device;
  noteRoute(skb, match, destination?.nextHop ?? null);
  if (!rerouting && device !== null && device.kind !== 'loopback' && !fits(skb, device)) {
    const failure = tooLargeFor(device, 'sender', skb.packet.size, mtuTowards(skb, device));
    return { end: { kind: 'refused-at-source', failure, client: 'message-too-long' } };
  }
  return then(skb);
}

/**
 * TCP makes no packet that the route of its connection does not take; and when netfilter then sends the packet to a device that takes
 * less, the error comes back to the machine itself at once, and TCP sends the data again in smaller parts: those are shown.
 * Source: tcp_sync_mss, net/ipv4/tcp_output.c; ip_fragment, net/ipv4/ip_output.c.
 */
function segment(skb: Skb, device: Device | null): void {
  const { protocol, size } = skb.packet;
  const most = device === null ? size : mtuTowards(skb, device).bytes;
  if (protocol === 'tcp' && size > most) skb.packet = { ...skb.packet, size: most };
}

/**
 * The look-up of connect and send fails the call at once. The second one, after OUTPUT, only loses the packet: UDP's send hears of
 * it, TCP's connect goes on waiting.
 */
function refuse(skb: Skb, { match, failure, errno }: Extract<OutputDecision, { kind: 'error' }>, rerouting: boolean): Next {
  if (match !== null) noteRoute(skb, match, null);
  if (rerouting && skb.packet.protocol === 'tcp') return { end: { kind: 'lost', failure } };
  return { end: { kind: 'refused-at-source', failure, client: errno } };
}

/**
 * TCP connects to one (tcp_v4_connect, net/ipv4/tcp_ipv4.c); a datagram goes to all of a link only for a program that asked for it
 * (SO_BROADCAST; ip4_datagram_connect, net/ipv4/datagram.c). SCTP's first packet is sent, and answered by nobody (sctp_rcv, net/sctp/input.c).
 */
function toEverybody(skb: Skb, match: RouteMatch, rerouting: boolean): Next {
  const { netns, packet } = skb;
  const failure = notForOne(netns, packet.destination, match.route);
  if (packet.protocol === 'sctp') return { end: { kind: 'lost', failure } };
  const errno = packet.protocol === 'tcp' ? 'net-unreachable' : 'not-permitted';
  return refuse(skb, { kind: 'error', match, failure, errno }, rerouting);
}
