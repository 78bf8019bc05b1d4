import * as z from 'zod';
import { CODES } from '../hop/code.ts';
import { FAMILIES } from '../net/address.ts';
import { PROTOCOLS } from '../net/packet.ts';
import { matrixGroup } from './matrix-schema.ts';
import { outcomeSchema } from './trace-schema.ts';
import { whatIfSchema } from './what-if-schema.ts';

/** The JSON of `diff`. As with a trace, fields may be added, and none is removed or renamed. */
const open = z.looseObject;

const told = open({
  outcome: outcomeSchema,
  code: z.enum(CODES).nullable().describe('Null: delivered.'),
  share: z.number().gt(0).max(1).describe('Of the pairs of members of both groups, weighted by the probability of paths, as in a matrix.'),
  endpoint: z
    .array(z.string())
    .optional()
    .describe('Where others receive the packets than before: the groups that do, with the port that they get.'),
  way: z
    .array(z.string())
    .optional()
    .describe('Where packets go another way: the devices that they pass and what is done to them, each way once.'),
});

const place = open({
  file: z.string(),
  line: z.number().int().positive(),
  column: z.number().int().positive(),
  text: z.string().describe('The lines of the object or the field, or the first of them.'),
});

const cause = open({
  object: z.string().describe('As NetworkPolicy/shop/db; of a field of a Topology, Topology/cluster.cni.'),
  change: z.enum(['added', 'removed', 'changed']).describe('Of the object.'),
  before: place.nullable().describe('The object, or the field of it that differs; null: it is not there.'),
  after: place.nullable(),
});

const change = open({
  kind: z
    .enum(['gained', 'lost', 'changed'])
    .describe('gained: more of it arrives than before; lost: less; changed: as much, but otherwise.'),
  from: z.string().describe('The id of a group, as in a matrix; with --expectations, the name in the expectation.'),
  to: z.string(),
  family: z.enum(FAMILIES),
  protocol: z.enum(PROTOCOLS),
  ports: z.array(z.string()).describe('As they are dialled: "80", "8000-8080", ascending. Empty for ICMP, which has none.'),
  before: told.nullable().describe('Null: an end of it was not there, or nobody is told of the port.'),
  after: told.nullable(),
  what: z.string().describe('The change in words.'),
  causes: z
    .array(cause)
    .describe(
      'What the change does not come about without, each found by leaving it out. Several: each of them is needed, or (where one is enough) all of them have to be left out. Empty: not found.',
    ),
});

export const diffSchema = open({
  schemaVersion: z.literal(1),
  whatIf: whatIfSchema.optional(),
  same: z.boolean().describe('No group and no connection differs.'),
  groups: open({ added: z.array(matrixGroup), removed: z.array(matrixGroup) }),
  changes: z.array(change).describe('First what is lost, then what is gained, then what is changed; by from and to.'),
  withoutEffect: z.array(cause).describe('What the inputs have not alike, and what made none of the changes.'),
  notCompared: z
    .number()
    .int()
    .nonnegative()
    .describe('So many connections arrive as before, and were not followed to see whether they go the same way: there are too many.'),
}).meta({ title: 'k8s-trace diff' });

export type DiffDocument = z.output<typeof diffSchema>;
export type ChangeDocument = DiffDocument['changes'][number];
export type CauseDocument = ChangeDocument['causes'][number];
export type ToldDocument = NonNullable<ChangeDocument['before']>;
export type PlaceDocument = NonNullable<CauseDocument['before']>;
