import type { PolicyDecider, PolicyDecision } from '../datapath/policy-point.ts';
import { numberOf } from './traits.ts';

/** What both ends say together. */
export interface Verdict {
  readonly verdict: 'allow' | 'deny' | 'unknown';
  /** Of `deny`: at the pod that is asked about, or at its peer; else null. Where both deny it is `own`. */
  readonly blockedAt: 'own' | 'peer' | null;
  /** Of `deny`, who denies; else what the pod's own end decided. Null: no policy did. */
  readonly decidedBy: PolicyDecider | null;
  /** Of `allow`: what the peer's end decided, where a policy did; else null. */
  readonly peerDecidedBy: PolicyDecider | null;
  /** Of `unknown`: what the input does not say; else null. */
  readonly missing: PolicyDecision['missing'];
}

const ALLOWED: Verdict = { verdict: 'allow', blockedAt: null, decidedBy: null, peerDecidedBy: null, missing: null };

/** Either end is enough to keep a connection out, even beside one of which nothing is known. */
export function together(own: PolicyDecision | null, peer: PolicyDecision | null): Verdict {
  if (own?.verdict === 'deny') return { ...ALLOWED, verdict: 'deny', blockedAt: 'own', decidedBy: own.decidedBy };
  if (peer?.verdict === 'deny') return { ...ALLOWED, verdict: 'deny', blockedAt: 'peer', decidedBy: peer.decidedBy };
  const open = [own, peer].find((d) => d?.verdict === 'unknown');
  if (open != null) return { ...ALLOWED, verdict: 'unknown', missing: open.missing };
  return { ...ALLOWED, decidedBy: own?.decidedBy ?? null, peerDecidedBy: peer?.decidedBy ?? null };
}

/** Alike verdicts have one key. */
export function keyOf({ verdict, blockedAt, decidedBy, peerDecidedBy, missing }: Verdict): string {
  return `${verdict} ${blockedAt} ${deciderKey(decidedBy)} ${deciderKey(peerDecidedBy)} ${missing?.text ?? ''}`;
}

function deciderKey(decider: PolicyDecider | null): string {
  if (decider === null) return '-';
  const { policy, rule, peer, port } = decider;
  return `${numberOf(policy)}/${rule}/${peer}/${port}`;
}
