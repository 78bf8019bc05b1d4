import type { Locus } from '../source/origin.ts';
import type { SourceDocumentRef } from './trace-schema.ts';

/** A locus is cited by many hops; its position is looked up once. */
const located = new WeakMap<Locus, NonNullable<SourceDocumentRef>>();

/** The place of a locus in its file, as the JSON has it. */
export function locate(locus: Locus | null): SourceDocumentRef {
  if (locus === null) return null;
  const known = located.get(locus);
  if (known !== undefined) return known;
  const { line, column } = locus.document.position(locus.path);
  const source = { file: locus.document.file, line, column, object: locus.object };
  located.set(locus, source);
  return source;
}
