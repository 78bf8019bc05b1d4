import type { PolicyCandidate, PolicyDecider } from '../../datapath/policy-point.ts';
import { declared } from '../../source/origin.ts';
import type { Policy, PolicyRule } from './policy.ts';
import type { RuleFit } from './rule-fit.ts';
import { isOfNewerVersion } from './tiers.ts';

/** The rules that could have let the packet through, in the order of evaluation up to the one that decided, and why each did not. */
export function candidates(
  policies: readonly Policy[],
  rules: (policy: Policy) => readonly PolicyRule[],
  fitOf: (policy: Policy, rule: PolicyRule) => RuleFit,
  decidedBy: PolicyDecider | null,
): readonly PolicyCandidate[] {
  const found: PolicyCandidate[] = [];
  for (const policy of policies) {
    // Whom a NetworkPolicy isolates is not left to the Baseline tier.
    if (decidedBy?.rule === null && policy.tier === 'Baseline') break;
    for (const [index, rule] of rules(policy).entries()) {
      if (decidedBy?.policy === policy && decidedBy.rule === index) return found;
      // What passes goes to the next tier: it helps against a rule of its own only.
      const couldHelp = rule.action === 'allow' || (rule.action === 'pass' && decidedBy?.policy.tier === policy.tier);
      const failure = couldHelp ? failureOf(rule, fitOf(policy, rule)) : null;
      if (failure !== null) found.push({ policy, rule: index, ...failure, origin: declared(rule.locus) });
    }
  }
  return found;
}

/** Null: it fits. */
function failureOf(rule: PolicyRule, fit: RuleFit): Pick<PolicyCandidate, 'failed' | 'text'> | null {
  if (isOfNewerVersion(rule)) return { failed: 'peer', text: 'it names a peer of a newer version of the API, and then it allows nothing' };
  if (fit.fits === 'yes') return null;
  if (fit.fits === 'no') return { failed: fit.failed, text: fit.why() };
  return { failed: 'unknown', text: `the input does not say ${fit.doubt.text}` };
}
