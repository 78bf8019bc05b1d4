import type { CheckDocument } from '../document/check-schema.ts';

export interface Directory {
  /** Where we run, and relative names begin. */
  readonly working: string;
  /** Where reports name files from: the root of the checkout, where somebody says what that is, else the same. */
  readonly root: string;
}

export interface ReportOptions {
  readonly color: boolean;
  readonly width: number;
  /** Of k8s-trace itself, for formats that name their tool. */
  readonly version: string;
  readonly directory: Directory;
  /** The pages of the reason codes that occur, for formats that explain them. */
  readonly pages: ReadonlyMap<string, string>;
}

/** A pure function from what was checked to text. */
export type Reporter = (document: CheckDocument, options: ReportOptions) => string;
