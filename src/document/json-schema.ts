import * as z from 'zod';
import { fieldDocs } from '../source/objects.ts';
import { expectationsSchema } from '../topology/schema/expectations.ts';
import { topologySchema } from '../topology/schema/topology.ts';
import { checkSchema } from './check-schema.ts';
import { diffSchema } from './diff-schema.ts';
import { driftSchema } from './drift-schema.ts';
import { labSchema } from './lab-schema.ts';
import { matrixSchema } from './matrix-schema.ts';
import { policySchema } from './policy-schema.ts';
import { traceSchema } from './trace-schema.ts';

/** The documents that go in, and those that come out. */
const INPUTS = {
  topology: { schema: topologySchema, title: 'k8s-trace topology' },
  expectations: { schema: expectationsSchema, title: 'k8s-trace expectations' },
} as const satisfies Partial<Record<SchemaName, unknown>>;
const OUTPUTS = {
  trace: traceSchema,
  check: checkSchema,
  policy: policySchema,
  matrix: matrixSchema,
  diff: diffSchema,
  drift: driftSchema,
  lab: labSchema,
} as const satisfies Partial<Record<SchemaName, unknown>>;

export type SchemaName = 'topology' | 'expectations' | 'trace' | 'check' | 'policy' | 'matrix' | 'diff' | 'drift' | 'lab';

/** A JSON Schema (draft 7, which editors read) of what goes in or of what comes out. */
export function makeJsonSchema(name: SchemaName): unknown {
  if (name !== 'topology' && name !== 'expectations') return z.toJSONSchema(OUTPUTS[name], { target: 'draft-7', io: 'output' });
  const { schema, title } = INPUTS[name];
  return z.toJSONSchema(schema, {
    target: 'draft-7',
    io: 'input',
    override: ({ zodSchema, jsonSchema }) => {
      if (zodSchema === schema) jsonSchema.title = title;
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
