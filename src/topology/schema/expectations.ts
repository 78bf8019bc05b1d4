import * as z from 'zod';
import { CODES } from '../../hop/code.ts';
import { EXPECTED_OUTCOMES, SEVERITIES } from '../../k8s/expectation.ts';
import { didYouMean } from '../../source/suggest.ts';
import { label, labels, oneOf, port, portName, strict } from './fields.ts';

/** What is expected of traces: in the Topology, or in documents of their own. */

const name = z.string({ error: 'expected a name, as on the command line' }).min(1, { error: 'expected a name, as on the command line' });

const selection = z.union([
  name,
  z.array(name).min(1, { error: 'state at least one name' }),
  strict(
    {
      names: z.array(name).min(1, { error: 'state at least one name' }).optional(),
      workload: labels.optional(),
      namespace: label.optional(),
      except: z.array(name).default([]),
    },
    {
      names: 'Names as on the command line; "*" is every pod.',
      workload: 'Every pod with these labels.',
      namespace: 'Only those of this namespace.',
      except: 'But not these.',
    },
  ),
]);

const one = <T extends z.ZodType>(schema: T) => z.union([schema, z.array(schema).min(1, { error: 'state at least one' })]);

/** There are too many codes to list them all. */
const code = z.enum(CODES, {
  error: ({ input }) =>
    typeof input === 'string' ? `expected a reason code; ${didYouMean(input, CODES) ?? 'k8s-trace explain lists them all'}` : undefined,
});

export const expectation = strict(
  {
    name: z.string().optional(),
    from: selection,
    to: selection,
    port: z.union([port, portName]).optional(),
    protocol: oneOf(['tcp', 'udp', 'sctp', 'icmp']).optional(),
    outcome: one(oneOf(EXPECTED_OUTCOMES)).optional(),
    reason: one(code).optional(),
    via: one(name).optional(),
    notVia: one(name).optional(),
    at: one(name).optional(),
    source: name.optional(),
    paths: oneOf(['every', 'some']).default('every'),
    severity: oneOf(SEVERITIES).default('error'),
  },
  {
    name: 'What is expected, in words.',
    from: 'The source, as on the command line; several; or all pods with some labels.',
    to: 'The destination, likewise.',
    port: "The destination's port, where its name does not say it.",
    protocol: 'The protocol, where the name does not say it.',
    outcome: 'What a trace must say; blocked is dropped, rejected or looped. Left out: delivered, or with a reason any.',
    reason: 'The reason code that it must have.',
    via: 'What the request must pass: a node, a pod, the gateway, a router, a service, or a device, as "node-1 cni0".',
    notVia: 'What it must not pass.',
    at: 'The pod or node that must receive it.',
    source: 'The source address that the receiver must see, or whose.',
    paths: 'Must every path be so, or some?',
    severity: 'How bad it is when it does not hold.',
  },
);

export const expectationsSchema = strict(
  {
    apiVersion: z.literal('k8s-trace/v1', { error: 'expected k8s-trace/v1' }),
    kind: z.literal('Expectations'),
    expect: z.array(expectation).min(1, { error: 'state at least one expectation' }),
  },
  { apiVersion: 'The version of this format.', kind: 'Expectations.', expect: 'What traces are expected to say.' },
);

export type ExpectationsInput = z.output<typeof expectationsSchema>;
export type ExpectationInput = z.output<typeof expectation>;
