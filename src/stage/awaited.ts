import { invert, isIcmpError, type Packet, sameTuple, type Tuple, tupleOf } from '../net/packet.ts';
import { type Awaited, payload, type Skb } from './skb.ts';

/** The tuple that the waiting socket sees; of an ICMP error, the quoted one turned round. */
export function seenBySocket(skb: Skb): Tuple {
  const packet = payload(skb);
  return isIcmpError(packet.icmp) ? invert(packet.icmp.original) : tupleOf(packet);
}

/** Is it the packet that the waiting socket expects, or an ICMP error that quotes the one that it has sent? */
export const isAwaited = (skb: Skb, { tuple }: Awaited): boolean => sameTuple(seenBySocket(skb), tuple) || isEchoFor(payload(skb), tuple);

/**
 * A ping's socket is not connected: the reply is known by its identifier, wherever it is from (`ping` prints DIFFERENT ADDRESS). Source:
 * ping_lookup, net/ipv4/ping.c; raw_v4_match, net/ipv4/raw.c.
 */
const isEchoFor = ({ icmp, destination }: Packet, { destination: own }: Tuple): boolean =>
  icmp?.type === 'echo-reply' && destination === own;
