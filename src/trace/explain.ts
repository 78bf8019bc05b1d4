import { atPolicy } from '../diagnose/at-policy.ts';
import { besideNodes } from '../diagnose/beside-nodes.ts';
import type { Context } from '../diagnose/context.ts';
import { doubted } from '../diagnose/doubt.ts';
import { atTheEdge } from '../diagnose/edge.ts';
import { upToContradiction } from '../diagnose/endpoint-twice.ts';
import { foreignPoliced } from '../diagnose/foreign-policies.ts';
import { interpret } from '../diagnose/interpret.ts';
import { byMadeGateway } from '../diagnose/made-gateway.ts';
import { type ExplainedPath, reasonOf } from '../diagnose/reason.ts';
import { atSharedAddress, atSharedClusterIp } from '../diagnose/shared-address.ts';
import { atStandIn } from '../diagnose/stood-in.ts';
import { unasked } from '../diagnose/unasked.ts';
import type { FlowPath } from '../walk/flow-path.ts';
import { withLookUp } from './dns-hop.ts';

/** What a walk means in the cluster, one thing after the other. */
const MEANINGS = [
  atSharedClusterIp,
  atSharedAddress,
  upToContradiction,
  besideNodes,
  byMadeGateway,
  atPolicy,
  interpret,
  doubted,
  atStandIn,
  foreignPoliced,
  unasked,
] as const;

/** A path of a connection in the cluster's terms: the look-up before it, what its failure means, the hops at the edge, and its reason. */
export function explain(context: Context, path: FlowPath): ExplainedPath {
  const understood = understand(context, path);
  return { ...understood, reason: reasonOf(context, understood) };
}

/** The same without words: what to say of a failure is not asked. */
export function understand(context: Context, path: FlowPath): FlowPath {
  const { datapath, question } = context;
  const netns = datapath.netns(question.source.netns);
  const whole = netns === undefined ? path : withLookUp(question, netns, path);
  return atTheEdge(MEANINGS.reduce((known, mean) => mean(context, known), whole));
}
