import * as z from 'zod';
import { CLIENTS, CODES } from '../hop/code.ts';
import { hopSchema, source } from './hop-schema.ts';

/**
 * The JSON of a trace: what scripts are written against. Within a schema version nothing is removed or renamed; fields may be added, so
 * objects are open.
 */
const open = z.looseObject;

const outcomeSchema = z.enum(['delivered', 'dropped', 'rejected', 'exits', 'looped', 'undetermined']);
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
};
export const reason = open(reasonBase);

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
    kind: z.enum(['Pod', 'Service', 'Node', 'Host', 'Address', 'Name', 'URL']).describe('Name: a DNS name without an address.'),
    namespace: z.string().nullable(),
    name: z.string(),
    container: z.string().nullable(),
    port: z.number().int().nullable(),
    protocol: z.enum(['tcp', 'udp', 'sctp', 'icmp']).nullable().describe('Null when no packet was asked for.'),
    ip: z.string().nullable(),
    dnsName: z.string().nullable().describe('The DNS name that it was asked by, if it was.'),
  }),
  outcome: z.enum([...outcomeSchema.options, 'mixed']),
  reason: open({ ...reasonBase, path: z.number().int().min(0) })
    .nullable()
    .describe('Of the first path that fails; null when delivered.'),
  paths: z.array(
    open({
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
    }),
  ),
  alsoBlockedBy: z.array(reason),
  assumptions: z.array(open({ message: z.string(), source })),
}).meta({ title: 'k8s-trace trace' });

export type TraceDocument = z.output<typeof traceSchema>;
export type PathDocument = TraceDocument['paths'][number];
export type WalkDocument = PathDocument['forward'];
export type HopDocument = WalkDocument['hops'][number];
export type ReasonDocument = NonNullable<PathDocument['reason']>;
export type SourceDocumentRef = HopDocument['source'];
