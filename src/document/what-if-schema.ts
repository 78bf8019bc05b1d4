import * as z from 'zod';
import { source } from './hop-base-schema.ts';

/** Changes of the input that an answer supposes. */
export const whatIfSchema = z
  .array(
    z.looseObject({
      change: z.enum(['added', 'replaced', 'merged', 'removed', 'down']).describe('merged: some fields of it; down: a node without power.'),
      object: z.string().describe('As NetworkPolicy/shop/deny-all; Topology for what is in none of its lists.'),
      along: z.array(z.string()).describe('What goes with it, as the pods of a Deployment; of a Topology, the fields.'),
      source: source.describe('Where the patch stands; null: a flag says it.'),
    }),
  )
  .describe('Only with --with or --without: changes of the input that are supposed.');

export type WhatIfDocument = z.output<typeof whatIfSchema>;
