import type { PolicyDirection, PolicySkip } from '../datapath/policy-point.ts';
import type { PolicyHop } from './linux-hop.ts';
import { policiesText, policyText, ruleText } from './policy-names.ts';

const INTO: Readonly<Record<PolicyDirection, string>> = { ingress: 'into', egress: 'out of' };

export function policyWords({ direction, pod, decision }: PolicyHop): string {
  const { verdict, decidedBy, selected, missing } = decision;
  const into = `${INTO[direction]} ${pod}`;
  switch (verdict) {
    case 'none':
      return `no policy is about what ${direction === 'ingress' ? 'gets to' : 'leaves'} ${pod}`;
    case 'allow':
      if (decidedBy === null) return `${policiesText(selected)} keep nothing like this from passing ${into}`;
      return `${policyText(decidedBy.policy)} lets it ${into} (${ruleText(decidedBy, direction)})`;
    case 'deny':
      if (decidedBy !== null && decidedBy.rule !== null)
        return `${policyText(decidedBy.policy)} does not let it ${into} (${ruleText(decidedBy, direction)})`;
      return `${policiesText(selected)}: no rule lets it ${into}`;
    case 'unknown':
      return `whether policies let it ${into} is not known: the input does not say ${missing?.text ?? 'what decides'}`;
  }
}

export function policySkipWords(pod: string, direction: PolicyDirection, skip: PolicySkip): string {
  const unasked = `policies about ${pod} are not asked for ${direction}`;
  switch (skip.why) {
    case 'own-node':
      return `${unasked}: its own node may always reach it`;
    case 'known-connection':
      return `${unasked}: the connection is known already`;
    case 'self':
      return `${unasked}: ${skip.by === 'address' ? 'it calls itself' : 'it calls itself by a service'}`;
    case 'host-network':
      return `${unasked}: it is on its node's network`;
    case 'not-enforced':
      return `${unasked}: nothing in this cluster enforces them`;
    case 'too-old':
      return `${policiesText(skip.policies)}: not taken by version ${skip.version}, ${skip.policies.length === 1 ? 'its kind is' : 'their kind is'} known since ${skip.since}`;
    case 'too-new':
      return `${policiesText(skip.policies)}: not taken by version ${skip.version}, ${skip.policies.length === 1 ? 'its kind is' : 'their kind is'} gone since ${skip.until}`;
  }
}
