import { and, type Bits, isEmpty, or, without } from './bits.ts';

/**
 * What may become of packets: `Outcome` of k8s/policy, of all peers at once. The outcomes of one peer are those that have it in one of their sets, in their
 * order; what is done to them here is what k8s/policy does to one peer's.
 */
export interface Outcome {
  readonly result: 'allow' | 'deny' | 'pass' | 'none';
  /** It denies by no rule: a NetworkPolicy isolates. */
  readonly isDefault: boolean;
  /** For whom it comes to this whatever the input leaves open, and for whom it may. No peer is in both. */
  readonly sure: Bits;
  readonly doubtful: Bits;
}

export type Outcomes = readonly Outcome[];

export const nothing = (sure: Bits, doubtful: Bits): Outcome => ({ result: 'none', isDefault: false, sure, doubtful });

const isOpen = ({ result }: Outcome): boolean => result === 'none' || result === 'pass';

/** The next tier is asked where this one leaves the packet to it. */
export const thenTier = (none: Bits, outcomes: Outcomes, next: () => Outcomes): Outcomes => continued(none, outcomes, isOpen, next);

/** The next policies of one tier are asked where these are not about the packet. */
export const thenPolicies = (none: Bits, outcomes: Outcomes, next: () => Outcomes): Outcomes =>
  continued(none, outcomes, (o) => o.result === 'none', next);

function continued(none: Bits, outcomes: Outcomes, leaves: (outcome: Outcome) => boolean, next: () => Outcomes): Outcomes {
  const left = outcomes.filter(leaves);
  const surely = left.map((o) => o.sure).reduce(or, none);
  const open = left.map((o) => o.doubtful).reduce(or, surely);
  if (isEmpty(open)) return outcomes.filter((o) => !leaves(o));
  const later = next().map((o) => {
    const sure = and(o.sure, surely);
    return { ...o, sure, doubtful: without(and(or(o.sure, o.doubtful), open), sure) };
  });
  return [...outcomes.filter((o) => !leaves(o)), ...later];
}

/** Policies of which the API does not say which comes first: where two differ, nobody knows. */
export function besideEachOther(all: Bits, none: Bits, each: readonly Outcomes[]): Outcomes {
  const decided = each.flat().filter((o) => o.result !== 'none');
  const undecided = (outcomes: Outcomes) =>
    outcomes.filter((o) => o.result === 'none').reduce((bits, o) => or(or(bits, o.sure), o.doubtful), none);
  const left = each.map(undecided).reduce(and, all);
  const surely = (result: Outcome['result']) => decided.filter((o) => o.result === result).reduce((bits, o) => or(bits, o.sure), none);
  const [allow, deny, pass] = [surely('allow'), surely('deny'), surely('pass')];
  const differ = or(or(and(allow, deny), and(allow, pass)), and(deny, pass));
  const doubted = isEmpty(differ)
    ? decided
    : decided.map((o) => ({ ...o, sure: without(o.sure, differ), doubtful: or(o.doubtful, and(o.sure, differ)) }));
  return [...doubted, nothing(left, none)];
}
