/**
 * A text that is the same for equal things, wherever they were written. Elements that packets put into a set are left out: they come and
 * go.
 */
export const keyOf = (thing: unknown): string => JSON.stringify(thing, plain);

export const sameState = (a: unknown, b: unknown): boolean => keyOf(a) === keyOf(b);

function plain(key: string, value: unknown): unknown {
  if (key === 'origin' || key === 'locus' || key === 'listed') return undefined;
  if (typeof value === 'bigint') return `${value}n`;
  if (value instanceof Map) return [...value].sort(([a], [b]) => (String(a) < String(b) ? -1 : 1));
  if (value instanceof Set) return [...value];
  return isSetOfNft(value) ? { ...value, elements: isFilled(value) ? null : [...value.elements()].map(keyOf).sort() } : value;
}

interface SetOfNft {
  readonly flags: readonly string[];
  elements(): Iterable<unknown>;
}

const isSetOfNft = (value: unknown): value is SetOfNft =>
  typeof value === 'object' && value !== null && 'elements' in value && typeof value.elements === 'function' && 'flags' in value;

const isFilled = ({ flags }: SetOfNft): boolean => flags.includes('dynamic') || flags.includes('timeout');
