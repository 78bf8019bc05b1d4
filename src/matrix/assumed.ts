import { walksOf } from '../diagnose/walks.ts';
import type { FlowPath } from '../walk/flow-path.ts';

/** Hangs a path on something that the input does not state? As a trace says it of its hops, and of what a way that arrives was let through by. */
export const isAssumed = (path: FlowPath): boolean =>
  walksOf(path).some(
    ({ walk }) => walk.hops.some((h) => h.origin.evidence === 'assumed') || (path.outcome === 'delivered' && walk.doubts.length > 0),
  );
