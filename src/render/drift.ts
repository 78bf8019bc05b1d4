import type { DriftDocument } from '../document/drift-schema.ts';
import { driftMarkdown } from './drift-markdown.ts';
import { type DriftOptions, driftText } from './drift-text.ts';
import { jsonText } from './text.ts';
import { yamlText } from './yaml.ts';

/** One entry a format of `drift`. */
export const driftRenderers = {
  text: driftText,
  json: (document) => `${jsonText(document)}\n`,
  yaml: (document) => yamlText(document),
  markdown: (document) => driftMarkdown(document),
} satisfies Record<string, (document: DriftDocument, options: DriftOptions) => string>;
