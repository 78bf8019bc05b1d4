import type { RouteMatch } from '../datapath/fib.ts';
import { throughHook } from './netfilter.ts';
import { eachWay, noteRoute } from './route-input.ts';
import { type OutputDecision, routeOutput } from './routing.ts';
import { fits, type Next, type Skb } from './skb.ts';

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
  const source = skb.unbound && !rerouting ? null : skb.packet.source;
  const decision = routeOutput(skb.netns, source, skb.packet.destination, skb.mark);
  if (decision.kind === 'error') return refuse(skb, decision, rerouting);
  return eachWay(skb, decision.match, (branch) => follow(branch, decision.match, then));
}

function follow(skb: Skb, match: RouteMatch, then: (skb: Skb) => Next): Next {
  const { destination } = skb;
  const device = match.route.type === 'local' ? (skb.netns.devices.get('lo') ?? null) : (destination?.device ?? null);
  skb.output = device;
  noteRoute(skb, match, destination?.nextHop ?? null);
  if (device !== null && device.kind !== 'loopback' && !fits(skb, device)) {
    const text = `a packet of ${skb.packet.size} bytes that must not be fragmented does not fit into ${device.name} (MTU ${device.mtu})`;
    const failure = { code: 'MTU_EXCEEDED', text, origin: device.origin } as const;
    return { end: { kind: 'refused-at-source', failure, client: 'message-too-long' } };
  }
  return then(skb);
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
