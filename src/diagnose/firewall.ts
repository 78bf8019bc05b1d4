import type { FirewallRole, HostFirewallRole } from '../datapath/roles.ts';
import type { Failure } from '../hop/failure.ts';
import type { FilterHop } from '../hop/linux-hop.ts';
import type { RuleStep } from '../hop/rule-step.ts';
import type { Cluster } from '../k8s/cluster.ts';
import type { Origin } from '../source/origin.ts';
import type { FlowPath } from '../walk/flow-path.ts';
import type { Context } from './context.ts';
import type { Ended } from './scene.ts';
import { walkOf } from './walks.ts';

/** The verdict of each list on a packet; empty for steps that are no firewall's. */
export const decisionsOf = (steps: readonly RuleStep[]): readonly FirewallRole[] =>
  steps.flatMap(({ rule: { role } }) => (role?.kind === 'firewall' ? [role] : []));

/** The rule of a list that stopped a tunnel's own packet. */
function filteredBy(path: FlowPath, failure: Ended<'TUNNEL_FILTERED'>): Failure<'TUNNEL_FILTERED'> | null {
  if (failure.facts.decision !== null) return null;
  const hop = walkOf(path, failure.walk)?.hops.findLast((h) => h.kind === 'filter');
  const decision = hop?.kind === 'filter' ? decisionsOf(hop.steps).at(-1) : undefined;
  return decision === undefined ? null : { code: failure.code, facts: { ...failure.facts, decision }, origin: failure.origin };
}

/** The rule, or the policy, of a node's own that ended a packet, where the input states it. */
export function deniedByHost({ cluster }: Context, path: FlowPath, failure: Ended): Failure | null {
  if (failure.code !== 'FILTER_DROP' && failure.code !== 'FILTER_REJECT' && failure.code !== 'TUNNEL_FILTERED') return null;
  const hop = walkOf(path, failure.walk)?.hops.findLast((h) => h.kind === 'filter');
  if (hop?.kind !== 'filter') return null;
  const found = hostRole(cluster, hop, failure.origin);
  if (found === null) return null;
  const { stated, origin } = found;
  if (failure.code !== 'TUNNEL_FILTERED') return { code: failure.code, facts: { ...failure.facts, stated }, origin };
  const by = { ...failure.facts.by, stated };
  return { code: failure.code, facts: { ...failure.facts, by }, origin };
}

/** The policy of a node's own that keeps neighbour discovery out, where the input states it. */
export function discoveryDenied({ cluster }: Context, failure: Ended): Failure | null {
  if (failure.code !== 'NEIGHBOUR_UNREACHABLE' || failure.facts.why !== 'filtered') return null;
  const { by } = failure.facts;
  const found = by.chain === null ? policyRole(cluster, by.netns, by.base) : null;
  if (found === null) return null;
  return { code: failure.code, facts: { ...failure.facts, by: { ...by, stated: found.stated } }, origin: found.origin };
}

function hostRole(cluster: Cluster, hop: FilterHop, origin: Origin): { readonly stated: HostFirewallRole; readonly origin: Origin } | null {
  const role = hop.steps.at(-1)?.rule.role;
  if (role?.kind === 'host-firewall') return { stated: role, origin };
  return hop.byPolicy ? policyRole(cluster, hop.netns, hop.hook) : null;
}

function policyRole(cluster: Cluster, netns: string, hook: string): { readonly stated: HostFirewallRole; readonly origin: Origin } | null {
  const list = hook === 'INPUT' ? 'input' : 'forward';
  const otherwise = cluster.nodes.get(netns)?.firewall?.[list]?.otherwise;
  if (otherwise === undefined) return null;
  return { stated: { kind: 'host-firewall', list, number: null, name: null, says: otherwise.action }, origin: otherwise.origin };
}

/** A packet that a firewall ended: by which rule, and what the packet was. */
export function denied(path: FlowPath, failure: Ended): Failure<'FIREWALL_DENIED' | 'TUNNEL_FILTERED'> | null {
  if (failure.code === 'TUNNEL_FILTERED') return filteredBy(path, failure);
  if (failure.code !== 'FILTER_DROP' && failure.code !== 'FILTER_REJECT') return null;
  const hop = walkOf(path, failure.walk)?.hops.findLast((h) => h.kind === 'filter');
  const last = hop?.kind === 'filter' ? decisionsOf(hop.steps).at(-1) : undefined;
  if (hop === undefined || last === undefined) return null;
  const { protocol, source, destination, destinationPort: port } = hop.packet;
  const packet = { protocol, source, destination, port };
  const facts = { netns: hop.netns, packet, isUnseen: failure.walk !== 'forward', decision: last };
  return { code: 'FIREWALL_DENIED', facts, origin: failure.origin };
}
