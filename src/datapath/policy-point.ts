import type { IpAddress, IpFamily } from '../net/address.ts';
import type { Protocol } from '../net/packet.ts';
import type { Origin } from '../source/origin.ts';
import type { RejectWith } from './netfilter/reject-with.ts';

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
 * The first packet of a connection, as a policy point sees it. A packet of a pod to its own address is never one, because it does not leave
 * the pod. Port null: the protocol has none.
 */
export interface PolicyPacket {
  readonly protocol: Protocol;
  readonly source: IpAddress;
  readonly destination: IpAddress;
  readonly destinationPort: number | null;
  /** The port that was called, where a translation has changed it; else null. */
  readonly calledPort: number | null;
  /**
   * The packet came from outside of the cluster, whatever its source is by now, and the enforcer knows it: a Cilium tunnel carries this
   * with a packet that another node has masqueraded. Null: not known, where the source is the address of a node.
   */
  readonly fromWorld: boolean | null;
}

/** The rule that decided, and which of its peers and ports matched, each from 0; null: the policy, or the rule, lists none. */
export interface PolicyDecider {
  readonly policy: PolicyRef;
  readonly rule: number | null;
  readonly peer: number | null;
  readonly port: number | null;
  /** The action in the words of the policy's kind. */
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

/** Why a packet was not judged, or not by these policies. */
export type PolicySkip =
  /** Its own node sent it, or something on that node. */
  | { readonly why: 'own-node' }
  | { readonly why: 'known-connection' }
  /** A pod's own packet to itself: by its own address or loopback, or by a service. */
  | { readonly why: 'self'; readonly by: 'address' | 'service' }
  | { readonly why: 'host-network' }
  | { readonly why: 'not-enforced' }
  /** The enforcer is of a version that does not know policies of this kind. */
  | { readonly why: 'too-old'; readonly policies: readonly PolicyRef[]; readonly version: string; readonly since: string }
  /** And of one that knows them no more. */
  | { readonly why: 'too-new'; readonly policies: readonly PolicyRef[]; readonly version: string; readonly until: string };

export interface PolicyJudgement {
  /** Null: the packet passes, and no policy was asked. */
  readonly decision: PolicyDecision | null;
  readonly skipped: readonly PolicySkip[];
}

/** The place where an enforcer looks at the packets of one pod in one direction. */
export interface PolicyPoint {
  readonly direction: PolicyDirection;
  /** `namespace/name`. */
  readonly pod: string;
  /** The enforcer's name, for messages. */
  readonly enforcer: string;
  /** The fate of a packet that no policy allows. */
  readonly refuses: 'drop' | Readonly<Record<IpFamily, RejectWith>>;
  /** Is any policy about the pod in this direction? */
  selects(): boolean;
  /** The first packet of a connection, as this point sees it. `sentFrom`: it came out of a tunnel, and this was its source on the machine that first saw it; else null. */
  sees(packet: Omit<PolicyPacket, 'fromWorld'>, sentFrom: IpAddress | null): PolicyPacket;
  judge(packet: PolicyPacket): PolicyJudgement;
}

/** A question to a policy point that was written down instead of answered, newest first. Each is one that decides. */
export interface AskedPoint {
  readonly point: PolicyPoint;
  readonly packet: PolicyPacket;
  readonly older: AskedPoint | null;
}

/**
 * Where a machine's points are. `hooks`: where netfilter's filter tables are, before these; `atInput`: at INPUT, too. `device`: on the host's end of the pod's device,
 * before or after the addresses of services are translated, and before or after a source is.
 */
export type PolicyPlace =
  | { readonly kind: 'hooks'; readonly atInput: boolean }
  | { readonly kind: 'device'; readonly egress: 'before-dnat' | 'after-dnat'; readonly ingress: 'before-snat' | 'after-snat' };

/** The points of a machine's pods. A packet's are found by its addresses. */
export interface PolicyPoints {
  readonly place: PolicyPlace;
  /** Null: no pod of the machine has the address. */
  at(direction: PolicyDirection, address: IpAddress): PolicyPoint | null;
}
