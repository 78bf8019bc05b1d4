import { note } from './note.ts';
import type { Next, Skb } from './skb.ts';

/** A program, or the kernel for it, hands a packet to the stack. */
export function send(skb: Skb): Next {
  note(skb, { kind: 'socket', action: 'send', process: skb.sender, device: null, origin: skb.netns.origin });
  return { go: 'output' };
}
