import type { CheckDocument } from '../check-document.ts';

export interface ReportOptions {
  readonly color: boolean;
  readonly width: number;
  /** Of k8s-trace itself, for formats that name their tool. */
  readonly version: string;
}

/** A pure function from what was checked to text. */
export type Reporter = (document: CheckDocument, options: ReportOptions) => string;
