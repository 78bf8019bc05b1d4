import { type Prefix, samePrefix } from '../net/prefix.ts';
import { inferred } from '../source/origin.ts';
import { DEFAULT_TABLE, LOCAL_TABLE, MAIN_TABLE, type RemovedRule, type RoutingRule } from './fib.ts';

const builtIn = inferred(null);

const rule = (priority: number, table: number): RoutingRule => ({
  priority,
  from: null,
  to: null,
  iif: null,
  mark: null,
  table,
  origin: builtIn,
});

/** The three that every namespace has; the very same ones, so that they stay in the processor's cache. */
const DEFAULT_RULES: readonly RoutingRule[] = [rule(0, LOCAL_TABLE), rule(32766, MAIN_TABLE), rule(32767, DEFAULT_TABLE)];

/** A namespace's routing policy, in the order of priorities: the usual and the derived rules without those that are taken away, and the stated ones. */
export function withRules(
  derived: readonly RoutingRule[],
  stated: readonly RoutingRule[],
  removed: readonly RemovedRule[],
): readonly RoutingRule[] {
  if (derived.length + stated.length + removed.length === 0) return DEFAULT_RULES;
  const kept = [...DEFAULT_RULES, ...derived].filter((r) => !removed.some((x) => isMeant(x, r)));
  return [...kept, ...stated].sort((a, b) => a.priority - b.priority);
}

/** Like `ip rule del`: what is not stated may be as it likes. */
export function isMeant(removed: RemovedRule, r: RoutingRule): boolean {
  const { priority, from, to, iif, mark, table } = removed;
  return (
    priority === r.priority &&
    (from === undefined || samePrefixes(from, r.from)) &&
    (to === undefined || samePrefixes(to, r.to)) &&
    (iif === undefined || iif === r.iif) &&
    (mark === undefined || (mark?.value === r.mark?.value && mark?.mask === r.mark?.mask)) &&
    (table === undefined || table === r.table)
  );
}

const samePrefixes = (a: Prefix | null, b: Prefix | null) => (a === null || b === null ? a === b : samePrefix(a, b));
