import type { Failure } from '../hop/failure.ts';
import { policyIn } from '../k8s/policy/found-chains.ts';
import { isPlain } from '../net/packet.ts';
import type { FlowPath } from '../walk/flow-path.ts';
import type { Context } from './context.ts';
import { enforcedAt } from './enforced.ts';
import type { Ended } from './scene.ts';
import { walkOf } from './walks.ts';

/**
 * The policy that a rule which was found on a node stands for: as its comment says, or that of a rule which matched before it in its chain,
 * as where policies leave a mark.
 */
export function ofPolicy({ cluster }: Context, path: FlowPath, failure: Ended): Failure | null {
  if (failure.code !== 'FILTER_DROP' && failure.code !== 'FILTER_REJECT') return null;
  if (cluster.nodes.get(failure.facts.netns)?.found == null) return null;
  const hop = walkOf(path, failure.walk)?.hops.findLast((h) => h.kind === 'filter');
  if (hop?.kind !== 'filter') return null;
  const { chain } = failure.facts;
  const named = hop.steps.findLast((s) => s.chain === chain && s.rule.comment !== null && policyIn(s.rule.comment) !== null);
  const policy = named === undefined ? null : policyIn(named.rule.comment ?? '');
  const drifts = isPlain(hop.packet) && enforcedAt(cluster, failure.facts, hop.packet)?.says === 'allow';
  if (policy === null && !drifts) return null;
  const more = { ...(policy === null ? {} : { policy }), ...(drifts ? { drifts } : {}) };
  return { code: failure.code, facts: { ...failure.facts, ...more }, origin: failure.origin };
}
