import type { Hook, Rule, Tied } from '../datapath/netfilter/ruleset.ts';
import type { PolicyPoint } from '../datapath/policy-point.ts';
import type { RoutingRule } from '../datapath/routing-rule.ts';

/** What nobody knows about a walk, and what is taken for an answer to it. */

export type Supposed = SupposedMatch | SupposedOrder | SupposedTie;

/** What is taken for an answer that nobody knows: of a rule's match that is not modelled, or of a policy point, for a packet like this one at this place. */
export interface SupposedMatch {
  readonly kind: 'match';
  readonly asked: OpenMatch;
  /** Does the rule match, does the point refuse? Null: nothing is taken for it, and the walk ends there. */
  readonly matches: boolean | null;
  readonly older: Supposed | null;
}

/** Base chains came in the other order that they may have come in. */
export interface SupposedOrder {
  readonly kind: 'order';
  readonly older: Supposed | null;
}

/** One of the orders in which a hook's base chains may run. */
export interface SupposedTie {
  readonly kind: 'tie';
  readonly asked: OpenTie;
  /** Null: nothing is taken for it, and the walk ends there. */
  readonly order: number | null;
  readonly older: Supposed | null;
}

/** A hook whose base chains do something else to the packet in the other order that they may have come in. */
export interface Tie {
  readonly netns: string;
  readonly hook: Hook;
}

/** What nobody knows, and a walk can be tried with each answer to. */
export type Open = OpenMatch | OpenTie;

/** In which order do they run? A machine's order is one for all packets. */
export interface OpenTie {
  readonly tied: Tied;
}

export interface OpenMatch {
  readonly of: Rule | PolicyPoint | RoutingRule;
  /** The packet's header, its machine and its devices: whatever the match looks at is alike for one that is alike in these. */
  readonly at: string;
}
