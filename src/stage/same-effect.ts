import { tupleOf } from '../net/packet.ts';
import type { Result } from './filter.ts';

/** Does a hook do the same to a packet in two orders of its chains, as often? What the packet passed on its way there is no matter. */
export function doTheSame(some: readonly Result[], others: readonly Result[]): boolean {
  const [one, other] = [some[0], others[0]];
  if (some.length === 1 && others.length === 1 && one !== undefined && other !== undefined && isUntouched(one, other)) return true;
  const [a, b] = [shares(some), shares(others)];
  return a.size === b.size && [...a].every(([effect, share]) => Math.abs(share - (b.get(effect) ?? -1)) < 1e-9);
}

/** Most packets come out of most hooks as they went in, which needs no text to be seen. */
const isUntouched = (a: Result, b: Result): boolean =>
  a.end === null &&
  b.end === null &&
  a.taken === b.taken &&
  a.skb.packet === b.skb.packet &&
  a.skb.mark === b.skb.mark &&
  a.skb.remarked === b.skb.remarked &&
  a.skb.probability === b.skb.probability &&
  a.skb.tracked?.connection === b.skb.tracked?.connection;

function shares(results: readonly Result[]): ReadonlyMap<string, number> {
  const found = new Map<string, number>();
  for (const result of results) {
    const effect = effectOf(result);
    found.set(effect, (found.get(effect) ?? 0) + result.skb.probability);
  }
  return found;
}

function effectOf({ skb: { packet, mark, remarked, tracked }, end, taken }: Result): string {
  const connection = tracked?.connection;
  const known = connection == null ? [] : [...Object.values(connection.reply), connection.mark];
  const ended = end === null || !('failure' in end) ? [end?.kind] : [end.kind, end.failure.code];
  return [...Object.values(tupleOf(packet)), mark, remarked, ...known, ...ended, taken].join(' ');
}
