import type { Path } from '../../source/origin.ts';
import type { ParsedDocument } from '../syntax/document.ts';

/**
 * Where the values of a form were stated, for a form that is a part of what is stated: its lists are shorter, and a field may be an item of
 * its plural. Whoever reports about the form names its own paths, and the user reads the stated ones.
 */
export interface Moves {
  /** Items that stay, by the result of `part`: null takes one out. */
  each<T, R>(items: readonly T[], path: Path, part: (item: T, stated: Path, index: number) => R | null): R[];
  filter<T>(items: readonly T[], path: Path, keep: (item: T) => boolean): T[];
  /** The value of a field, or the item of its plural, that is wanted; `path` ends with the field's name, and the plural's adds an s. */
  one<T>(single: T | undefined, several: readonly T[] | undefined, path: Path, wanted: (value: T) => boolean): T | undefined;
  /** The document, seen by paths of the form. */
  document(stated: ParsedDocument): ParsedDocument;
}

const keyOf = (path: Path): string => path.join('\u0000');

export function moves(): Moves {
  const moved = new Map<string, Path>();
  const where = (path: Path): Path => statedPath(moved, path);
  function each<T, R>(items: readonly T[], path: Path, part: (item: T, stated: Path, index: number) => R | null): R[] {
    const kept: R[] = [];
    for (const [i, item] of items.entries()) {
      const here = [...path, kept.length];
      if (kept.length !== i) moved.set(keyOf(here), [...where(path), i]);
      const result = part(item, here, i);
      if (result !== null) kept.push(result);
      else forget(moved, here);
    }
    return kept;
  }
  return {
    each,
    filter: (items, path, keep) => each(items, path, (item) => (keep(item) ? item : null)),
    one(single, several, path, wanted) {
      if (single !== undefined) return wanted(single) ? single : undefined;
      const i = several?.findIndex(wanted) ?? -1;
      if (i === -1) return undefined;
      const [field] = path.slice(-1);
      moved.set(keyOf(path), [...where(path.slice(0, -1)), `${field}s`, i]);
      return several?.[i];
    },
    document: (stated) => (moved.size === 0 ? stated : seenBy(stated, where)),
  };
}

function seenBy(document: ParsedDocument, where: (path: Path) => Path): ParsedDocument {
  const { file, data, size } = document;
  return {
    file,
    data,
    size,
    position: (path, key) => document.position(where(path), key),
    line: (line) => document.line(line),
    sourcePath: where,
  };
}

/** What an item that was taken out had told of itself. */
function forget(moved: Map<string, Path>, path: Path): void {
  const start = keyOf(path);
  for (const key of moved.keys()) if (key.startsWith(`${start}\u0000`)) moved.delete(key);
}

/** The longest beginning of the path that has moved is replaced. */
function statedPath(moved: ReadonlyMap<string, Path>, path: Path): Path {
  for (let length = path.length; length > 0; length--) {
    const start = moved.get(keyOf(path.slice(0, length)));
    if (start !== undefined) return [...start, ...path.slice(length)];
  }
  return path;
}
