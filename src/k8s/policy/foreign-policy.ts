import type { PolicyDirection } from '../../datapath/policy-point.ts';
import type { Locus } from '../../source/origin.ts';
import type { EnforcerName } from './enforcement.ts';

/** Policies of an enforcer's own kinds. They are not evaluated: all that is known is which pods they may be about. */

/** `maybe`: what decides is not read, or not in the input. */
export type Selects = 'yes' | 'no' | 'maybe';

/** What a selector looks at. */
export interface PodView {
  readonly namespace: string;
  readonly labels: ReadonlyMap<string, string>;
  readonly ofNamespace: ReadonlyMap<string, string>;
  /** Are these all labels of the namespace? */
  readonly isNamespaceKnown: boolean;
}

export interface ForeignPolicy {
  readonly kind: string;
  /** Whose kind it is: no other enforcer looks at it. */
  readonly enforcer: EnforcerName;
  /** Null: cluster-wide. */
  readonly namespace: string | null;
  readonly name: string;
  readonly directions: readonly PolicyDirection[];
  readonly selects: (pod: PodView) => Selects;
  readonly locus: Locus;
}
