import type { TraceDocument } from '../document/trace-schema.ts';
import { dot } from './dot.ts';
import { html } from './html.ts';
import { mermaid } from './mermaid.ts';
import type { PictureFormat } from './picture-formats.ts';
import type { RenderOptions } from './renderer.ts';
import { svg } from './svg.ts';

/** Pictures of one or several traces in one file; loaded only when one is asked for. */
type PictureRenderer = (traces: readonly TraceDocument[], options: RenderOptions) => string;

export const pictureRenderers: Readonly<Record<PictureFormat, PictureRenderer>> = { mermaid, dot, svg, html };
