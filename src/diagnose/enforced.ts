import type { PolicyDecision, PolicyDirection, PolicyPacket } from '../datapath/policy-point.ts';
import type { PolicyFacts } from '../hop/failure-policies.ts';
import type { FilterFacts } from '../hop/failure-rules.ts';
import { podAt } from '../k8s/address-index.ts';
import type { Cluster } from '../k8s/cluster.ts';
import { key } from '../k8s/pod.ts';
import { enforcerBehind, judgedBy } from '../k8s/policy/found-chains.ts';
import { policingOf } from '../k8s/policy/policing.ts';
import type { Packet } from '../net/packet.ts';
import { partyText } from './at-policy.ts';

/** A rule of a policy enforcer ended a packet: what the policies themselves say of it. */
export interface Enforced {
  readonly enforcer: string;
  /** Unknown also where the input has no policy. */
  readonly says: 'deny' | 'allow' | 'unknown';
  readonly denied: PolicyFacts['POLICY_DEFAULT_DENY'] | null;
}

/** Null: it is no rule of an enforcer's. */
export function enforcedAt(cluster: Cluster, { chain, netns }: FilterFacts, packet: Packet): Enforced | null {
  const enforcer = chain === null ? null : enforcerBehind(chain);
  if (enforcer === null || chain === null) return null;
  const seen: PolicyPacket = {
    protocol: packet.protocol,
    source: packet.source,
    destination: packet.destination,
    destinationPort: packet.protocol === 'icmp' ? null : packet.destinationPort,
    calledPort: null,
    fromWorld: null,
  };
  const judged = [...judgedBy([chain])].flatMap((direction) => judge(cluster, netns, direction, seen));
  const denied = judged.find((j) => j.decision.verdict === 'deny');
  if (denied === undefined) {
    const isSure = judged.length > 0 && judged.every((j) => j.decision.verdict !== 'unknown');
    return { enforcer, says: isSure ? 'allow' : 'unknown', denied: null };
  }
  const { direction, pod, decision } = denied;
  const other = partyText(cluster, direction === 'ingress' ? seen.source : seen.destination);
  const { selected } = decision;
  return { enforcer, says: 'deny', denied: { direction, pod, enforcer, packet: seen, other, sender: null, isTold: true, selected } };
}

interface Judged {
  readonly direction: PolicyDirection;
  readonly pod: string;
  readonly decision: PolicyDecision;
}

/** Of a pod of the machine that has the rule. */
function judge(cluster: Cluster, node: string, direction: PolicyDirection, packet: PolicyPacket): readonly Judged[] {
  const pod = podAt(cluster, direction === 'ingress' ? packet.destination : packet.source);
  const policing = policingOf(cluster);
  if (pod === null || pod.node !== node || policing === null) return [];
  return [{ direction, pod: key(pod), decision: policing.decide(pod, direction, packet) }];
}
