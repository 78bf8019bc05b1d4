import * as z from 'zod';
import { traceSchema } from './document-schema.ts';
import { topologySchema } from './topology/schema.ts';

export type SchemaName = 'topology' | 'trace';

/** A JSON Schema (draft 7, which editors read) of what goes in or of what comes out. */
export function jsonSchema(name: SchemaName): unknown {
  if (name === 'trace') return z.toJSONSchema(traceSchema, { target: 'draft-7', io: 'output' });
  return z.toJSONSchema(topologySchema, { target: 'draft-7', io: 'input' });
}
