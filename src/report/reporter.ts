import type { CheckDocument } from '../check-document.ts';

export interface ReportOptions {
  readonly color: boolean;
  readonly width: number;
  /** Of k8s-trace itself, for formats that name their tool. */
  readonly version: string;
  /** The working directory: reports name files from there. */
  readonly directory: string;
  /** The pages of the reason codes that occur, for formats that explain them. */
  readonly pages: ReadonlyMap<string, string>;
}

/** A pure function from what was checked to text. */
export type Reporter = (document: CheckDocument, options: ReportOptions) => string;
