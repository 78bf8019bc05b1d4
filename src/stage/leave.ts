import type { Device } from '../datapath/netns.ts';
import { isAwaited } from './awaited.ts';
import type { Next } from './next.ts';
import { noteCrossing } from './note.ts';
import type { Skb } from './skb.ts';

/** For a segment, or for whatever another device leads to. */
export function leave(skb: Skb, output: Device): Next {
  noteCrossing(skb, 'out', output);
  return gone(skb, output);
}

/** It is on its way out, to where nothing is known. */
export function gone(skb: Skb, output: Device): Next {
  const [segment, origin] = output.kind === 'nic' ? [output.segment.name, output.segment.origin] : [null, output.origin];
  const facts = { netns: skb.netns.name, device: output.name, segment, destination: skb.packet.destination };
  return { end: { kind: 'exits', failure: { code: 'LEAVES_INPUT', facts, origin } } };
}

/** What its client waits for leaves by the device that the client's packets came in by: the client is there, whatever else is known of that link. */
export function isForClientBeyond(skb: Skb, output: Device): boolean {
  const { awaited, netns, inner } = skb;
  return awaited !== null && awaited.netns === netns && awaited.beyond === output.name && inner === null && isAwaited(skb, awaited);
}
