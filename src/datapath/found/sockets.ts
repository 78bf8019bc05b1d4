import type { Socket } from '../netns.ts';

/** The found sockets; for a protocol without any, the compiled ones. */
export function foundSockets(compiled: readonly Socket[], found: readonly Socket[]): readonly Socket[] {
  const given = new Set(found.map((s) => s.protocol));
  const others = (['tcp', 'udp', 'sctp'] as const).filter((p) => !given.has(p));
  return [
    ...found,
    ...compiled.flatMap((s) => (s.protocol === null ? others.map((protocol) => ({ ...s, protocol })) : given.has(s.protocol) ? [] : [s])),
  ];
}
