import type { NetnsRole } from '../datapath/roles.ts';
import type { Origin } from '../source/origin.ts';
import type { Hop } from './hop.ts';

/** What a path's hops have among them, as far as an answer hangs on it that nobody reads the hops of. */
export const MET = {
  /** Evidence that is assumed. */
  assumed: 1,
  /** The network between nodes. */
  underlay: 2,
  /** A node that translates a destination. */
  nodeDnat: 4,
  node: 8,
  gateway: 16,
} as const;

/** Of one hop, on a machine of this role. */
export function metAt(hop: Noted, role: NetnsRole): number {
  // What did not apply at the gateway is not shown there.
  const isShown = hop.kind !== 'skip' || role !== 'gateway';
  const assumed = isShown && hop.origin.evidence === 'assumed' ? MET.assumed : 0;
  switch (role) {
    case 'gateway':
      return assumed | MET.gateway | (hop.kind === 'underlay' ? MET.underlay : 0);
    case 'node':
      return assumed | MET.node | (hop.kind === 'nat' && hop.action === 'dnat' ? MET.nodeDnat : hop.kind === 'underlay' ? MET.underlay : 0);
    default:
      return assumed | (hop.kind === 'underlay' ? MET.underlay : 0);
  }
}

interface Noted {
  readonly kind: Hop['kind'];
  readonly origin: Origin;
  readonly action?: string;
}

export const metOn = (hops: readonly Hop[]): number => hops.reduce((met, hop) => met | metAt(hop, hop.role), 0);
