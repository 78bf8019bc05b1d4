/**
 * Roles that the writers of a datapath give to its parts, beside what these do: for those that explain a walk. No stage looks at any of it.
 */

/** The role of a namespace in the network. `outside`: a machine on the internet. */
export type NetnsRole = 'node' | 'pod' | 'router' | 'gateway' | 'outside';

export type RuleRole = FirewallRole | HostFirewallRole | BalancerRole;

/** A rule that the input states for a host's own INPUT or FORWARD, or what happens to packets that no such rule is about. */
export interface HostFirewallRole extends Omit<FirewallRole, 'kind' | 'list'> {
  readonly kind: 'host-firewall';
  readonly list: 'input' | 'forward';
}

/** A rule of a firewall's list, or the list's default. */
export interface FirewallRole {
  readonly kind: 'firewall';
  readonly list: 'edge' | 'underlay';
  /** Its place in the list, from 1; null: the default. */
  readonly number: number | null;
  readonly name: string | null;
  /** The rule as the input has it, or the default's action. */
  readonly says: string;
}

/** A rule or a route of a load balancer: for what, and the machines that it hands a packet on to. */
export interface BalancerRole {
  readonly kind: 'balancer';
  readonly service: string;
  readonly nodes: readonly string[];
}
