import type { Wording } from '../source/sentence.ts';

/** A sentence for the facts of each code. */
export type Words<Facts> = { readonly [Code in keyof Facts]: (facts: Facts[Code]) => Wording };
