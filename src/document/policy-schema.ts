import * as z from 'zod';
import { FAMILIES } from '../net/address.ts';
import { PROTOCOLS } from '../net/packet.ts';
import { source } from './hop-base-schema.ts';
import { policyDecider, selectedPolicy } from './policy-hop-schema.ts';
import { whatIfSchema } from './what-if-schema.ts';

/** The JSON of `policy`. As with a trace, fields may be added, and none is removed or renamed. */
const open = z.looseObject;

const row = {
  family: z.enum(FAMILIES),
  protocol: z.enum(PROTOCOLS),
  ports: z
    .array(z.string())
    .describe('As the pod gets them, after the translation of a service: "80", "8000-8080". Empty for ICMP, which has none.'),
  verdict: z.enum(['allow', 'deny', 'unknown']).describe('Of both ends together.'),
  blockedAt: z
    .enum(['own', 'peer'])
    .nullable()
    .describe('Of deny: by policies about the pod itself, or about its peer. Where both deny it: own. Else null.'),
  decidedBy: policyDecider
    .nullable()
    .describe("Of deny: what denies. Of allow: what decided at the pod's own end. Null: no policy did, as where none is about the pod."),
  peerDecidedBy: policyDecider.nullable().describe("Of allow: what decided at the peer's end; null: no policy did."),
  missing: open({ text: z.string(), command: z.string().nullable() })
    .nullable()
    .describe('Of unknown: what the input does not say, and the command that would tell, if there is one. Else null.'),
};

const group = open({
  id: z.string(),
  kind: z.string().describe('Of the workload that pods are of; Pod: of none. Node: the addresses of a node, and the pods on its network.'),
  namespace: z.string().nullable(),
  name: z.string(),
  members: z
    .array(z.string())
    .min(1)
    .describe(
      'Names of pods, or addresses of a node. Where not the same is said of all, the group comes several times, with some of them each.',
    ),
});

const peer = open({
  group: group.optional().describe('Of peers in the cluster.'),
  cidrs: z
    .array(z.string())
    .min(1)
    .optional()
    .describe('Of the other peers. Of these addresses, those outside of the cluster: that no pod, node or service has.'),
  ...row,
});

const direction = open({
  isolated: z.boolean().describe('A NetworkPolicy is about the pod in this direction: what none allows is denied.'),
  selected: z.array(selectedPolicy).describe('All policies that are about the pod in this direction, in the order of evaluation.'),
  ignored: z.array(selectedPolicy).describe("Those that are about it, and of a kind that the enforcer's version does not know."),
  unread: z
    .array(open({ kind: z.string(), namespace: z.string().nullable(), name: z.string(), source }))
    .describe('Those that may be about it, of kinds that are not evaluated: then what the pod lets through is unknown.'),
  peers: z.array(peer),
});

export const policySchema = open({
  schemaVersion: z.literal(1),
  pod: z.string().describe('As namespace/name.'),
  hostNetwork: z.boolean().describe("It is on its node's network: policies are not about it, but those about its peers count."),
  node: z.string().nullable().describe('Where the pod runs: what comes from there always passes.'),
  enforcedBy: z
    .string()
    .nullable()
    .describe('Who enforces policies, as in cluster.networkPolicy; none: nobody does. Null: the input does not say.'),
  ingress: direction.describe('What may reach the pod.'),
  egress: direction.describe('What the pod may reach.'),
  whatIf: whatIfSchema.optional(),
}).meta({ title: 'k8s-trace policy' });

export type PolicyDocument = z.output<typeof policySchema>;
export type PolicyDirectionDocument = PolicyDocument['ingress'];
export type PolicyPeerDocument = PolicyDirectionDocument['peers'][number];
