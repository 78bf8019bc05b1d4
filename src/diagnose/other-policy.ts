import type { PolicyDirection } from '../datapath/policy-point.ts';
import type { Failure } from '../hop/failure.ts';
import { podAt } from '../k8s/address-index.ts';
import { key } from '../k8s/pod.ts';
import { policingOf } from '../k8s/policy/policing.ts';
import type { FlowPath } from '../walk/flow-path.ts';
import { partyText } from './at-policy.ts';
import type { Context } from './context.ts';
import { deniedIn } from './denied-by-policy.ts';

/**
 * A packet that its sender's policies keep in: would those of its receiver keep it out? Null: they would not, or it is not known what it will look like there,
 * as where it goes to no pod, or stays on one node as another one's.
 */
export function otherPolicy({ cluster }: Context, path: FlowPath): Failure<'POLICY_DEFAULT_DENY' | 'POLICY_EXPLICIT_DENY'> | null {
  const denied = deniedIn(path);
  const policing = policingOf(cluster);
  if (denied === null || policing === null || denied.facts.direction !== 'egress') return null;
  const { facts } = denied;
  const pod = podAt(cluster, facts.packet.destination);
  const sender = podAt(cluster, facts.packet.source);
  if (pod === null || sender === null || pod === sender) return null;
  const { verdict, decidedBy, selected } = policing.decide(pod, 'ingress', { ...facts.packet, fromWorld: false });
  if (verdict !== 'deny' || decidedBy === null) return null;
  const direction: PolicyDirection = 'ingress';
  const own = { ...facts, direction, pod: key(pod), other: partyText(cluster, facts.packet.source), sender: null };
  const { origin } = decidedBy;
  return decidedBy.rule === null
    ? { code: 'POLICY_DEFAULT_DENY', facts: { ...own, selected }, origin }
    : { code: 'POLICY_EXPLICIT_DENY', facts: { ...own, by: decidedBy }, origin };
}
