import type { PolicyDocument } from '../document/policy-schema.ts';
import { policyMarkdown } from './policy-markdown.ts';
import { type PolicyOptions, policyText } from './policy-text.ts';
import { jsonText } from './text.ts';
import { yamlText } from './yaml.ts';

/** One entry a format of `policy`. */
export const policyRenderers = {
  table: policyText,
  json: (document) => `${jsonText(document)}\n`,
  yaml: (document) => yamlText(document),
  markdown: (document, { verbose }) => policyMarkdown(document, verbose),
} satisfies Record<string, (document: PolicyDocument, options: PolicyOptions) => string>;
