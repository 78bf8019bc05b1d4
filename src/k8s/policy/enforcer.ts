import type { RejectWith } from '../../datapath/netfilter/reject-with.ts';
import type { IpFamily } from '../../net/address.ts';
import type { PolicyKind } from './policy.ts';

/** A program that makes policies hold on a node, as far as programs differ. */
export interface Enforcer {
  /** As `cluster.networkPolicy` has it. */
  readonly name: string;
  /** `device`: on the pod's host end, before any rule of netfilter. `hooks`: in FORWARD, INPUT and OUTPUT. */
  readonly place: 'hooks' | 'device';
  /** What becomes of a packet that no policy lets through. */
  readonly refuses: 'drop' | Readonly<Record<IpFamily, RejectWith>>;
  /** Do the address blocks of a policy match addresses of pods, and of nodes? */
  readonly networksMatch: { readonly pods: boolean; readonly nodes: boolean };
  /** Of `hooks`: is what a pod sends to its own node's address asked about at INPUT? */
  readonly asksAtInput: boolean;
  /** What a pod sends to itself by a service. `judged-out`: on its way out it is asked about, on its way in it passes. */
  readonly hairpin: 'passes' | 'judged' | 'judged-out' | 'unknown';
  /** From which version on it takes a kind of policy. A kind that is left out: always. */
  readonly since: Readonly<Partial<Record<PolicyKind, string>>>;
  /** From which version on it takes a kind no more. A kind that is left out: it still does. */
  readonly until: Readonly<Partial<Record<PolicyKind, string>>>;
}
