import type { Failure } from '../hop/failure.ts';
import { nodeAt } from '../k8s/address-index.ts';
import type { FlowPath } from '../walk/flow-path.ts';
import type { Context } from './context.ts';
import { undecided } from './undecided.ts';

/**
 * A failure from outside at an address that stands in for a missing one (a redacted dump, manifests, nodes without an address) is not
 * known: the real address decides whether packets arrive.
 */
export function atStandIn({ cluster, question }: Context, path: FlowPath): FlowPath {
  const { failure } = path;
  const { redacted, nodes, nodeAddresses } = cluster.standIns;
  if (failure === null || failure.code === 'FACT_MISSING' || question.source.kind !== 'Host') return path;
  const isNode = nodeAt(cluster, path.forward.packet.destination) !== null;
  if (redacted === null && !(isNode && (nodes > 0 || nodeAddresses > 0))) return path;
  const facts = { why: 'stand-in', of: isNode ? 'the nodes' : 'the cluster' } as const;
  const missing: Failure<'FACT_MISSING'> = { code: 'FACT_MISSING', facts, origin: failure.origin };
  return undecided(path, missing, failure.walk);
}
