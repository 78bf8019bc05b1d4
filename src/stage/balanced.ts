import { isLoopback } from '../net/address.ts';
import { rewrite } from '../net/change.ts';
import { fits, mtuTowards, tooLargeFor } from './mtu.ts';
import { throughHook } from './netfilter.ts';
import type { Next } from './next.ts';
import { inferredOrigin } from './note.ts';
import { leave } from './output.ts';
import { icmpError } from './refusal.ts';
import { eachWay, noteRoute } from './route-input.ts';
import { routeOutput } from './routing.ts';
import type { Skb } from './skb.ts';
import { undecidedEnd } from './undecided-way.ts';

/**
 * ip_vs_nat_xmit: a packet that IPVS sends on is routed by its new destination alone, whatever its source, and leaves by OUTPUT and
 * POSTROUTING; it skips FORWARD and the check of ip_forward. Source: net/netfilter/ipvs/ip_vs_xmit.c.
 */
export function balanced(skb: Skb): Next {
  const { netns, packet } = skb;
  const decision = routeOutput(netns, null, packet.destination, 0);
  if (decision.kind === 'undecided') return { end: undecidedEnd(decision, skb) };
  if (decision.kind === 'error') {
    if (decision.match !== null) noteRoute(skb, decision.match, null);
    return { end: { kind: 'refused', failure: decision.failure, refusal: icmpError(skb, 'host-unreachable') } };
  }
  const { match } = decision;
  return eachWay(skb, match, (branch) => {
    noteRoute(branch, match, branch.destination?.nextHop ?? null);
    return sendOn(branch);
  });
}

function sendOn(skb: Skb): Next {
  const { netns, packet, destination } = skb;
  const device = destination?.device ?? null;
  const origin = destination?.route.origin ?? inferredOrigin;
  if (device !== null && isLoopback(packet.source)) {
    const facts = { why: 'loopback-balanced', address: packet.source, device: device.name, netns: netns.name } as const;
    return { end: { kind: 'lost', failure: { code: 'MARTIAN_ADDRESS', facts, origin } } };
  }
  if (packet.ttl <= 1) {
    const failure = { code: 'TTL_EXPIRED', facts: { netns: netns.name }, origin } as const;
    return { end: { kind: 'refused', failure, refusal: icmpError(skb, 'ttl-exceeded') } };
  }
  if (device !== null && !fits(skb, device)) {
    const mtu = mtuTowards(skb, device);
    const failure = tooLargeFor(device, 'router', packet.size, mtu);
    return { end: { kind: 'refused', failure, refusal: icmpError(skb, 'fragmentation-needed', mtu.bytes) } };
  }
  skb.packet = rewrite(packet, { ttl: packet.ttl - 1 }).packet;
  skb.output = device;
  return throughHook(skb, 'OUTPUT', leave);
}
