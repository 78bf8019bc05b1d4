import type { SourceDocument } from '../../source/origin.ts';

/** A parsed document of an input file, and what it says as plain data. */
export interface ParsedDocument extends SourceDocument {
  /** The document without its data, which nothing holds on to once it is read. */
  readonly source: SourceDocument;
  readonly data: unknown;
  /** Characters of the file that it is in. */
  readonly size: number;
}

/** A file of the input; reading it is the caller's business. */
export type InputFile = Named & (Bytes | Parts);

interface Named {
  readonly name: string;
  /** One of those that a directory had: nobody said that it is ours. */
  readonly isFromDirectory?: boolean;
}

/** A file that was read at once. */
interface Bytes {
  readonly bytes: Uint8Array;
}

/** A dump of a large cluster has gigabytes: it is read in parts, and a part again when a position is asked for. */
export interface Parts {
  readonly size: number;
  /** Reads from an offset on, as read(2) does: some bytes, but not always as many as `into` has room for; none at the end. */
  read(into: Uint8Array, offset: number): number;
}

/** Bytes that a file has from an offset on; fewer where it ends. */
export function bytesAt(file: InputFile, offset: number, length: number): Uint8Array {
  if ('bytes' in file) return file.bytes.subarray(offset, offset + length);
  const bytes = new Uint8Array(Math.max(0, Math.min(length, file.size - offset)));
  let count = 0;
  for (let read = -1; read !== 0 && count < bytes.length; count += read) read = file.read(bytes.subarray(count), offset + count);
  return bytes.subarray(0, count);
}

export const sizeOf = (file: InputFile): number => ('bytes' in file ? file.bytes.length : file.size);

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
