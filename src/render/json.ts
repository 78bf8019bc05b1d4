import type { Renderer } from './renderer.ts';
import { jsonText } from './text.ts';

/** Everything, always: detail flags prune only what people read. */
export const json: Renderer = (trace) => `${jsonText(trace)}\n`;
