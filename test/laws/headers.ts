import { expect } from 'vitest';
import type { HopDocument } from '../../src/index.ts';

/** Reads a field by its name in `changes`, as `icmp.original.source`. */
function field(packet: HopDocument['packet'], name: string): unknown {
  return name
    .split('.')
    .reduce<unknown>(
      (value, key) => (typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[key] : undefined),
      packet,
    );
}

/** A hop's header is the previous one's plus its changes, and an interface changes nothing. Answers how many changes there were. */
export function headersFollow(hops: readonly HopDocument[]): number {
  let changed = 0;
  for (const [i, hop] of hops.entries()) {
    const before = hops[i - 1];
    if (before === undefined) continue;
    const expected = structuredClone(before.packet);
    for (const change of hop.changes) {
      changed++;
      expect(field(before.packet, change.field)).toBe(change.from);
      const path = change.field.split('.');
      const last = path.pop() ?? '';
      const target = path.length === 0 ? expected : field(expected, path.join('.'));
      Object.assign(target as object, { [last]: change.to });
    }
    expect(hop.packet).toEqual(expected);
    if (hop.kind === 'interface') expect(hop.changes).toEqual([]);
  }
  return changed;
}
