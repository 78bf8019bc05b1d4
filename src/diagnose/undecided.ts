import type { Failure } from '../hop/failure.ts';
import type { Hop } from '../hop/hop.ts';
import type { FlowPath, WalkName } from '../walk/flow-path.ts';
import type { Walk } from '../walk/walk.ts';

/**
 * A path whose walk ends where a fact is missing: it ends there, and of what follows nothing is known. A refusal that may never be sent is not
 * walked.
 */
export function undecided(path: FlowPath, missing: Failure<'FACT_MISSING'>, name: WalkName): FlowPath {
  const walk = path[name];
  if (walk === null) throw new Error('a failure is that of a walk');
  const ended: Walk = { ...walk, hops: endedBy(walk.hops, missing), end: { kind: 'undetermined', failure: missing }, looped: false };
  const refusal = name === 'forward' ? { reply: null } : {};
  return { ...path, ...refusal, [name]: ended, outcome: 'undetermined', client: 'unknown', failure: { ...missing, walk: name } };
}

/** Without endpoints that are known, kube-proxy's refusal is none that is known either. */
function endedBy(hops: readonly Hop[], failure: Failure<'FACT_MISSING'>): readonly Hop[] {
  const [last] = hops.slice(-1);
  if (last?.kind !== 'drop') return hops;
  const before = hops.at(-2)?.kind === 'filter' && 'why' in failure.facts && failure.facts.why === 'endpoints' ? -2 : -1;
  return [...hops.slice(0, before), { ...last, failure, answer: null, origin: failure.origin }];
}
