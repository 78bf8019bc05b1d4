import type { Evidence } from '../source/origin.ts';
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

/** Of one hop. */
export function metAt({ kind, role, origin, action }: Noted): number {
  // What did not apply at the gateway is not shown there.
  const isShown = kind !== 'skip' || role !== 'gateway';
  return (
    (isShown && origin.evidence === 'assumed' ? MET.assumed : 0) |
    (kind === 'underlay' ? MET.underlay : 0) |
    (role === 'gateway' ? MET.gateway : 0) |
    (role === 'node' ? (kind === 'nat' && action === 'dnat' ? MET.node | MET.nodeDnat : MET.node) : 0)
  );
}

interface Noted extends Pick<Hop, 'kind' | 'role'> {
  readonly origin: { readonly evidence: Evidence };
  readonly action?: string;
}

export const metOn = (hops: readonly Hop[]): number => hops.reduce((met, hop) => met | metAt(hop), 0);
