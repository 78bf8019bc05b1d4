import type { Context } from '../diagnose/context.ts';
import { reliedOn } from '../diagnose/relied-on.ts';
import { walksOf } from '../diagnose/walks.ts';
import type { FlowPath } from '../walk/flow-path.ts';

/** Hangs a path on something that the input does not state? As a verdict says it, told from the hops of a trace. */
export const isAssumed = (context: Context, path: FlowPath): boolean =>
  path.otherwise !== undefined ||
  walksOf(path).some(
    ({ walk }) => walk.hops.some((h) => h.origin.evidence === 'assumed') || (path.outcome === 'delivered' && walk.doubts.length > 0),
  ) ||
  reliedOn(context, [path]).length > 0;
