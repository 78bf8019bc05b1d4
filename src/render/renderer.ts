import type { TraceDocument } from '../document/trace-schema.ts';

/** How a result is to look. Nothing here is read from the environment: a renderer is a function of its arguments. */
export interface RenderOptions {
  readonly color: boolean;
  /** Columns. */
  readonly width: number;
  /** Every path, not only the most telling one. */
  readonly allPaths: boolean;
  /** The answer's hops too. */
  readonly reply: boolean;
  /** Every hop, and every rule that was looked at. */
  readonly verbose: boolean;
}

export type Renderer = (trace: TraceDocument, options: RenderOptions) => string;
