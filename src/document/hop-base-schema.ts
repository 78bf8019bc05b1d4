import * as z from 'zod';

/** What all hops of a trace say in JSON: the packet, and its place in the input. Objects are open, as in trace-schema.ts. */
export const open = z.looseObject;

export const position = open({
  file: z.string(),
  line: z.number().int().min(1),
  column: z.number().int().min(1),
  object: z.string().describe('What it belongs to, as Node/node-1 or Service/default/web.'),
}).describe('The place in the input that decided.');
export const source = position.nullable();

const tuple = {
  protocol: z.enum(['tcp', 'udp', 'sctp', 'icmp']),
  source: z.string(),
  sourcePort: z.number().int().nullable(),
  destination: z.string(),
  destinationPort: z.number().int().nullable(),
};

const packet = open({
  ...tuple,
  tcpFlags: z.enum(['SYN', 'SYN-ACK', 'ACK', 'PSH-ACK', 'RST']).nullable(),
  ttl: z.number().int().min(0).max(255),
  size: z.number().int().min(0).describe('Bytes of the IP packet.'),
  icmp: open({
    type: z.enum(['echo-request', 'echo-reply', 'destination-unreachable', 'time-exceeded', 'packet-too-big']),
    code: z.string().nullable(),
    mtu: z.number().int().nullable(),
    original: open(tuple).nullable().describe('The header that an ICMP error quotes.'),
  }).nullable(),
  outer: open({
    protocol: z.enum(['udp', 'ipip']),
    source: z.string(),
    sourcePort: z.null().describe('A hash of the flow.'),
    destination: z.string(),
    destinationPort: z.number().int().nullable().describe('Null: IPIP has no ports.'),
    ttl: z.number().int().min(0).max(255),
    size: z.number().int().min(0).describe('Bytes of the IP packet, with the one inside.'),
    vni: z.number().int().nullable(),
  })
    .nullable()
    .describe('The header of the packet that carries it through a tunnel: from the `encap` hop to the `decap` hop.'),
}).describe('The packet as it is after this hop.');

const ruleStep = open({ chain: z.string(), rule: z.string(), source });
const missed = open({
  chain: z.string(),
  rule: z.string(),
  failed: z.string(),
  run: z
    .number()
    .int()
    .min(2)
    .optional()
    .describe(
      'So many rules one after another that each take a share of the packets at random (`statistic`), and did not: this is the first.',
    ),
}).describe('A rule that was looked at and did not match, and by which condition.');

export const hopBase = {
  index: z.number().int().min(0),
  node: z.string(),
  netns: z.string().describe("The node's name for the host's own namespace, namespace/pod for a pod's."),
  device: z.string().nullable(),
  packet,
  about: z.literal('outer').optional().describe('The hop is about the packet that carries this one through a tunnel: `packet.outer`.'),
  mark: z.number().int(),
  changes: z.array(open({ field: z.string(), from: z.union([z.string(), z.number()]), to: z.union([z.string(), z.number()]) })),
  evidence: z.enum(['declared', 'inferred', 'assumed']),
  source,
  text: z.string(),
};

export const hook = z.enum(['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING']);
export const rules = {
  rules: z.array(ruleStep).describe('The rules that matched, in order.'),
  lookedAt: z
    .array(missed)
    .describe(
      'The rules that did not match, in order: in the chains that lead to the rule that decided, and where none did, in all that the packet passed.',
    ),
};
