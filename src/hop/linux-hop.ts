import type { Fib } from '../datapath/fib.ts';
import type { Hook, Rule } from '../datapath/netfilter/ruleset.ts';
import type { Device } from '../datapath/netns.ts';
import type { PolicyDecision, PolicyDirection, PolicySkip } from '../datapath/policy-point.ts';
import type { NextHop, Route } from '../datapath/route.ts';
import type { IpAddress } from '../net/address.ts';
import type { Failure } from './failure.ts';
import type { HopBase } from './hop-base.ts';
import type { Miss, RuleStep } from './rule-step.ts';
import type { Trail } from './trail.ts';
import type { DecapHop, EncapHop } from './tunnel-hop.ts';

/** The hops that stages note. */
export type LinuxHop =
  | SocketHop
  | InterfaceHop
  | BridgeHop
  | RouteHop
  | FilterHop
  | NatHop
  | NeighbourHop
  | UnderlayHop
  | EncapHop
  | DecapHop
  | PolicyHop
  | SkipHop
  | DropHop;

/** A process, or the kernel itself, sends or receives. */
export interface SocketHop extends HopBase {
  readonly kind: 'socket';
  readonly action: 'send' | 'receive';
  readonly process: string;
  /** For what a socket load balancer has changed the address that was called; undefined or null: none has. */
  readonly balancedFor?: string | null;
}

/** The packet crosses a device: what a capture on it shows. */
export interface InterfaceHop extends HopBase {
  readonly kind: 'interface';
  readonly direction: 'in' | 'out';
  /** The device itself, for what is at its other end. */
  readonly link: Device;
}

export interface BridgeHop extends HopBase {
  readonly kind: 'bridge';
  readonly bridge: string;
  readonly port: string | null;
  readonly verdict: 'forwarded' | 'flooded' | 'passed-up';
}

export interface RouteHop extends HopBase {
  readonly kind: 'route';
  readonly table: Fib['id'];
  readonly route: Route;
  readonly nextHop: NextHop | null;
  readonly rulePriority: number;
}

export interface FilterHop extends HopBase {
  readonly kind: 'filter';
  /** One of iptables', or an nft table. */
  readonly table: string;
  readonly hook: Hook;
  /** The base chain. */
  readonly chain: string;
  readonly steps: readonly RuleStep[];
  readonly misses: Trail<Miss> | null;
  readonly verdict: 'ACCEPT' | 'DROP' | 'REJECT' | 'MARK';
  /** True when no rule decided and the chain's policy did. */
  readonly byPolicy: boolean;
}

export interface NatHop extends HopBase {
  readonly kind: 'nat';
  readonly action: 'dnat' | 'snat' | 'masquerade' | 'un-dnat' | 'un-snat' | 'icmp-error';
  readonly hook: Hook;
  /** Empty when the rewrite follows a connection that is known already. */
  readonly steps: readonly RuleStep[];
  readonly misses: Trail<Miss> | null;
  /** The rule that decided, now or when the connection began; null: none is known. */
  readonly rule: Rule | null;
}

export interface NeighbourHop extends HopBase {
  readonly kind: 'neighbour';
  readonly address: IpAddress;
  readonly answeredBy: { readonly netns: string; readonly device: string };
}

export interface UnderlayHop extends HopBase {
  readonly kind: 'underlay';
  readonly segment: string;
}

/** The policies about a pod were asked whether the packet may leave it, or get to it. */
export interface PolicyHop extends HopBase {
  readonly kind: 'policy';
  readonly direction: PolicyDirection;
  /** `namespace/name`. */
  readonly pod: string;
  readonly enforcer: string;
  readonly decision: PolicyDecision;
}

/** A mechanism that did not apply, and why. */
export interface SkipHop extends HopBase {
  readonly kind: 'skip';
  readonly skipped: Skipped;
}

export type Skipped =
  | { readonly mechanism: 'masquerade'; readonly steps: readonly RuleStep[]; readonly misses: Trail<Miss> | null }
  | { readonly mechanism: 'dnat'; readonly hook: Hook; readonly steps: readonly RuleStep[]; readonly misses: Trail<Miss> | null }
  | { readonly mechanism: 'bridge-netfilter'; readonly bridge: string }
  | { readonly mechanism: 'nat-invalid'; readonly hook: Hook }
  | { readonly mechanism: 'policy'; readonly direction: PolicyDirection; readonly pod: string; readonly skip: PolicySkip };

export interface DropHop extends HopBase {
  readonly kind: 'drop';
  readonly failure: Failure;
  /** An HTTP status that the process answers itself; null: it does not. */
  readonly answer: { readonly process: string; readonly status: string } | null;
}
