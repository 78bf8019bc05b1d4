import * as z from 'zod';
import { CODES } from '../hop/code.ts';
import { FAMILIES } from '../net/address.ts';
import { PROTOCOLS } from '../net/packet.ts';
import { outcomeSchema } from './trace-schema.ts';
import { whatIfSchema } from './what-if-schema.ts';

/** The JSON of `drift`. As with a trace, fields may be added, and none is removed or renamed. */
const open = z.looseObject;

const source = open({
  file: z.string(),
  line: z.number().int().positive().nullable().describe('Null: something is missing, and this is the file that does not have it.'),
  object: z.string().describe('As Node/node-1 iptables filter FORWARD 1.'),
  text: z.string().nullable().describe('The line; null: there is none.'),
});

const ended = open({
  outcome: z.union([outcomeSchema, z.literal('mixed')]),
  code: z.enum(CODES).nullable().describe('Of the first path that fails; null: none does.'),
  endpoints: z.array(z.string()).describe('Who receives it: pods as namespace/name, or nodes, with the port.'),
  message: z.string().nullable().describe('What the code means here.'),
  source: source.nullable().describe('What decided, where a text says so.'),
});

const kind = z
  .enum([
    'foreign-rule',
    'missing-table',
    'missing-chain',
    'missing-rule',
    'chain-policy',
    'unmodelled-rule',
    'untold',
    'missing-route',
    'wrong-route',
    'routing-rule',
    'setting',
    'device',
    'neighbour',
    'fdb',
    'policy-rules',
    'other',
  ])
  .describe('policy-rules: the rules of a policy enforcer let pass what the policies refuse.');

const restore = open({
  by: z.string().nullable().describe('The program whose work it is, as kube-proxy; null: none is known.'),
  when: z.string().nullable().describe('When the program does it again: "when it starts".'),
  commands: z
    .array(z.string())
    .describe('To be run on the node: after them the flows end as they should. Of a cause, with those of all its others on that node.'),
  words: z.string().nullable().describe('To be done on the node, where no command is known that does this alone.'),
});

/** What of a node's state makes flows end otherwise than they should. */
const odd = {
  kind,
  node: z.string(),
  part: z.string().describe('The part of the state, by the command that shows it: "iptables nat", "ip route", "net.ipv4.ip_forward".'),
  text: z.string().describe('What is odd about it.'),
  source: source.nullable(),
};

const driftCause = open({
  ...odd,
  policyDrift: z.boolean().describe('The rules do otherwise than the policies say that they are to enforce.'),
  together: z.array(z.string()).describe('What else has to be as it should be before the flows end as they should, as "node-1: …".'),
  instead: z.array(z.string()).describe('What could be put back in its place: each of these alone is enough.'),
  others: z.array(open({ ...odd, restore })).describe('Each of `together`, or of `instead`, with its own line.'),
  restore,
});

const flow = open({
  kind: z.enum(['different', 'undetermined']),
  source: z.string().describe('As Pod/shop/web, Node/node-1, Network/internet; of an expectation, the name in it.'),
  destination: z.string(),
  family: z.enum(FAMILIES),
  protocol: z.enum(PROTOCOLS),
  port: z.number().int().nullable().describe('Null: ICMP has none.'),
  should: ended.describe('Through the nodes as the objects say that they should be.'),
  has: ended.describe('Through the nodes as they were found.'),
  cause: driftCause
    .nullable()
    .describe(
      'The part of the state without which the flow ends as it should, found by putting it back. Null: not found, or not looked for.',
    ),
});

export const driftSchema = open({
  schemaVersion: z.literal(1),
  whatIf: whatIfSchema.optional(),
  node: z.string().nullable().describe('The one whose state was looked at alone; null: all.'),
  asked: open({
    nodes: z.array(z.string()).describe('Those whose state was looked at.'),
    by: z.enum(['expectations', 'pairs']).describe('What the input expects something of, or all pairs of ends that touch these nodes.'),
    flows: z.number().int().nonnegative(),
    size: z.number().int().nullable().describe('The bytes of a data packet that each connection sends; null: none is sent.'),
    notAsked: z.number().int().nonnegative().describe('Expectations that cannot be asked.'),
  }),
  outcome: z
    .enum(['same', 'different', 'undetermined'])
    .describe('different: at least one flow is; undetermined: none is, and of one nobody knows.'),
  flows: z.array(flow).describe('Those that do not end as they should, and those of which nobody knows.'),
  causesLeft: z.number().int().nonnegative().describe('So many of them had no cause looked for, because there are too many.'),
  withoutEffect: z
    .array(
      open({
        node: z.string(),
        part: z.string(),
        kind: z.enum(['table', 'rule', 'route', 'setting', 'mtu']),
        text: z.string(),
        source: source.nullable(),
      }),
    )
    .describe(
      'Tables, rules and routes that nothing of the cluster makes, and settings and MTUs that are not as they should be, and make none of the flows end otherwise.',
    ),
}).meta({ title: 'k8s-trace drift' });

export type DriftDocument = z.output<typeof driftSchema>;
export type DriftFlowDocument = DriftDocument['flows'][number];
export type DriftCauseDocument = z.output<typeof driftCause>;
export type DriftSourceDocument = z.output<typeof source>;
