import type { Renderer } from './renderer.ts';

/** Everything, always: detail flags prune only what people read. */
export const json: Renderer = (trace) => `${JSON.stringify(trace, null, 2)}\n`;
