import type { PolicyDecider } from '../../datapath/policy-point.ts';
import type { Doubt } from './fit.ts';

/**
 * What may become of a packet in one or more tiers: several outcomes where something is not known, of which at most one needs no doubt. `none`: nothing
 * in there is about it. `pass`: the rest of the tier is not asked.
 */
export interface Outcome {
  readonly result: 'allow' | 'deny' | 'pass' | 'none';
  readonly decider: PolicyDecider | null;
  /** What would have to be so that it comes to this; null: nothing. */
  readonly doubt: Doubt | null;
}

export type Outcomes = readonly Outcome[];

export const NOTHING: Outcomes = [{ result: 'none', decider: null, doubt: null }];

const isOpen = ({ result }: Outcome): boolean => result === 'none' || result === 'pass';

/** The next tier is asked where this one leaves the packet to it. */
export const thenTier = (outcomes: Outcomes, next: () => Outcomes): Outcomes => continued(outcomes, isOpen, next);

/** The next policies of one tier are asked where these are not about the packet. */
export const thenPolicies = (outcomes: Outcomes, next: () => Outcomes): Outcomes => continued(outcomes, (o) => o.result === 'none', next);

function continued(outcomes: Outcomes, leaves: (outcome: Outcome) => boolean, next: () => Outcomes): Outcomes {
  const open = outcomes.filter(leaves);
  const [first] = open;
  if (first === undefined) return outcomes;
  const passed = open.find((o) => o.decider !== null)?.decider ?? null;
  const doubt = open.some((o) => o.doubt === null) ? null : first.doubt;
  const later = next().map((o) => ({ ...o, decider: o.decider ?? passed, doubt: o.doubt ?? doubt }));
  return [...outcomes.filter((o) => !leaves(o)), ...later];
}

/** Policies of which the API does not say which comes first: where two differ, nobody knows. */
export function besideEachOther(each: readonly Outcomes[], differ: (one: PolicyDecider, other: PolicyDecider) => Doubt): Outcomes {
  const decided = each.flat().filter((o) => o.result !== 'none');
  const isSure = each.some((outcomes) => outcomes.every((o) => o.result !== 'none'));
  const [one, ...others] = decided.filter((o) => o.doubt === null);
  const other = others.find((o) => o.result !== one?.result);
  const doubt = one?.decider != null && other?.decider != null ? differ(one.decider, other.decider) : null;
  return [...decided.map((o) => ({ ...o, doubt: o.doubt ?? doubt })), ...(isSure ? [] : NOTHING)];
}
