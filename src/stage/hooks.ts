import { throughHook } from './netfilter.ts';
import type { Next, Skb } from './skb.ts';

/** What came over `lo` was routed when it was sent; everything else is routed now. */
export function prerouting(skb: Skb): Next {
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
