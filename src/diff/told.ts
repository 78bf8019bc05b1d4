import type { TracePath } from '../trace/trace.ts';
import type { Told } from './change.ts';

/** How paths end, each outcome and code once. */
export function toldOfPaths(paths: readonly TracePath[]): readonly Told[] {
  const found = new Map<string, Told>();
  for (const { outcome, reason, probability } of paths) {
    const code = reason?.code ?? null;
    const key = `${outcome} ${code}`;
    found.set(key, { outcome, code, share: (found.get(key)?.share ?? 0) + probability });
  }
  return [...found.values()];
}
