/** A part of the cluster whose doing is not known: something else is taken in its place, and whatever hangs on that is in doubt. */
export interface Guess {
  /** The real one, as people call it: `weave`, `ipvs`; where not even that is known, `the CNI plugin`. */
  readonly name: string;
  /** What is taken for it, and what is not modelled: one line. */
  readonly what: string;
  /** The command that would tell, on a node. */
  readonly command: string;
}
