import type { CheckDocument } from '../document/check-schema.ts';

export interface Directory {
  /** The working directory, where relative names begin. */
  readonly working: string;
  /** Reports name files from here: the root of the checkout, where the environment says what that is, else the same. */
  readonly root: string;
}

export interface ReportOptions {
  readonly color: boolean;
  readonly width: number;
  /** The expectations that hold, too, in the text. */
  readonly verbose: boolean;
  /** Of k8s-trace itself, for formats that name their tool. */
  readonly version: string;
  readonly directory: Directory;
  /** The pages of the reason codes that occur, for formats that explain them. */
  readonly pages: ReadonlyMap<string, string>;
}

/** A pure function from what was checked to text. */
export type Reporter = (document: CheckDocument, options: ReportOptions) => string;
