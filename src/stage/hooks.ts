import type { Failure } from '../hop/failure.ts';
import { LOOPBACK } from '../net/address.ts';
import { throughHook } from './netfilter.ts';
import type { Next } from './next.ts';
import { inferredOrigin } from './note.ts';
import type { Skb } from './skb.ts';

/** A packet that came over `lo` was routed when it was sent; everything else is routed now. */
export function prerouting(skb: Skb): Next {
  const outlaw = loopbackOnLink(skb);
  if (outlaw !== null) return { end: { kind: 'lost', failure: outlaw } };
  return throughHook(skb, 'PREROUTING', (out) => ({ go: out.input?.kind === 'loopback' ? 'input' : 'route-input' }));
}

export function forward(skb: Skb): Next {
  return throughHook(skb, 'FORWARD', () => ({ go: 'postrouting' }));
}

export function input(skb: Skb): Next {
  return throughHook(skb, 'INPUT', () => ({ go: 'deliver' }));
}

export function postrouting(skb: Skb): Next {
  return throughHook(skb, 'POSTROUTING', () => ({ go: 'transmit' }));
}

/** ip6_rcv_core: ::1 on any device but `lo` is dropped before netfilter sees it. Source: net/ipv6/ip6_input.c. */
export function loopbackOnLink({ packet, input, netns }: Skb): Failure | null {
  const { source, destination } = packet;
  const loopback = source === LOOPBACK.IPv6 || destination === LOOPBACK.IPv6;
  if (!loopback || input === null || input.kind === 'loopback') return null;
  const facts = { why: 'loopback6-in', address: LOOPBACK.IPv6, device: input.name, netns: netns.name } as const;
  return { code: 'MARTIAN_ADDRESS', facts, origin: inferredOrigin };
}
