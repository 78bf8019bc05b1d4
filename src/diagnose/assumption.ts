import type { Locus } from '../source/origin.ts';

/** Something that the answer takes for granted. */
export interface Assumption {
  readonly message: string;
  readonly locus: Locus | null;
}
