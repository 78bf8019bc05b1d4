import type { PolicyDecider, PolicyRef } from '../datapath/policy-point.ts';
import type { PolicyHop } from '../hop/linux-hop.ts';
import { locate } from './locate.ts';

/** The policies that were asked, as the JSON has them. */
export function policyDocument({ kind, direction, pod, enforcer, decision }: PolicyHop) {
  const { verdict, selected, decidedBy, candidates } = decision;
  return {
    kind,
    direction,
    pod,
    enforcer,
    verdict,
    selected: selected.map(selectedDocument),
    decidedBy: decidedBy === null ? null : deciderDocument(decidedBy),
    candidates: candidates.map(({ policy, rule, failed, text, origin }) => ({
      ...named(policy),
      rule,
      failed,
      text,
      source: locate(origin.locus),
    })),
  };
}

export const selectedDocument = (policy: PolicyRef) => ({
  ...named(policy),
  tier: policy.tier,
  priority: policy.priority,
  source: locate(policy.origin.locus),
});

export const deciderDocument = ({ policy, rule, peer, port, action, origin }: PolicyDecider) => ({
  ...named(policy),
  rule,
  peer,
  port,
  action,
  source: locate(origin.locus),
});

const named = ({ kind, namespace, name }: PolicyRef) => ({ kind, namespace, name });
