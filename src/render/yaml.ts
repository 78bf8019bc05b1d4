import { Document, visit } from 'yaml';
import type { Renderer } from './renderer.ts';
import { safeLines } from './text.ts';

/** The JSON as YAML. */
export const yaml: Renderer = (trace) => yamlText(trace);

/**
 * Long strings on one line, no anchors, so that it is the same for every reader. What JSON escapes is escaped here: only a string in double
 * quotes can say it.
 */
export function yamlText(value: unknown): string {
  const document = new Document(value, { aliasDuplicateObjects: false });
  visit(document, {
    Scalar(_key, node) {
      if (typeof node.value === 'string' && safeLines(node.value) !== node.value) node.type = 'QUOTE_DOUBLE';
    },
  });
  return safeLines(document.toString({ lineWidth: 0 }));
}
