import type { Path, SourceDocument, WrittenAt } from '../../source/origin.ts';
import { AmbiguousScalar, type ParsedDocument } from '../syntax/document.ts';

/** Plain data, and where each part of it was written: `parts` are those that were not written below the whole. */
export interface Traced {
  readonly value: unknown;
  readonly at: WrittenAt;
  readonly parts: ReadonlyMap<string | number, Traced>;
}

/** Data of one document. */
export const written = (value: unknown, document: SourceDocument, path: Path = []): Traced => ({
  value,
  at: { document, path },
  parts: new Map(),
});

export type Fields = Readonly<Record<string, unknown>>;
export const isMapping = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof AmbiguousScalar);

/** A field or an item of it. */
export function part({ value, at, parts }: Traced, step: string | number): Traced {
  const known = parts.get(step);
  if (known !== undefined) return known;
  const below = isMapping(value) && Object.hasOwn(value, step) ? value[step] : Array.isArray(value) ? value[Number(step)] : undefined;
  return written(below, at.document, [...at.path, step]);
}

/** A mapping of parts; it stands where `at` says. */
export const mappingOf = (at: WrittenAt, parts: ReadonlyMap<string, Traced>): Traced => ({
  value: Object.fromEntries([...parts].map(([key, { value }]) => [key, value])),
  at,
  parts,
});

/** A list of items; it stands where `at` says. */
export const listOf = (at: WrittenAt, items: readonly Traced[]): Traced => ({
  value: items.map((i) => i.value),
  at,
  parts: new Map(items.entries()),
});

export const fieldsOf = (traced: Traced): ReadonlyMap<string, Traced> =>
  new Map(isMapping(traced.value) ? Object.keys(traced.value).map((key) => [key, part(traced, key)]) : []);

export const itemsOf = (traced: Traced): readonly Traced[] =>
  Array.isArray(traced.value) ? traced.value.map((_, i) => part(traced, i)) : [];

/** RFC 7386: mappings are merged field by field, null takes a field away, and anything else, a list too, replaces what was there. */
export function mergePatch(target: Traced, patch: Traced): Traced {
  if (!isMapping(patch.value)) return patch;
  const fields = new Map(fieldsOf(target));
  for (const [key, given] of fieldsOf(patch)) {
    const own = fields.get(key);
    if (given.value === null) fields.delete(key);
    else fields.set(key, mergePatch(own ?? written({}, given.at.document, given.at.path), given));
  }
  return mappingOf(isMapping(target.value) ? target.at : patch.at, fields);
}

/** Where the value at a path was written. */
function placeIn(traced: Traced, path: Path): WrittenAt {
  let here = traced;
  for (const [i, step] of path.entries()) {
    const below = here.parts.get(step);
    if (below === undefined) return { document: here.at.document, path: [...here.at.path, ...path.slice(i)] };
    here = below;
  }
  return here.at;
}

/** What was merged, as a document that knows where its parts are from. */
export function documentOf(traced: Traced): SourceDocument {
  const { document } = traced.at;
  return {
    file: document.file,
    index: document.index,
    ...(document.lax === undefined ? {} : { lax: document.lax }),
    line: (line) => document.line(line),
    position: (path, key) => {
      const { document: own, path: there } = placeIn(traced, path);
      return own.position(there, key);
    },
    written: (path) => placeIn(traced, path),
  };
}

/** The same as a parsed document of the input. */
export function parsedDocument(traced: Traced, size: number): ParsedDocument {
  const source = documentOf(traced);
  return { ...source, source, data: traced.value, size };
}
