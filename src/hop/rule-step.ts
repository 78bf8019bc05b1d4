import type { Condition, Rule } from '../datapath/netfilter/ruleset.ts';
import type { MapElement } from '../datapath/netfilter/sets.ts';
import type { Target } from '../datapath/netfilter/target.ts';
import type { Origin } from '../source/origin.ts';

/** A rule that was met on the way to a verdict: the chain it stands in, and itself. */
export interface RuleStep {
  readonly chain: string;
  readonly rule: Rule;
  /** The entry of its map that was hit, if it has one. */
  readonly element?: MapElement;
}

/** A rule that was looked at and did not match, and the first condition that failed. */
export interface Miss extends RuleStep {
  readonly failed: Condition;
}

/** What the rule did with the packet, by itself or by its map. Null: nothing, it went on. */
export function targetOf({ rule, element }: RuleStep): Target | null {
  const verdict = element?.verdict ?? rule.target;
  return verdict?.kind === 'CONTINUE' ? null : verdict;
}

export const originOf = ({ rule, element }: RuleStep): Origin => element?.origin ?? rule.origin;
export const commentOf = ({ rule, element }: RuleStep): string | null => element?.comment ?? rule.comment;
