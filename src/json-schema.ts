import * as z from 'zod';
import { traceSchema } from './document-schema.ts';
import { labSchema } from './lab-document.ts';
import { fieldDocs } from './topology/fields.ts';
import { topologySchema } from './topology/schema.ts';

export type SchemaName = 'topology' | 'trace' | 'lab';

/** A JSON Schema (draft 7, which editors read) of what goes in or of what comes out. */
export function makeJsonSchema(name: SchemaName): unknown {
  if (name !== 'topology') return z.toJSONSchema(name === 'trace' ? traceSchema : labSchema, { target: 'draft-7', io: 'output' });
  return z.toJSONSchema(topologySchema, {
    target: 'draft-7',
    io: 'input',
    override: ({ zodSchema, jsonSchema }) => {
      if (zodSchema === topologySchema) jsonSchema.title = 'k8s-trace topology';
      const docs = fieldDocs(zodSchema);
      for (const [field, property] of Object.entries(jsonSchema.properties ?? {})) {
        if (typeof property !== 'object') continue;
        const refused = 'not' in property;
        const text = docs[field] ?? (refused ? 'Not supported yet; a later version will read it.' : undefined);
        if (text !== undefined && jsonSchema.properties !== undefined) jsonSchema.properties[field] = { ...property, description: text };
      }
    },
  });
}
