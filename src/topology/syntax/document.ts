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

/** The lines of a text, cut when the first one is asked for. */
export function lineReader(text: string): (line: number) => string {
  let lines: readonly string[] | null = null;
  return (line) => {
    lines ??= text.split(/\r\n|\r|\n/);
    return lines[line - 1] ?? '';
  };
}
