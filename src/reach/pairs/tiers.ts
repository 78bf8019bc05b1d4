import type { Policy, PolicyRule } from '../../k8s/policy/policy.ts';
import { isOfNewerVersion } from '../../k8s/policy/tiers.ts';
import { and, type Bits, isEmpty, or, putAll, without } from './bits.ts';
import type { Fits } from './fits.ts';
import { besideEachOther, nothing, type Outcome, type Outcomes, thenPolicies, thenTier } from './outcomes.ts';

/** A policy that is about a pod. */
export interface Selected {
  readonly policy: Policy;
  /** The input does not say whether it is. */
  readonly isDoubtful: boolean;
}

/** What the policies about a pod are asked, of all peers at once. */
export interface Asking {
  readonly all: Bits;
  readonly none: Bits;
  rules(policy: Policy): readonly PolicyRule[];
  fits(policy: Policy, rule: PolicyRule): Fits;
}

/** The tiers of k8s/policy, one after the other. */
export function outcomesOf(asking: Asking, selected: readonly Selected[]): Outcomes {
  const inTier = (tier: Policy['tier']) => selected.filter(({ policy }) => policy.tier === tier);
  const [first, middle, last] = [inTier('Admin'), inTier('NetworkPolicy'), inTier('Baseline')];
  // Tiers without a policy, as most are, leave everything as it is.
  const ofMiddle = () => networkPolicyTier(asking, middle);
  const before = first.length === 0 ? ofMiddle() : thenTier(asking.none, rankedTier(asking, first), ofMiddle);
  return last.length === 0 ? before : thenTier(asking.none, before, () => rankedTier(asking, last));
}

function rankedTier(asking: Asking, selected: readonly Selected[]): Outcomes {
  const isCurrent = ({ policy }: Selected): boolean => policy.kind === 'ClusterNetworkPolicy';
  const chains = [selected.filter((s) => !isCurrent(s)), selected.filter(isCurrent)];
  return besideEachOther(
    asking.all,
    asking.none,
    chains.map((chain) => chainOutcomes(asking, chain)),
  );
}

function chainOutcomes(asking: Asking, chain: readonly Selected[]): Outcomes {
  const priorities = [...new Set(chain.map(({ policy }) => policy.priority))];
  const from = (i: number): Outcomes => {
    const group = chain.filter(({ policy }) => policy.priority === priorities[i]);
    if (group.length === 0) return [nothing(asking.all, asking.none)];
    const each = group.map((one) => policyOutcomes(asking, one));
    return thenPolicies(asking.none, besideEachOther(asking.all, asking.none, each), () => from(i + 1));
  };
  return from(0);
}

/** The first rule that is about a packet decides. */
function policyOutcomes({ all, none, rules, fits }: Asking, { policy, isDoubtful }: Selected): Outcomes {
  const found: Outcome[] = [];
  let left = all;
  for (const rule of rules(policy)) {
    const isNewer = isOfNewerVersion(rule);
    if (isNewer && rule.action === 'allow') continue;
    const { yes, unknown } = isNewer ? { yes: all, unknown: none } : fits(policy, rule);
    const [sure, doubtful] = [and(yes, left), and(unknown, left)];
    const result = isNewer ? 'deny' : rule.action;
    found.push({ result, isDefault: false, sure: isDoubtful ? none : sure, doubtful: isDoubtful ? or(sure, doubtful) : doubtful });
    left = without(left, yes);
  }
  return [...found, nothing(isDoubtful ? all : left, none)];
}

/** One that is about the pod isolates it, and what any of them allows is allowed. */
function networkPolicyTier({ all, none, rules, fits }: Asking, selected: readonly Selected[]): Outcomes {
  const [allowed, maybe, unmatched] = [none.slice(), none.slice(), none.slice()];
  for (const { policy, isDoubtful } of selected) {
    const matched = none.slice();
    for (const rule of rules(policy)) {
      const { yes, unknown } = fits(policy, rule);
      putAll(matched, yes);
      putAll(maybe, unknown);
    }
    if (isDoubtful) {
      putAll(maybe, matched);
      putAll(unmatched, without(all, matched));
    } else putAll(allowed, matched);
  }
  const isIsolated = selected.some((s) => !s.isDoubtful);
  const left = without(all, allowed);
  const allow: Outcome = { result: 'allow', isDefault: false, sure: allowed, doubtful: without(maybe, allowed) };
  if (isIsolated) return [allow, { result: 'deny', isDefault: true, sure: left, doubtful: none }];
  const isolation: Outcome[] = isEmpty(unmatched) ? [] : [{ result: 'deny', isDefault: true, sure: none, doubtful: unmatched }];
  return [allow, ...isolation, nothing(all, none)];
}
