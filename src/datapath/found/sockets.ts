import type { Socket } from '../netns.ts';

/** The found sockets; for a protocol without any, of which not all were listed, the compiled ones. */
export function foundSockets(
  compiled: readonly Socket[],
  found: readonly Socket[],
  listed: readonly Socket['protocol'][],
): readonly Socket[] {
  const given = new Set([...found.map((s) => s.protocol), ...listed]);
  const others = (['tcp', 'udp', 'sctp'] as const).filter((p) => !given.has(p));
  return [
    ...found,
    ...compiled.flatMap((s) => (s.protocol === null ? others.map((protocol) => ({ ...s, protocol })) : given.has(s.protocol) ? [] : [s])),
  ];
}
