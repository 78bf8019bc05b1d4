import type { SourceDocument } from '../../source/origin.ts';

/** A parsed document of an input file, and what it says as plain data. */
export interface ParsedDocument extends SourceDocument {
  /** The document without its data, which nothing holds on to once it is read. */
  readonly source: SourceDocument;
  readonly data: unknown;
  /** Characters of the file that it is in. */
  readonly size: number;
}

/** A file as it was read; reading it is the caller's business. */
export interface InputFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/**
 * A plain scalar that YAML 1.1 (which kubectl reads) and YAML 1.2 understand differently, as `yes`, `010` or `1:30`. It is an error
 * where text or a number is wanted; where a boolean is wanted, YAML 1.1's reading counts.
 */
export class AmbiguousScalar {
  readonly text: string;
  readonly yaml11: unknown;
  constructor(text: string, yaml11: unknown) {
    this.text = text;
    this.yaml11 = yaml11;
  }
}

/**
 * A key that neither Kubernetes' labels nor a field can have, and that JavaScript keeps for itself: zod leaves it out of what it reads, so
 * that a selector with it would select by nothing.
 */
export const NO_KEY = '__proto__';

/** Its fault. */
export const BAD_KEY = { code: 'bad-key', message: `${NO_KEY} cannot be a key` } as const;

/**
 * Lists and mappings may stand within each other this deep, as they are written and by aliases. Parsers, schemas and V8's regular expressions call themselves for each
 * level, and end the process when there is no stack left. Kubernetes' deepest objects (schemas in CustomResourceDefinitions) have some 60.
 */
export const MOST_LEVELS = 500;

/** The fault of a document that is nested deeper. */
export const TOO_DEEP = { code: 'too-deep', message: `nested more than ${MOST_LEVELS} levels deep, which is the limit` } as const;
