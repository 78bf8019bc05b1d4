import type { PolicyRef } from '../datapath/policy-point.ts';
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
    selected: selected.map((p) => ({ ...named(p), tier: p.tier, priority: p.priority, source: locate(p.origin.locus) })),
    decidedBy:
      decidedBy === null
        ? null
        : {
            ...named(decidedBy.policy),
            rule: decidedBy.rule,
            peer: decidedBy.peer,
            port: decidedBy.port,
            action: decidedBy.action,
            source: locate(decidedBy.origin.locus),
          },
    candidates: candidates.map(({ policy, rule, failed, text, origin }) => ({
      ...named(policy),
      rule,
      failed,
      text,
      source: locate(origin.locus),
    })),
  };
}

const named = ({ kind, namespace, name }: PolicyRef) => ({ kind, namespace, name });
