/** How a fact came to be: written in the input, a documented default, or taken for granted because nothing says otherwise. */
export type Evidence = 'declared' | 'inferred' | 'assumed';

/** Keys and indexes from a document's root down to a value. */
export type Path = readonly (string | number)[];

/** Lines and columns count from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** A document of the input. Finding a position costs a scan of the text, so it is asked for only when a position is printed. */
export interface SourceDocument {
  readonly file: string;
  /** Written by a cluster that works: what it says may be odd, but is never refused. */
  readonly lax?: boolean;
  /** Its place among the documents of the file, empty ones left out. */
  readonly index: number;
  /** Where the value at `path` starts; its nearest parent when the path ends early. With `key`, where its key starts. */
  position(path: Path, key?: boolean): Position;
  /** The text of a line, without its line end. */
  line(line: number): string;
  /** Of a document that others were merged into: the one that has the value at `path`, and its path there. */
  written?(path: Path): WrittenAt;
}

/** A value as somebody wrote it. */
export interface WrittenAt {
  readonly document: SourceDocument;
  readonly path: Path;
}

/** The document that a value of the input was written in, and its path there. */
export const writtenAt = ({ document, path }: WrittenAt): WrittenAt => document.written?.(path) ?? { document, path };

/** A value of the input: where it stands, and the object it belongs to, as `Node/node-1` or `Pod/default/pod-a`. */
export interface Locus {
  readonly document: SourceDocument;
  readonly path: Path;
  readonly object: string;
  /** Where a field stands that is not written below this place by its own name. Left out: they all are. */
  readonly field?: (step: string | number) => Locus | null;
}

export interface Origin {
  readonly evidence: Evidence;
  readonly locus: Locus | null;
}

export const declared = (locus: Locus): Origin => ({ evidence: 'declared', locus });
export const inferred = (locus: Locus | null): Origin => ({ evidence: 'inferred', locus });
export const assumed = (locus: Locus | null): Origin => ({ evidence: 'assumed', locus });

/**
 * A step from one place to a place below it. A large cluster keeps hundreds of thousands of places and prints a few, so a place knows its
 * parent only, and puts its path together when asked.
 */
class Step implements Locus {
  readonly #parent: Locus;
  readonly #step: string | number;
  /** Null: the parent's. */
  readonly #object: string | null;
  constructor(parent: Locus, step: string | number, object: string | null) {
    this.#parent = parent;
    this.#step = step;
    this.#object = object;
  }
  get document(): SourceDocument {
    return this.#parent.document;
  }
  get path(): Path {
    return [...this.#parent.path, this.#step];
  }
  get object(): string {
    return this.#object ?? this.#parent.object;
  }
  as(object: string): Locus {
    return new Step(this.#parent, this.#step, object);
  }
}

/** A document as a whole. */
export const wholeDocument = (document: SourceDocument, object: string): Locus => ({ document, path: [], object });

/** The same place, as another object's. */
export function ofObject(locus: Locus, object: string): Locus {
  if (locus instanceof Step) return locus.as(object);
  // A place with fields of its own is an object's already.
  return locus.field === undefined ? { ...locus, object } : locus;
}

/** The place of a field below `locus`. */
export const at = (locus: Locus, ...path: Path): Locus =>
  path.reduce((parent: Locus, step) => parent.field?.(step) ?? new Step(parent, step, null), locus);

/** `file:line`, for pointing at another place in a message. */
export function placeOf(locus: Locus): string {
  const { document, path } = writtenAt(locus);
  return `${document.file}:${document.position(path).line}`;
}

/**
 * The place of a field that may be written as its plural, as `podCIDR` and `podCIDRs`: the field where the input has it, else the item of
 * the plural's list.
 */
export const itemAt = (locus: Locus, field: string, index: number): Locus =>
  isStated(locus, field) ? at(locus, field) : at(locus, `${field}s`, index);

/** Is the field there? The place of one that is not is its parent's. */
export function isStated(locus: Locus, field: string): boolean {
  const [whole, own] = [writtenAt(locus), writtenAt({ document: locus.document, path: [...locus.path, field] })];
  const [from, to] = [whole.document.position(whole.path), own.document.position(own.path)];
  return own.document !== whole.document || to.line !== from.line || to.column !== from.column;
}

/** The place of the object or the list that a place is in. */
export const parentOf = ({ document, path, object }: Locus): Locus => ({ document, path: path.slice(0, -1), object });
