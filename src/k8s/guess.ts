/** A part of the cluster whose doing is not known: something else is taken in its place, and whatever hangs on that is in doubt. */
export interface Guess {
  /** The real one, as people call it: `weave`, `ipvs`; null: not even that is known. */
  readonly name: string | null;
  /** What is taken for it, and what is not modelled: one line. */
  readonly what: string;
  /** The command that would tell. */
  readonly command: string;
}
