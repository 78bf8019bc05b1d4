import type { RouteMatch } from '../datapath/fib.ts';
import type { Device } from '../datapath/netns.ts';
import { throughHook } from './netfilter.ts';
import { eachWay, noteRoute } from './route-input.ts';
import { type OutputDecision, routeOutput, routeUnbound } from './routing.ts';
import { fits, type Next, type Skb, tooLargeFor } from './skb.ts';

/**
 * A packet that is sent from here: the route comes first (it also chose the source), then netfilter OUTPUT, and, when that changed the
 * destination or the mark, the route once more. Source: ip_local_out, net/ipv4/ip_output.c; ip_route_me_harder, net/ipv4/netfilter.c.
 */
export function output(skb: Skb): Next {
  return route(skb, (routed) => {
    const { destination } = routed.packet;
    const { mark } = routed;
    return throughHook(routed, 'OUTPUT', (out) => {
      if (out.packet.destination === destination && out.mark === mark) return { go: 'postrouting' };
      return route(out, () => ({ go: 'postrouting' }));
    });
  });
}

function route(skb: Skb, then: (skb: Skb) => Next): Next {
  const rerouting = skb.output !== null;
  const { source, destination } = skb.packet;
  const decision = (skb.unbound && !rerouting ? routeUnbound : routeOutput)(skb.netns, source, destination, skb.mark);
  if (decision.kind === 'error') return refuse(skb, decision, rerouting);
  return eachWay(skb, decision.match, (branch) => follow(branch, decision.match, rerouting, then));
}

/** The size is looked at when the packet is made; after a second look-up, only where it goes out (transmit). */
function follow(skb: Skb, match: RouteMatch, rerouting: boolean, then: (skb: Skb) => Next): Next {
  const { destination } = skb;
  const device = match.route.type === 'local' ? (skb.netns.devices.get('lo') ?? null) : (destination?.device ?? null);
  segment(skb, device);
  skb.output = device;
  noteRoute(skb, match, destination?.nextHop ?? null);
  if (!rerouting && device !== null && device.kind !== 'loopback' && !fits(skb, device)) {
    const failure = tooLargeFor(device, 'sender', skb.packet.size);
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
  if (protocol === 'tcp' && device !== null && size > device.mtu) skb.packet = { ...skb.packet, size: device.mtu };
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
