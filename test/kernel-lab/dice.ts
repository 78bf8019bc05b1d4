/** Choices that a seed makes. */
export interface Dice {
  /** From 0 to `below`, without it. */
  nat(below: number): number;
  one<T>(list: readonly T[]): T;
  /** True once in so many times. */
  rarely(times: number): boolean;
}

/** A linear congruential generator, of which the upper bits are taken; the constants are those of glibc's `rand`. */
export function diceOf(seed: number): Dice {
  let state = (Math.imul(seed, 2_654_435_761) ^ 0x5bd1e995) >>> 0;
  const nat = (below: number): number => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return Math.floor(((state >>> 8) / 0x1_00_00_00) * below);
  };
  return {
    nat,
    one: (list) => {
      const chosen = list[nat(list.length)];
      if (chosen === undefined) throw new Error('there is nothing to choose from');
      return chosen;
    },
    rarely: (times) => nat(times) === 0,
  };
}
