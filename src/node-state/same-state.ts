/** What a thing says, as a text that is the same for things that say the same, wherever they were written. */
export const keyOf = (thing: unknown): string => JSON.stringify(thing, plain);

export const sameState = (a: unknown, b: unknown): boolean => keyOf(a) === keyOf(b);

function plain(key: string, value: unknown): unknown {
  if (key === 'origin' || key === 'locus') return undefined;
  if (typeof value === 'bigint') return `${value}n`;
  if (value instanceof Map) return [...value].sort(([a], [b]) => (String(a) < String(b) ? -1 : 1));
  if (value instanceof Set) return [...value];
  return value;
}
