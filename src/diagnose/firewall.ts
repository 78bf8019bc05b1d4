import type { FirewallRole } from '../datapath/roles.ts';
import type { Failure } from '../hop/failure.ts';
import type { RuleStep } from '../hop/hop.ts';
import type { FlowPath } from '../walk/flow.ts';
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
