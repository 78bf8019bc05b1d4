import type { Locus } from '../source/origin.ts';
import type { LabelSelector } from './label-selector.ts';
import { labelSelectorMatches } from './label-selector.ts';
import type { Pod } from './pod.ts';

/** A NetworkPolicy, as far as it is known: whose pods it is about, and in which directions. */
export interface Policy {
  readonly namespace: string;
  readonly name: string;
  readonly selector: LabelSelector;
  /** Null: it says nothing of this direction. */
  readonly ingress: PolicyRules | null;
  readonly egress: PolicyRules | null;
  readonly locus: Locus;
}

/** `open`: one of its rules lets everything pass. Policies add up, so that what one of them allows is allowed. */
type PolicyRules = 'open' | 'selective';

export type Direction = 'ingress' | 'egress';

/** The policies that decide about a pod's packets in a direction; none: all pass. A pod on its node's network has none. */
export function policiesOn(policies: readonly Policy[], pod: Pod, direction: Direction): readonly Policy[] {
  if (pod.hostNetwork) return [];
  const own = policies.filter(
    (p) => p[direction] !== null && p.namespace === pod.namespace && labelSelectorMatches(p.selector, pod.labels),
  );
  return own.some((p) => p[direction] === 'open') ? [] : own;
}
