import type { Hook, Rule, Tied } from '../datapath/netfilter/ruleset.ts';
import type { PolicyPoint } from '../datapath/policy-point.ts';
import type { RoutingRule } from '../datapath/routing-rule.ts';
import type { Unrouted } from '../datapath/unrouted.ts';

/** An open question of a walk, with a supposed answer. */

export type Supposed = SupposedMatch | SupposedOrder | SupposedTie;

/** A supposed answer to a match that is not modelled, or of a policy point, for a packet like this one at this place. */
export interface SupposedMatch {
  readonly kind: 'match';
  readonly asked: OpenMatch;
  /** Does the rule match, does the point refuse, is the destination the machine's own? Null: nothing is taken for it, and the walk ends there. */
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

/** A hook whose base chains have another effect on the packet in the other possible order. */
export interface Tie {
  readonly netns: string;
  readonly hook: Hook;
}

/** An open question that a walk can be tried with each answer to. */
export type Open = OpenMatch | OpenTie;

/** The order of tied base chains, which is the same for all packets. */
export interface OpenTie {
  readonly tied: Tied;
}

export interface OpenMatch {
  readonly of: Rule | PolicyPoint | RoutingRule | Unrouted;
  /** The packet's header, its machine and its devices: whatever the match looks at is alike for one that is alike in these. */
  readonly at: string;
}
