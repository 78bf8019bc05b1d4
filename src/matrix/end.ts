import type { End } from './question.ts';

/** The same for the same end. */
export function thingOf(end: End): object {
  if (end.kind === 'pod') return end.pod;
  if (end.kind === 'node') return end.node;
  return end.kind === 'service' ? end.service : end;
}

/** Null: it is on none. */
export function nodeOf(end: End): string | null {
  if (end.kind === 'pod') return end.pod.node;
  return end.kind === 'node' ? end.node.name : null;
}
