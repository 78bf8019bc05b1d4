import type { OpenMatch } from './open.ts';
import type { Skb } from './skb.ts';

/** The open question of a match or a policy point about this packet here. */
export const openMatch = (of: OpenMatch['of'], { netns, input, output, packet }: Skb): OpenMatch => {
  const { protocol, source, sourcePort, destination, destinationPort, tcpFlags } = packet;
  const header = [protocol, source, sourcePort, destination, destinationPort, tcpFlags];
  return { of, at: [netns.name, input?.name, output?.name, ...header].join(' ') };
};

/** Null: nothing is taken for it. */
export function supposedOf(of: OpenMatch['of'], skb: Skb): boolean | null {
  const { at } = openMatch(of, skb);
  for (let s = skb.supposed; s !== null; s = s.older) if (s.kind === 'match' && s.asked.of === of && s.asked.at === at) return s.matches;
  return null;
}
