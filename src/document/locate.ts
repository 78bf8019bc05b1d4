import { type Locus, writtenAt } from '../source/origin.ts';
import type { SourceDocumentRef } from './trace-schema.ts';

/** A locus is cited by many hops; its position is looked up once. */
const located = new WeakMap<Locus, NonNullable<SourceDocumentRef>>();

/** The place of a locus in its file, as the JSON has it. */
export function locate(locus: Locus | null): SourceDocumentRef {
  if (locus === null) return null;
  const known = located.get(locus);
  if (known !== undefined) return known;
  const { document, path } = writtenAt(locus);
  const source = { file: document.file, ...document.position(path), object: locus.object };
  located.set(locus, source);
  return source;
}
