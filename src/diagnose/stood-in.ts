import type { Failure } from '../hop/failure.ts';
import { nodeAt } from '../k8s/address-index.ts';
import { hasNodeState } from '../k8s/found-on.ts';
import { assumed } from '../source/origin.ts';
import type { FlowPath } from '../walk/flow-path.ts';
import type { Context } from './context.ts';
import { undecided } from './undecided.ts';

/**
 * A failure that hangs on an address that stands in for a missing one (a redacted dump, manifests, nodes without an address) is not known.
 * From outside the cluster that is one at the address; beside what was found on nodes, which have the real ones, it is any.
 */
export function atStandIn({ cluster, question }: Context, path: FlowPath): FlowPath {
  const { failure } = path;
  const { redacted, nodes, nodeAddresses } = cluster.standIns;
  if (failure === null || failure.code === 'FACT_MISSING') return path;
  const isNode = nodeAt(cluster, path.forward.packet.destination) !== null;
  const isBesideState = nodeAddresses > 0 && hasNodeState(cluster);
  const isCalled = question.source.kind === 'Host' && (redacted !== null || (isNode && (nodes > 0 || nodeAddresses > 0)));
  if (!isBesideState && !isCalled) return path;
  const facts = { why: 'stand-in', of: isNode || isBesideState ? 'the nodes' : 'the cluster', isBesideState } as const;
  const origin = isBesideState ? assumed(null) : failure.origin;
  const missing: Failure<'FACT_MISSING'> = { code: 'FACT_MISSING', facts, origin };
  return undecided(path, missing, failure.walk);
}
