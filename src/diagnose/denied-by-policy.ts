import type { FlowPath } from '../walk/flow-path.ts';
import type { Ended } from './scene.ts';

/** The failure of a path whose packet a policy keeps out of a pod, or in it; null: it is another, or none. */
export function deniedIn({
  failure,
}: FlowPath): ((Ended<'POLICY_DEFAULT_DENY'> | Ended<'POLICY_EXPLICIT_DENY'>) & { readonly walk: 'forward' }) | null {
  if (failure?.walk !== 'forward') return null;
  const { walk } = failure;
  if (failure.code === 'POLICY_DEFAULT_DENY') return { ...failure, walk };
  return failure.code === 'POLICY_EXPLICIT_DENY' ? { ...failure, walk } : null;
}
