import * as z from 'zod';
import { CLIENTS, CODES } from '../hop/code.ts';
import { FAMILIES } from '../net/address.ts';

/** The JSON of `lab verify`: traces beside what a kernel did. As with a trace, fields may be added, and none is removed or renamed. */
const open = z.looseObject;

const crossing = open({
  netns: z.string(),
  device: z.string(),
  direction: z.enum(['in', 'out']),
  header: z.string().describe('Protocol, addresses, ports and TTL; of an ICMP error also what it is about.'),
}).describe('A packet on a device.');

const walk = open({
  walk: z.enum(['forward', 'reply', 'ack', 'data']),
  agrees: z.boolean(),
  model: z.array(crossing),
  kernel: z.array(crossing),
});

const flow = open({
  source: z.string().describe('As on the command line.'),
  destination: z.string().describe('As on the command line.'),
  family: z.enum(FAMILIES).describe('The IP family of its packets: a question is one flow for each that both ends have.'),
  protocol: z.enum(['tcp', 'udp', 'sctp', 'icmp']),
  port: z.number().int().nullable(),
  address: z.string().nullable().describe('The address that the client called: of a headless service, one flow for each.'),
  agrees: z.boolean().nullable().describe('null: nothing was sent; note says why.'),
  note: z.string().nullable(),
  outcome: z
    .enum(['delivered', 'dropped', 'rejected', 'exits', 'looped', 'undetermined', 'mixed'])
    .describe('What the trace says, over all its paths.'),
  code: z.enum(CODES).nullable(),
  taken: open({
    outcome: z.enum(['delivered', 'dropped', 'rejected', 'exits', 'looped', 'undetermined']),
    code: z.enum(CODES).nullable(),
  })
    .nullable()
    .describe('What it says of the path that the kernel took.'),
  name: z.string().nullable().describe("The name that the file's `expect` has for it."),
  expected: z.string().nullable().describe("The outcome, or the outcomes, that the file's `expect` has for this flow."),
  asExpected: z.boolean().nullable().describe('Is the outcome of the trace one of these? null: nothing is expected.'),
  path: z.number().int().min(0).nullable().describe('The path of the trace that the kernel took; when none agrees, the one most like it.'),
  paths: z.number().int().min(1).describe('How many paths the trace has.'),
  client: open({
    model: z.enum(CLIENTS),
    kernel: z.enum(CLIENTS).nullable(),
    agrees: z.boolean().nullable(),
  }).describe("What the client's program sees. The model's unknown agrees with all."),
  walks: z.array(walk),
});

export const labSchema = open({
  schemaVersion: z.literal(1),
  kernel: z.string().describe('The release, as uname -r prints it.'),
  agrees: z.boolean().nullable().describe('Do all flows agree? null: nothing was sent.'),
  unexpected: z.number().int().min(0).describe('Flows whose outcome is not the one that the file expects.'),
  flows: z.array(flow),
}).meta({ title: 'k8s-trace lab verify' });

export type LabDocument = z.output<typeof labSchema>;
export type LabFlowDocument = LabDocument['flows'][number];
export type LabWalkDocument = LabFlowDocument['walks'][number];

/** A lab that `lab up` left running: its namespaces, and how to get in. */
export interface UpView {
  readonly name: string;
  readonly kernel: string;
  readonly pid: number;
  readonly namespaces: readonly NamespaceView[];
  /** Command lines: two that open a shell in the first pod (ours, and one without us), and the one that ends it all. */
  readonly enter: { readonly exec: string; readonly raw: string; readonly down: string };
}

export interface NamespaceView {
  /** As `lab exec` takes it. */
  readonly place: string;
  /** Its file in the lab's /run/netns. */
  readonly file: string;
  readonly addresses: readonly string[];
  /** `8080/tcp` */
  readonly listens: readonly string[];
}
