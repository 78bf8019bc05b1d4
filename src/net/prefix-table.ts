import type { IpAddress } from './address.ts';
import { networkOf, type Prefix, samePrefix } from './prefix.ts';

interface Entry<T> {
  readonly prefix: Prefix;
  readonly values: T[];
}

/** A pod has four routes; a table of so few is read faster than it is hashed, and there may be a hundred thousand of them. */
const FEW = 8;

/**
 * Longest-prefix match. A small table is a list; a large one has a hash map a prefix length, asked from the longest down: a node has few
 * distinct lengths (a handful), so a look-up is a handful of probes however many routes there are.
 */
export class PrefixTable<T> {
  readonly #entries: Entry<T>[] = [];
  #byLength: Map<number, Map<IpAddress, T[]>> | null = null;
  #lengths: number[] = [];

  add(prefix: Prefix, value: T): void {
    const known =
      this.#byLength === null ? this.#entries.find((e) => samePrefix(e.prefix, prefix))?.values : this.at(prefix.address, prefix.length);
    if (known !== undefined) {
      known.push(value);
      return;
    }
    const entry: Entry<T> = { prefix, values: [value] };
    this.#entries.push(entry);
    if (!this.#lengths.includes(prefix.length)) this.#lengths = [...this.#lengths, prefix.length].sort((a, b) => b - a);
    if (this.#byLength !== null) index(this.#byLength, entry);
    else if (this.#entries.length > FEW) this.#byLength = indexAll(this.#entries);
  }

  /** The lengths that there are, longest first. */
  get lengths(): readonly number[] {
    return this.#lengths;
  }

  /** The values of the prefix of this length that holds `a`. */
  at(a: IpAddress, length: number): T[] | undefined {
    const network = networkOf(a, length);
    if (this.#byLength !== null) return this.#byLength.get(length)?.get(network);
    for (const { prefix, values } of this.#entries) if (prefix.length === length && prefix.address === network) return values;
    return undefined;
  }

  /** The values of the longest prefix that holds `a`. */
  longest(a: IpAddress): readonly T[] | undefined {
    for (const length of this.#lengths) {
      const values = this.at(a, length);
      if (values !== undefined) return values;
    }
    return undefined;
  }

  *values(): Iterable<T> {
    for (const { values } of this.#entries) yield* values;
  }
}

function indexAll<T>(entries: readonly Entry<T>[]): Map<number, Map<IpAddress, T[]>> {
  const byLength = new Map<number, Map<IpAddress, T[]>>();
  for (const entry of entries) index(byLength, entry);
  return byLength;
}

function index<T>(byLength: Map<number, Map<IpAddress, T[]>>, { prefix, values }: Entry<T>): void {
  const bases = byLength.get(prefix.length);
  if (bases === undefined) byLength.set(prefix.length, new Map([[prefix.address, values]]));
  else bases.set(prefix.address, values);
}
