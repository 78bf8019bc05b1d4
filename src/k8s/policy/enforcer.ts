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
  /** What a pod sends to itself by a service. */
  readonly hairpin: 'passes' | 'judged' | 'unknown';
  /** From which version on it takes a kind of policy. A kind that is left out: always. */
  readonly since: Readonly<Partial<Record<PolicyKind, string>>>;
}
