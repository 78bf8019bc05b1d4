import { json } from './json.ts';
import { minimal } from './minimal.ts';
import type { Renderer } from './renderer.ts';
import { table } from './table.ts';
import { trace } from './trace.ts';
import { yaml } from './yaml.ts';

/** One entry a format: its file, and a line here. */
export const renderers = { table, trace, json, yaml, minimal } satisfies Record<string, Renderer>;

export type Format = keyof typeof renderers;
export const FORMATS = Object.keys(renderers) as readonly Format[];
