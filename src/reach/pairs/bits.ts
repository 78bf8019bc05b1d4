/** A set of small numbers: number n is bit n % 32 of word n / 32. All sets of one universe are of one length, and are never changed once they are made. */
export type Bits = Uint32Array;

export const noBits = (size: number): Bits => new Uint32Array((size + 31) >>> 5);

export function allBits(size: number): Bits {
  const bits = noBits(size).fill(0xffffffff);
  const rest = size & 31;
  if (rest > 0) bits[bits.length - 1] = 2 ** rest - 1;
  return bits;
}

/** While a set is made. */
export function put(bits: Bits, n: number): void {
  bits[n >>> 5] = (bits[n >>> 5] ?? 0) | (1 << (n & 31));
}

export function putAll(bits: Bits, more: Bits): void {
  for (let i = 0; i < bits.length; i++) bits[i] = (bits[i] ?? 0) | (more[i] ?? 0);
}

export const has = (bits: Bits, n: number): boolean => (((bits[n >>> 5] ?? 0) >>> (n & 31)) & 1) === 1;

export function or(a: Bits, b: Bits): Bits {
  const made = new Uint32Array(a.length);
  for (let i = 0; i < made.length; i++) made[i] = (a[i] ?? 0) | (b[i] ?? 0);
  return made;
}

export function and(a: Bits, b: Bits): Bits {
  const made = new Uint32Array(a.length);
  for (let i = 0; i < made.length; i++) made[i] = (a[i] ?? 0) & (b[i] ?? 0);
  return made;
}

/** What is in `a` and not in `b`. */
export function without(a: Bits, b: Bits): Bits {
  const made = new Uint32Array(a.length);
  for (let i = 0; i < made.length; i++) made[i] = (a[i] ?? 0) & ~(b[i] ?? 0);
  return made;
}

export function isEmpty(bits: Bits): boolean {
  for (let i = 0; i < bits.length; i++) if (bits[i] !== 0) return false;
  return true;
}

export function countOf(bits: Bits): number {
  let count = 0;
  for (let i = 0; i < bits.length; i++) for (let word = bits[i] ?? 0; word !== 0; word &= word - 1) count++;
  return count;
}

/** Ascending. */
export function* numbersIn(bits: Bits): Iterable<number> {
  for (let i = 0; i < bits.length; i++)
    for (let word = bits[i] ?? 0; word !== 0; word &= word - 1) yield i * 32 + 31 - Math.clz32(word & -word);
}
