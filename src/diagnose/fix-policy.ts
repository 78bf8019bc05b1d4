import { policyText } from '../hop/policy-names.ts';
import { advised } from './remedy.ts';
import { type Fixer, place } from './scene.ts';

/** The policy that decided is to be looked at. */
export const seePolicies: Fixer<'POLICY_DEFAULT_DENY' | 'POLICY_EXPLICIT_DENY'> = ({ facts, origin }) => {
  const policy = 'by' in facts ? facts.by.policy : facts.selected[0];
  if (policy === undefined) return [];
  const { direction, pod } = facts;
  const rule = direction === 'ingress' ? 'an ingress rule that lets its sender into' : 'an egress rule that lets this out of';
  const how = 'by' in facts ? 'change the rule that denies it, or put one before it that allows it' : `add ${rule} ${pod}`;
  return [advised('elsewhere', `${how}: ${policyText(policy)}${origin.locus === null ? '' : ` (${place(origin.locus)})`}`)];
};
