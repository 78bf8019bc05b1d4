import type { Socket } from '../netns.ts';

/** Those that were found, and of the protocols that none was found of, those that were compiled. */
export function foundSockets(compiled: readonly Socket[], found: readonly Socket[]): readonly Socket[] {
  const given = new Set(found.map((s) => s.protocol));
  const others = (['tcp', 'udp', 'sctp'] as const).filter((p) => !given.has(p));
  return [
    ...found,
    ...compiled.flatMap((s) => (s.protocol === null ? others.map((protocol) => ({ ...s, protocol })) : given.has(s.protocol) ? [] : [s])),
  ];
}
