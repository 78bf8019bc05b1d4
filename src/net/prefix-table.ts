import type { IpAddress } from './address.ts';
import { networkOf, type Prefix } from './prefix.ts';

/**
 * Longest-prefix match: one hash map a prefix length, asked from the longest down. A node has few distinct lengths (a handful), so a
 * look-up is a handful of hash probes however many routes there are.
 */
export class PrefixTable<T> {
  readonly #byLength = new Map<number, Map<IpAddress, T[]>>();
  #lengths: number[] = [];

  add(prefix: Prefix, value: T): void {
    let bases = this.#byLength.get(prefix.length);
    if (bases === undefined) {
      bases = new Map();
      this.#byLength.set(prefix.length, bases);
      this.#lengths = [...this.#byLength.keys()].sort((a, b) => b - a);
    }
    const values = bases.get(prefix.address);
    if (values === undefined) bases.set(prefix.address, [value]);
    else values.push(value);
  }

  /** The values of each prefix that holds `a`, longest prefix first, until `found` answers with something. */
  search<R>(a: IpAddress, found: (values: readonly T[]) => R | undefined): R | undefined {
    for (const length of this.#lengths) {
      const values = this.#byLength.get(length)?.get(networkOf(a, length));
      if (values === undefined) continue;
      const result = found(values);
      if (result !== undefined) return result;
    }
    return undefined;
  }

  *values(): Iterable<T> {
    for (const bases of this.#byLength.values()) for (const values of bases.values()) yield* values;
  }
}
