import type { FlowPath, WalkName } from '../walk/flow-path.ts';
import type { Walk } from '../walk/walk.ts';

const WALK_NAMES: readonly WalkName[] = ['forward', 'reply', 'ack', 'data'];

export function walkOf(path: FlowPath, name: WalkName): Walk | null {
  return path[name];
}

/** A path's walks in the order in which they happen. */
export function walksOf(path: FlowPath): readonly { readonly name: WalkName; readonly walk: Walk }[] {
  const walks: { readonly name: WalkName; readonly walk: Walk }[] = [];
  for (const name of WALK_NAMES) {
    const walk = path[name];
    if (walk !== null) walks.push({ name, walk });
  }
  return walks;
}
