import * as z from 'zod';
import { CODES } from '../hop/code.ts';
import { FAMILIES } from '../net/address.ts';
import { PROTOCOLS } from '../net/packet.ts';
import { outcomeSchema } from './trace-schema.ts';
import { whatIfSchema } from './what-if-schema.ts';

/** The JSON of `matrix`. As with a trace, fields may be added, and none is removed or renamed. */
const open = z.looseObject;

export const matrixGroup = open({
  id: z.string().describe('As Deployment/shop/web, Service/shop/web, Node/nodes, Network/internet.'),
  kind: z
    .string()
    .describe('Of the workload that pods are of; Pod: of none. Service, Node, or Network for addresses outside of the cluster.'),
  namespace: z.string().nullable().describe('Null: it is in none.'),
  name: z.string(),
  members: z.array(z.string()).describe('Names of pods, in their order, or of nodes; of a service its own. A network has none.'),
  cidrs: z.array(z.string()).min(1).optional().describe('Of a network: of these addresses, those outside of the cluster.'),
});

export const matrixConnection = open({
  from: z.string().describe('The id of a group.'),
  to: z.string().describe('The id of a group.'),
  family: z.enum(FAMILIES),
  protocol: z.enum(PROTOCOLS),
  ports: z.array(z.string()).describe('As they are dialled: "80", "8000-8080", ascending. Empty for ICMP, which has none.'),
  outcome: outcomeSchema,
  code: z.enum(CODES).nullable().describe('Null: delivered.'),
  share: z
    .number()
    .gt(0)
    .max(1)
    .describe(
      'Of the pairs of members that were asked at these ports, without those of one with itself, and weighted by the probability of paths.',
    ),
  assumed: z.boolean().describe('Some of it hangs on something that the input does not state.'),
});

const asked = open({
  from: z.array(z.string()).describe('Ids of the groups that call: the rows.'),
  to: z.array(z.string()).describe('Ids of the groups that are called: the columns.'),
  families: z.array(z.enum(FAMILIES)).describe('Each where both ends have an address of it.'),
  ports: z
    .array(z.string())
    .nullable()
    .describe('Asked of everybody: "80/tcp", "http/tcp", "icmp". Null: what everybody states and is called on, or with anyPort all.'),
  protocol: z.enum(PROTOCOLS).nullable().describe('Of what is stated, only this. Null: any.'),
  anyPort: z.boolean().describe('All ports and protocols, as far as policies and rules go: that nobody listens does not count.'),
  blocked: z.boolean().describe('What does not arrive is told, too.'),
});

const part = open({
  shard: z.number().int().min(1).describe('Which one, from 1 on.'),
  of: z.number().int().min(1).describe('Into how many the rows are cut.'),
  digest: z.string().describe('Of the input and of what was asked: parts with another one are of another matrix.'),
  version: z.string().describe('Of the program that made it.'),
  blocked: z
    .boolean()
    .describe('--blocked: what does not arrive is wanted in every format. A part has it in any case, for tables count it.'),
  missing: z.array(z.string()).describe('Flags for facts that the input does not state and policies hang on.'),
});

export const matrixSchema = open({
  schemaVersion: z.literal(1),
  part: part.optional().describe('Only with --shard: the connections are those of a part of the rows, and all else is as of the whole.'),
  whatIf: whatIfSchema.optional(),
  asked,
  groups: z.array(matrixGroup).describe('In the order of rows and of columns.'),
  connections: z
    .array(matrixConnection)
    .describe(
      'By from and to in the order of groups, family, protocol, first port, outcome and code. Only what is delivered or exits, unless blocked ones were asked for.',
    ),
  notAsked: z
    .array(z.string())
    .describe('Pods, as namespace/name, and nodes that state no port and are called on none: nothing was asked of them.'),
}).meta({ title: 'k8s-trace matrix' });

/** The same, of which the connections come one at a time: there may be millions. */
export interface MatrixResult {
  readonly part?: NonNullable<MatrixDocument['part']>;
  readonly whatIf?: NonNullable<MatrixDocument['whatIf']>;
  readonly asked: MatrixDocument['asked'];
  readonly groups: readonly MatrixGroupDocument[];
  readonly connections: Iterable<MatrixConnectionDocument>;
  readonly notAsked: readonly string[];
}

export type MatrixDocument = z.output<typeof matrixSchema>;
export type MatrixGroupDocument = MatrixDocument['groups'][number];
export type MatrixConnectionDocument = MatrixDocument['connections'][number];
