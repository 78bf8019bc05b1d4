import type { Hop } from '../hop/hop.ts';
import { rewrite } from '../net/change.ts';

/**
 * The hops of two walks one after another. The last one of the first walk, at the controller, leads from its header to that of the second, so
 * that a header is always the last one's plus a hop's changes. Where the second sends no packet, its hops have none of their own.
 */
export function joinedHops(before: readonly Hop[], after: readonly Hop[]): readonly Hop[] {
  const [last, start] = [before.at(-1), after[0]];
  if (last === undefined || start === undefined) return [...before, ...after];
  if (!after.some((h) => h.kind === 'socket')) return [...before, ...after.map((h) => ({ ...h, packet: last.packet }))];
  return [...before.slice(0, -1), { ...last, ...rewrite(last.packet, start.packet) }, ...after];
}
