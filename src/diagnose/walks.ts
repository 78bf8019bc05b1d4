import type { FlowPath, WalkName } from '../walk/flow-path.ts';
import type { Walk } from '../walk/walk.ts';

const WALK_NAMES: readonly WalkName[] = ['forward', 'reply', 'ack', 'data'];

export function walkOf(path: FlowPath, name: WalkName): Walk | null {
  return path[name];
}

/** A path's walks in the order in which they happen. */
export function walksOf(path: FlowPath): readonly { readonly name: WalkName; readonly walk: Walk }[] {
  return WALK_NAMES.flatMap((name) => {
    const walk = path[name];
    return walk === null ? [] : [{ name, walk }];
  });
}
