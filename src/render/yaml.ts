import { stringify } from 'yaml';
import type { Renderer } from './renderer.ts';

/** The JSON as YAML; long strings on one line, no anchors, so that it is the same for every reader. */
export const yaml: Renderer = (trace) => stringify(trace, { lineWidth: 0, aliasDuplicateObjects: false });
