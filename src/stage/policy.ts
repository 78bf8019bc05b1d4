import type { Hook, HookEntry } from '../datapath/netfilter/ruleset.ts';
import type { PolicyDecider, PolicyDecision, PolicyDirection, PolicyPacket, PolicyPoint, PolicySkip } from '../datapath/policy-point.ts';
import type { Failure } from '../hop/failure.ts';
import type { IpAddress } from '../net/address.ts';
import { isPlain, type Packet, packetFamily } from '../net/packet.ts';
import { isLocalAddress } from './address-type.ts';
import { drop, type Results, reject } from './filter.ts';
import type { End } from './next.ts';
import { inferredOrigin, note } from './note.ts';
import type { Skb } from './skb.ts';
import { openMatch, supposedOf } from './supposed.ts';

/** The policies about the pods that a packet comes from and goes to, where these are on this machine. */
export function policy(skb: Skb, hook: Hook, { directions, points }: Extract<HookEntry, { kind: 'policy' }>): Results {
  const { packet } = skb;
  if (!isPlain(packet)) return null;
  for (const direction of directions) {
    // A packet of the machine itself does not come out of a pod.
    if (direction === 'egress' && skb.input === null) continue;
    const point = points.at(direction, direction === 'egress' ? packet.source : packet.destination);
    const end = point === null ? null : ask(skb, hook, point, packet);
    if (end !== null) return [{ skb, end }];
  }
  return null;
}

/** Null: it passes. */
function ask(skb: Skb, hook: Hook, point: PolicyPoint, packet: Packet): End | null {
  const known = skb.tracked?.state !== 'NEW' ? 'known-connection' : isFromHere(skb, point.direction) ? 'own-node' : null;
  if (known !== null) {
    if (skb.tracked?.state !== 'INVALID' && point.selects()) noteSkip(skb, point, { why: known });
    return null;
  }
  const seen = point.sees(seenBy(skb, packet), sentFrom(skb));
  if (skb.manner.policies === 'recorded') {
    skb.asked = { point, packet: seen, older: skb.asked };
    return null;
  }
  const { decision, skipped } = point.judge(seen);
  for (const skip of skipped) noteSkip(skb, point, skip);
  return decision === null ? null : judged(skb, hook, point, packet, decision);
}

/**
 * Is it from the pod's own machine? Such a packet always passes, even with the pod's own address as its source. Source:
 * NetworkPolicySpec.ingress.
 */
const isFromHere = ({ input, netns, packet }: Skb, direction: PolicyDirection) =>
  direction === 'ingress' && (input === null || isLocalAddress(netns, packet.source));

function seenBy({ tracked }: Skb, { protocol, source, destination, destinationPort: port }: Packet): Omit<PolicyPacket, 'fromWorld'> {
  const called = tracked?.connection?.original.destinationPort ?? port;
  return {
    protocol,
    source,
    destination,
    destinationPort: protocol === 'icmp' ? null : port,
    calledPort: called === port ? null : called,
  };
}

/** Connection tracking of the machine that saw it first has the source that it had before any masquerade. */
function sentFrom({ input, connections }: Skb): IpAddress | null {
  if (input?.kind !== 'vxlan') return null;
  let first = connections;
  while (first?.older != null) first = first.older;
  return first?.entry.original.source ?? null;
}

function noteSkip(skb: Skb, { direction, pod }: PolicyPoint, skip: PolicySkip): void {
  const origin = 'policies' in skip ? (skip.policies[0]?.origin ?? inferredOrigin) : inferredOrigin;
  note(skb, { kind: 'skip', skipped: { mechanism: 'policy', direction, pod, skip }, origin });
}

function judged(skb: Skb, hook: Hook, point: PolicyPoint, packet: Packet, decision: PolicyDecision): End | null {
  const { direction, pod, enforcer } = point;
  const { verdict, decidedBy, selected, missing } = decision;
  const origin = decidedBy?.origin ?? missing?.origin ?? selected[0]?.origin ?? inferredOrigin;
  note(skb, { kind: 'policy', direction, pod, enforcer, decision, origin });
  if (verdict === 'allow' || verdict === 'none') return null;
  if (verdict === 'deny') return refuse(skb, hook, point, denied(skb, point, packet, decision, decidedBy));
  const supposed = supposedOf(point, skb);
  if (supposed === false) return null;
  if (supposed === true) return refuse(skb, hook, point, denied(skb, point, packet, decision, null));
  const facts = { why: 'policy', direction, pod, text: missing?.text ?? '', command: missing?.command ?? null } as const;
  return { kind: 'undetermined', failure: { code: 'FACT_MISSING', facts, origin }, open: openMatch(point, skb) };
}

/** The end of a denied packet. Without a decider the denial is only supposed. */
function denied(
  skb: Skb,
  { direction, pod, enforcer, refuses }: PolicyPoint,
  packet: Packet,
  { selected }: PolicyDecision,
  by: PolicyDecider | null,
): Failure {
  const facts = { direction, pod, enforcer, packet: seenBy(skb, packet), other: null, sender: null, isTold: refuses !== 'drop' } as const;
  const origin = by?.origin ?? selected[0]?.origin ?? inferredOrigin;
  if (by === null || by.rule === null) return { code: 'POLICY_DEFAULT_DENY', facts: { ...facts, selected }, origin };
  return { code: 'POLICY_EXPLICIT_DENY', facts: { ...facts, by }, origin };
}

function refuse(skb: Skb, hook: Hook, { refuses }: PolicyPoint, failure: Failure): End {
  return refuses === 'drop' ? drop(skb, hook, failure) : reject(skb, hook, refuses[packetFamily(skb.packet)], failure);
}
