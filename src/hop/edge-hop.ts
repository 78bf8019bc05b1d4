import type { FirewallRole } from '../datapath/roles.ts';
import type { HopBase } from './hop-base.ts';
import type { NatHop } from './linux-hop.ts';
import type { Miss, RuleStep } from './rule-step.ts';
import type { Trail } from './trail.ts';

/** Their meaning at the edge of the cluster: a trace has these in their place. */
export type EdgeHop = GatewayHop | FirewallHop | LoadBalancerHop;

/** The gateway between inside and outside hands the packet on, and translates it where it has something to translate. */
export interface GatewayHop extends HopBase {
  readonly kind: 'gateway';
  readonly action: 'pass' | NatHop['action'];
  readonly towards: 'inside' | 'outside';
  readonly steps: readonly RuleStep[];
  readonly misses: Trail<Miss> | null;
}

/** The lists of a firewall were asked. */
export interface FirewallHop extends HopBase {
  readonly kind: 'firewall';
  readonly verdict: 'ACCEPT' | 'DROP' | 'REJECT';
  /** One for each list that the packet met; none when its connection was known. */
  readonly decisions: readonly FirewallRole[];
  readonly steps: readonly RuleStep[];
  readonly misses: Trail<Miss> | null;
}

/** The load balancer of a service chooses a node. */
export interface LoadBalancerHop extends HopBase {
  readonly kind: 'load-balancer';
  readonly service: string;
  /** hand-on: as it is (ipMode VIP). The others rewrite it (ipMode Proxy). */
  readonly action: 'hand-on' | NatHop['action'];
  /** The nodes that pass its health check. */
  readonly nodes: readonly string[];
  readonly steps: readonly RuleStep[];
  readonly misses: Trail<Miss> | null;
}
