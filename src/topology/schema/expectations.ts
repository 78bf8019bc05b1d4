import * as z from 'zod';
import { CODES } from '../../hop/code.ts';
import { EXPECTED_OUTCOMES, SEVERITIES } from '../../k8s/expectation.ts';
import { REDIRECTS } from '../../k8s/http/http.ts';
import { FAMILIES } from '../../net/address.ts';
import { label, labels, oneOf, port, portName } from '../../source/fields.ts';
import { field, strict } from '../../source/objects.ts';
import { didYouMean } from '../../source/suggest.ts';

/** Expectations of traces: in the Topology, or in documents of their own. */

const name = () =>
  z.string({ error: 'expected a name, as on the command line' }).min(1, { error: 'expected a name, as on the command line' });

const selection = () =>
  z.union([
    name(),
    z.array(name()).min(1, { error: 'state at least one name' }),
    strict(() => ({
      names: field(
        z.array(name()).min(1, { error: 'state at least one name' }).optional(),
        'Names as on the command line; "*" is every pod.',
      ),
      workload: field(labels.optional(), 'Every pod with these labels.'),
      namespace: field(label.optional(), 'Only those of this namespace.'),
      except: field(z.array(name()).optional(), 'But not these.'),
    })),
  ]);

const one = <T extends z.ZodType>(schema: T) => z.union([schema, z.array(schema).min(1, { error: 'state at least one' })]);

/** There are too many codes to list them all. */
const code = () =>
  z.enum(CODES, {
    error: ({ input }) =>
      typeof input === 'string' ? `expected a reason code; ${didYouMean(input, CODES) ?? 'k8s-trace explain lists them all'}` : undefined,
  });

export const expectation = strict(() => ({
  name: field(z.string().optional(), 'What is expected, in words.'),
  from: field(selection(), 'The source, as on the command line; several; or all pods with some labels.'),
  to: field(selection(), 'The destination, likewise.'),
  port: field(z.union([port, portName]).optional(), "The destination's port, where its name does not say it."),
  protocol: field(oneOf(['tcp', 'udp', 'sctp', 'icmp']).optional(), 'The protocol, where the name does not say it.'),
  family: field(oneOf(FAMILIES).optional(), 'The only IP family that is asked; left out, each that both ends have.'),
  outcome: field(
    one(oneOf(EXPECTED_OUTCOMES)).optional(),
    'What a trace must say; blocked is dropped, rejected or looped. Left out: delivered, or with a reason any.',
  ),
  reason: field(one(code()).optional(), 'The reason code that it must have.'),
  via: field(
    one(name()).optional(),
    'What the request must pass: a node, a pod, the gateway, a router, a service, or a device, as "node-1 cni0".',
  ),
  notVia: field(one(name()).optional(), 'What it must not pass.'),
  at: field(one(name()).optional(), 'The pod or node that must receive it.'),
  source: field(name().optional(), 'The source address that the receiver must see, or whose.'),
  paths: field(oneOf(['every', 'some']).optional(), 'Must every path be so, or some?'),
  redirects: field(
    oneOf(REDIRECTS).optional(),
    'Of a URL: does the client follow redirects, as it does when left out, or stay at the first answer?',
  ),
  severity: field(oneOf(SEVERITIES).optional(), 'How bad it is when it does not hold.'),
}));

export const expectationsSchema = strict(() => ({
  apiVersion: field(z.literal('k8s-trace/v1', { error: 'expected k8s-trace/v1' }), 'The version of this format.'),
  kind: field(z.literal('Expectations'), 'Expectations.'),
  expect: field(z.array(expectation).min(1, { error: 'state at least one expectation' }), 'What traces are expected to say.'),
}));

export type ExpectationsInput = z.output<typeof expectationsSchema>;
export type ExpectationInput = z.output<typeof expectation>;
