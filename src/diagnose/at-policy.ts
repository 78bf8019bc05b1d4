import type { PolicyDecision, PolicyPacket } from '../datapath/policy-point.ts';
import type { PolicyFacts } from '../hop/failure-policies.ts';
import type { Hop } from '../hop/hop.ts';
import type { Cluster } from '../k8s/cluster.ts';
import { key } from '../k8s/pod.ts';
import { partyAt } from '../k8s/policy/party.ts';
import { policingOf } from '../k8s/policy/policing.ts';
import { formatAddress, type IpAddress } from '../net/address.ts';
import type { FlowPath } from '../walk/flow-path.ts';
import type { Context } from './context.ts';
import { deniedIn } from './denied-by-policy.ts';

/**
 * A packet that a policy denied, in the cluster's terms: the party at the other end, the sender before a node replaced the source, and the
 * port before a translation on another machine, which the policy does not see.
 */
export function atPolicy({ cluster }: Context, path: FlowPath): FlowPath {
  const denied = deniedIn(path);
  if (denied === null) return path;
  const { forward } = path;
  const { packet, direction } = denied.facts;
  const sent = forward.hops.find((h) => h.kind === 'socket')?.packet ?? forward.packet;
  const hasPort = packet.destinationPort !== null && sent.destinationPort !== packet.destinationPort;
  const seen = { ...packet, calledPort: packet.calledPort ?? (hasPort ? sent.destinationPort : null) };
  const judged = judgedOf(cluster, { ...denied.facts, packet: seen }, sent.source);
  const [other, first] = direction === 'ingress' ? [packet.source, sent.source] : [packet.destination, packet.destination];
  const facts = { packet: seen, other: partyText(cluster, other), sender: first === other ? null : formatAddress(first) };
  const failure =
    denied.code === 'POLICY_DEFAULT_DENY'
      ? { ...denied, facts: { ...denied.facts, ...facts } }
      : { ...denied, facts: { ...denied.facts, ...facts } };
  const hops = forward.hops.map((hop): Hop => {
    if (hop.kind === 'drop' && hop.failure.code === failure.code) return { ...hop, failure };
    if (hop.kind !== 'policy' || hop.decision.verdict !== 'deny' || !hasPort) return hop;
    return { ...hop, decision: { ...hop.decision, candidates: candidatesFor(cluster, hop.pod, hop.direction, judged, hop.decision) } };
  });
  return { ...path, failure, forward: { ...forward, hops } };
}

/** The packet as the policy saw it; Cilium's tunnel carries the sender's identity with it. */
export function judgedOf(
  cluster: Cluster,
  { enforcer, direction, packet }: Pick<PolicyFacts['POLICY_DEFAULT_DENY'], 'enforcer' | 'direction' | 'packet'>,
  sentFrom: IpAddress,
): PolicyPacket {
  const isReplaced = enforcer === 'cilium' && direction === 'ingress' && sentFrom !== packet.source;
  return { ...packet, fromWorld: isReplaced ? partyAt(cluster, sentFrom, false).kind === 'outside' : false };
}

function candidatesFor(
  cluster: Cluster,
  name: string,
  direction: 'ingress' | 'egress',
  packet: PolicyPacket,
  { candidates }: PolicyDecision,
): PolicyDecision['candidates'] {
  const pod = cluster.pods.get(name);
  return pod === undefined ? candidates : (policingOf(cluster)?.decide(pod, direction, packet).candidates ?? candidates);
}

/** The name of a party: `shop/web-1`, `192.168.1.11 (node-1)`, or the address alone, where the input does not have it. */
export function partyText(cluster: Cluster, address: IpAddress): string {
  const party = partyAt(cluster, address, false);
  const text = formatAddress(address);
  if (party.kind === 'pods') return party.pods.map(key).join(' or ');
  if (party.kind === 'node' && party.node !== null) return `${text} (${party.node.name})`;
  return party.kind === 'outside' && party.service !== null ? `${text} (service ${party.service})` : text;
}
