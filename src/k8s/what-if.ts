import type { Locus } from '../source/origin.ts';

/** A change of the input that is supposed, and not made. */
export interface WhatIf {
  /** `merged`: some fields of it; `down`: a node that has no power, and is listed still. */
  readonly change: 'added' | 'replaced' | 'merged' | 'removed' | 'down';
  /** `NetworkPolicy/shop/deny-all`; of a Topology's own, `Router/r1` or `Topology`. */
  readonly object: string;
  /** The patch; null: a flag says it. */
  readonly locus: Locus | null;
  /** What goes with it, as the pods of a Deployment. */
  readonly along: readonly string[];
}
