import * as z from 'zod';
import { CLIENTS, CODES } from '../hop/code.ts';
import { FAMILIES } from '../net/address.ts';
import { source } from './hop-base-schema.ts';
import { hopSchema } from './hop-schema.ts';
import { remedySchema } from './remedy-schema.ts';
import { whatIfSchema } from './what-if-schema.ts';

const WORKLOADS = ['Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet', 'Job', 'CronJob'] as const;

/**
 * The JSON of a trace, which scripts are written for. Within a schema version nothing is removed or renamed; fields may be added, so
 * objects are open.
 */
const open = z.looseObject;

export const outcomeSchema = z.enum(['delivered', 'dropped', 'rejected', 'exits', 'looped', 'undetermined']);
const walkName = z.enum(['forward', 'reply', 'ack', 'data', 'dns']);

/** Walks and hops are named, so that the JSON Schema has them once. */
const walkSchema = open({
  outcome: outcomeSchema,
  reason: open({ code: z.enum(CODES), message: z.string() }).nullable(),
  hops: z.array(hopSchema.meta({ id: 'hop' })),
}).meta({ id: 'walk' });

const reasonBase = {
  code: z.enum(CODES),
  message: z.string(),
  walk: walkName,
  hop: z.number().int().min(0).describe('Index of the hop that decided.'),
  client: z.enum(CLIENTS).describe("What the client's program sees."),
  source,
  fix: z.array(z.string()),
  remedies: z.array(remedySchema).describe('What a program can do with each of `fix`, in the same order.'),
};
export const reason = open(reasonBase);
export const family = z.enum(FAMILIES);

const overall = z.enum([...outcomeSchema.options, 'mixed']);
const inPath = { ...reasonBase, path: z.number().int().min(0) };

const pathSchema = open({
  probability: z.number().min(0).max(1),
  outcome: outcomeSchema,
  client: z.enum(CLIENTS),
  reason: reason.nullable(),
  endpoint: open({ ip: z.string(), port: z.number().int().nullable(), pod: z.string().nullable(), node: z.string() }).nullable(),
  forward: walkSchema,
  reply: walkSchema.nullable(),
  ack: walkSchema.nullable(),
  data: walkSchema.nullable(),
  dns: open({ outcome: outcomeSchema, reason: reason.nullable(), forward: walkSchema, reply: walkSchema.nullable() })
    .nullable()
    .describe('The DNS query, when it was to be followed.'),
}).meta({ id: 'path' });

const assumption = open({ message: z.string(), source });

/** The connection of one IP family, where both ends have several. */
const familySchema = open({
  family,
  source: z.string().describe("The client's address."),
  destination: z.string().nullable().describe('The address that it calls; null: one of several, as of a headless service.'),
  outcome: overall,
  reason: open(inPath).nullable(),
  paths: z.array(pathSchema),
  alsoBlockedBy: z.array(reason),
  assumptions: z.array(assumption),
});

export const traceSchema = open({
  schemaVersion: z.literal(1),
  over: z.enum(['network', 'ipc', 'volume']).describe('What was asked for; without a network there is no packet.'),
  source: open({
    kind: z.enum(['Pod', 'Node', 'Host']),
    namespace: z.string().nullable(),
    name: z.string(),
    container: z.string().nullable(),
    node: z.string(),
    ip: z.string(),
  }),
  destination: open({
    kind: z
      .enum(['Pod', 'Service', 'Node', 'Host', 'Address', 'Name', 'URL', ...WORKLOADS])
      .describe('Name: a DNS name without an address. A workload is each of its pods.'),
    namespace: z.string().nullable(),
    name: z.string(),
    container: z.string().nullable(),
    port: z.number().int().nullable(),
    protocol: z.enum(['tcp', 'udp', 'sctp', 'icmp']).nullable().describe('Null when no packet was asked for.'),
    ip: z.string().nullable(),
    dnsName: z.string().nullable().describe('The DNS name that it was asked by, if it was.'),
    pinged: z.literal(true).optional().describe('Only when no port was asked for and the pod states none: ICMP echo stands in for it.'),
  }),
  established: z
    .literal(true)
    .optional()
    .describe('Only when a connection that stands already was asked about: its packets have its source port, and there is no handshake.'),
  outcome: overall.describe('Over all paths, of all families.'),
  reason: open({ ...inPath, family: family.optional().describe('The family whose paths it counts in; only with families.') })
    .nullable()
    .describe('Of the first path that fails, in the first family that fails; null when delivered.'),
  paths: z.array(pathSchema).describe('Of the family that is tried first.'),
  families: z
    .array(familySchema)
    .optional()
    .describe('Only when both ends have more than one: all of them, in the order in which a program tries them.'),
  alsoBlockedBy: z.array(reason).describe('What else is in the way of the path that the reason is of.'),
  assumptions: z.array(assumption),
  whatIf: whatIfSchema.optional(),
}).meta({ title: 'k8s-trace trace' });

export type TraceDocument = z.output<typeof traceSchema>;
export type FamilyDocument = NonNullable<TraceDocument['families']>[number];
export type PathDocument = TraceDocument['paths'][number];
export type WalkDocument = PathDocument['forward'];
export type HopDocument = WalkDocument['hops'][number];
export type ReasonDocument = NonNullable<PathDocument['reason']>;
export type SourceDocumentRef = HopDocument['source'];
