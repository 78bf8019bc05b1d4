import type { PolicyDecider } from '../../datapath/policy-point.ts';
import { declared } from '../../source/origin.ts';
import type { Doubt } from './fit.ts';
import { besideEachOther, NOTHING, type Outcome, type Outcomes, thenPolicies } from './outcome.ts';
import type { Policy, PolicyRule } from './policy.ts';
import type { RuleFit } from './rule-fit.ts';
import type { Selected } from './subjects.ts';

type FitOf = (policy: Policy, rule: PolicyRule) => RuleFit;

/** A rule names a peer of a version that is newer than its reader: then an allowing rule allows nothing, and any other denies all. Source: the API's words on its peers. */
export const isOfNewerVersion = ({ peers }: PolicyRule): boolean => peers?.some((p) => p.kind === 'unknown') ?? false;

/** The Admin or the Baseline tier: by priority, the first rule that matches. The API does not say how its two kinds mix. */
export function rankedTier(selected: readonly Selected[], rules: (policy: Policy) => readonly PolicyRule[], fitOf: FitOf): Outcomes {
  const [old, current] = [selected.filter((s) => !isCurrent(s)), selected.filter(isCurrent)];
  return besideEachOther([chainOutcomes(old, rules, fitOf), chainOutcomes(current, rules, fitOf)], mixed);
}

const isCurrent = ({ policy }: Selected): boolean => policy.kind === 'ClusterNetworkPolicy';

/** Policies of one kind, in the order of their priorities; of those with the same one the API does not say which comes first. */
function chainOutcomes(chain: readonly Selected[], rules: (policy: Policy) => readonly PolicyRule[], fitOf: FitOf): Outcomes {
  const priorities = [...new Set(chain.map(({ policy }) => policy.priority))];
  const from = (i: number): Outcomes => {
    const group = chain.filter(({ policy }) => policy.priority === priorities[i]);
    if (group.length === 0) return NOTHING;
    const each = group.map(({ policy, doubt }) => policyOutcomes(policy, doubt, rules(policy), fitOf));
    return thenPolicies(besideEachOther(each, equalPriorities), () => from(i + 1));
  };
  return from(0);
}

function policyOutcomes(policy: Policy, subject: Doubt | null, rules: readonly PolicyRule[], fitOf: FitOf): Outcomes {
  const found: Outcome[] = [];
  for (const [index, rule] of rules.entries()) {
    const outcome = ruleOutcome(policy, rule, index, fitOf);
    if (outcome === null) continue;
    found.push({ ...outcome, doubt: subject ?? outcome.doubt });
    if (outcome.doubt === null) return subject === null ? found : [...found, ...NOTHING];
  }
  return [...found, ...NOTHING];
}

function ruleOutcome(policy: Policy, rule: PolicyRule, index: number, fitOf: FitOf): Outcome | null {
  const isNewer = isOfNewerVersion(rule);
  if (isNewer && rule.action === 'allow') return null;
  if (isNewer) return { result: 'deny', decider: { ...deciderOf(policy, rule, index, null, null), action: 'Deny' }, doubt: null };
  const fit = fitOf(policy, rule);
  if (fit.fits === 'no') return null;
  const decider = deciderOf(policy, rule, index, fit.peer, fit.port);
  return { result: rule.action, decider, doubt: fit.fits === 'unknown' ? fit.doubt : null };
}

/** NetworkPolicies: one that is about the pod isolates it, and what any of them allows is allowed. */
export function networkPolicyTier(selected: readonly Selected[], rules: (policy: Policy) => readonly PolicyRule[], fitOf: FitOf): Outcomes {
  const allows: Outcome[] = [];
  const denies: Outcome[] = [];
  for (const { policy, doubt: subject } of selected) {
    const found = policyAllows(policy, rules(policy), fitOf);
    const sure = found.find((o) => o.doubt === null);
    if (sure !== undefined && subject === null) return [sure];
    allows.push(...found.map((o) => ({ ...o, doubt: subject ?? o.doubt })));
    if (sure === undefined) denies.push({ result: 'deny', decider: isolation(policy), doubt: subject });
  }
  const isolating = denies.find((o) => o.doubt === null) ?? denies[0];
  const isIsolated = selected.some(({ doubt }) => doubt === null);
  return [...allows, ...(isolating === undefined ? [] : [isolating]), ...(isIsolated ? [] : NOTHING)];
}

function policyAllows(policy: Policy, rules: readonly PolicyRule[], fitOf: FitOf): Outcomes {
  const found: Outcome[] = [];
  for (const [index, rule] of rules.entries()) {
    const fit = fitOf(policy, rule);
    if (fit.fits === 'no') continue;
    const decider = deciderOf(policy, rule, index, fit.peer, fit.port);
    found.push({ result: 'allow', decider, doubt: fit.fits === 'unknown' ? fit.doubt : null });
  }
  return found;
}

function deciderOf(policy: Policy, rule: PolicyRule, index: number, peer: number | null, port: number | null): PolicyDecider {
  return { policy, rule: index, peer, port, action: actionOf(policy, rule), origin: declared(rule.locus) };
}

/** What is not allowed is denied by the policy that isolates the pod, and by no rule. */
const isolation = (policy: Policy): PolicyDecider => ({
  policy,
  rule: null,
  peer: null,
  port: null,
  action: 'Deny',
  origin: policy.origin,
});

function actionOf({ kind }: Policy, { action }: PolicyRule): PolicyDecider['action'] {
  switch (action) {
    case 'allow':
      return kind === 'ClusterNetworkPolicy' ? 'Accept' : 'Allow';
    case 'deny':
      return 'Deny';
    case 'pass':
      return 'Pass';
  }
}

const named = ({ policy: { kind, name }, action }: PolicyDecider): string => `${action} of ${kind} ${name}`;

const equalPriorities = (one: PolicyDecider, other: PolicyDecider): Doubt => ({
  text: `whether ${named(one)} or ${named(other)} comes first: both have priority ${one.policy.priority}`,
  command: null,
  origin: other.origin,
});

const mixed = (one: PolicyDecider, other: PolicyDecider): Doubt => ({
  text: `whether ${named(one)} or ${named(other)} comes first: the API gives these two kinds no order`,
  command: null,
  origin: other.origin,
});
