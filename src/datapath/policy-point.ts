import type { IpAddress } from '../net/address.ts';
import type { Protocol } from '../net/packet.ts';
import type { Origin } from '../source/origin.ts';
import type { RejectWith } from './netfilter/ruleset.ts';

export type PolicyDirection = 'ingress' | 'egress';
/** `none`: no policy is about the pod. `unknown`: the input lacks what decides. */
export type PolicyVerdict = 'allow' | 'deny' | 'none' | 'unknown';

/** A policy, for those that explain a decision. Null where policies of its kind have none. */
export interface PolicyRef {
  readonly kind: string;
  readonly namespace: string | null;
  readonly name: string;
  readonly tier: string | null;
  readonly priority: number | null;
  readonly origin: Origin;
}

/**
 * What a policy point sees of the first packet of a connection. Never one that a pod sends to its own address: it does not leave the pod. Port null:
 * the protocol has none.
 */
export interface PolicyPacket {
  readonly protocol: Protocol;
  readonly source: IpAddress;
  readonly destination: IpAddress;
  readonly destinationPort: number | null;
  /** The port that was called, where a translation has changed it; else null. */
  readonly calledPort: number | null;
  /**
   * Somebody outside of the cluster sent it, whatever its source is by now, and the enforcer knows: a tunnel of Cilium carries that with a packet that
   * another node has masqueraded. Else false.
   */
  readonly fromWorld: boolean;
}

/** The rule that decided, and which of its peers and ports matched, each from 0; null: the policy, or the rule, lists none. */
export interface PolicyDecider {
  readonly policy: PolicyRef;
  readonly rule: number | null;
  readonly peer: number | null;
  readonly port: number | null;
  /** In the word of the policy's kind. */
  readonly action: 'Allow' | 'Accept' | 'Deny' | 'Pass';
  readonly origin: Origin;
}

/** A rule that could have let the packet through, and the first thing about it that did not fit. */
export interface PolicyCandidate {
  readonly policy: PolicyRef;
  readonly rule: number;
  readonly failed: 'peer' | 'port' | 'protocol' | 'family' | 'unknown';
  readonly text: string;
  readonly origin: Origin;
}

export interface PolicyDecision {
  readonly verdict: PolicyVerdict;
  /** The policies that are about the pod in this direction, in the order of evaluation. */
  readonly selected: readonly PolicyRef[];
  /** Null: no policy decided. */
  readonly decidedBy: PolicyDecider | null;
  /** Of `deny` and `unknown`; else empty. */
  readonly candidates: readonly PolicyCandidate[];
  /** Of `unknown`: what is missing, in words, and the command that would tell, if there is one. Else null. */
  readonly missing: { readonly text: string; readonly command: string | null; readonly origin: Origin } | null;
}

/** The place where an enforcer looks at the packets of one pod in one direction. */
export interface PolicyPoint {
  readonly direction: PolicyDirection;
  /** `namespace/name`. */
  readonly pod: string;
  /** As people call it. */
  readonly enforcer: string;
  /** What becomes of a packet that no policy lets through. */
  readonly refuses: 'drop' | RejectWith;
  judge(packet: PolicyPacket): PolicyDecision;
}
