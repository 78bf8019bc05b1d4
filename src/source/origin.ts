/** How a fact came to be: written in the input, a documented default, or taken for granted because nothing says otherwise. */
export type Evidence = 'declared' | 'inferred' | 'assumed';

/** Keys and indexes from a document's root down to a value. */
export type Path = readonly (string | number)[];

/** Lines and columns count from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** A document of the input. Finding a position costs a scan of the text, so it is asked for only when somebody will read it. */
export interface SourceDocument {
  readonly file: string;
  /** Where the value at `path` starts; its nearest parent when the path ends early. With `key`, where its key starts. */
  position(path: Path, key?: boolean): Position;
  /** Where the value at `path` was stated, when this is a part of a document whose paths differ. */
  readonly sourcePath?: (path: Path) => Path;
  /** The text of a line, without its line end. */
  line(line: number): string;
}

/** A value of the input: where it stands, and the object it belongs to, as `Node/node-1` or `Pod/default/pod-a`. */
export interface Locus {
  readonly document: SourceDocument;
  readonly path: Path;
  readonly object: string;
}

export interface Origin {
  readonly evidence: Evidence;
  readonly locus: Locus | null;
}

export const declared = (locus: Locus): Origin => ({ evidence: 'declared', locus });
export const inferred = (locus: Locus | null): Origin => ({ evidence: 'inferred', locus });
export const assumed = (locus: Locus | null): Origin => ({ evidence: 'assumed', locus });

/** The place of a field below `locus`. */
export const at = (locus: Locus, ...path: Path): Locus => ({ ...locus, path: [...locus.path, ...path] });
