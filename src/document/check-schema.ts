import * as z from 'zod';
import { SEVERITIES } from '../k8s/expectation.ts';
import { position } from './hop-base-schema.ts';
import { family, reason, traceSchema } from './trace-schema.ts';
import { whatIfSchema } from './what-if-schema.ts';

/** The JSON of `check`: expectations, and the results of their traces. As with a trace, fields may be added, and none is removed or renamed. */
const open = z.looseObject;

const result = open({
  name: z.string().describe("The expectation's name; without one, source and destination."),
  from: z.string().describe('As on the command line.'),
  to: z.string().describe('As on the command line.'),
  family: family.describe('The IP family of this connection: each is judged alone. Of what is not asked, the first that it could be.'),
  families: z
    .array(family)
    .describe('Those that the expectation asks of these two ends, a result each, in the order in which a program tries them.'),
  severity: z.enum(SEVERITIES),
  status: z.enum(['holds', 'fails', 'undetermined']),
  expected: z.string().describe('What was expected, in words.'),
  got: z.string().describe('What the trace says: its outcome, and the code of its reason.'),
  mismatches: z.array(z.string()).describe('What is not as expected, one sentence each.'),
  path: z.number().int().min(0).describe('Index of the path that was decisive.'),
  reason: reason.nullable().describe('Of that path; null when it is delivered, and when the expectation holds.'),
  unasked: open({ message: z.string(), hint: z.string().nullable() })
    .optional()
    .describe('Only when it cannot be asked, as of a name that nothing has: why, and what to write instead. It fails then.'),
  source: position.describe('Where the expectation stands.'),
  decided: position
    .nullable()
    .describe(
      'Where the rule or field stands that decided otherwise; null when the expectation holds, or no one place decided. Of what is not asked, the field that is wrong.',
    ),
  trace: traceSchema.nullable().describe('The whole trace; null when the expectation holds, and beyond the first thousand that do not.'),
});

export const checkSchema = open({
  schemaVersion: z.literal(1),
  undetermined: z.enum(['fail', 'warn', 'pass']).describe('What an undetermined result was taken for.'),
  failOn: z.enum(['error', 'warning', 'note', 'never']).describe('The least severity that makes the check fail.'),
  summary: open({
    expectations: z.number().int(),
    expectationsHold: z.number().int().describe('Expectations of which every connection is as expected.'),
    checks: z.number().int().describe('Connections: each of an expectation, a pair of its ends and an IP family.'),
    hold: z.number().int(),
    fail: z.number().int(),
    undetermined: z.number().int(),
  }),
  results: z.array(result),
  whatIf: whatIfSchema.optional(),
}).meta({ title: 'k8s-trace check' });

export type CheckDocument = z.output<typeof checkSchema>;
export type CheckResult = CheckDocument['results'][number];
export type SourceRef = CheckResult['source'];
