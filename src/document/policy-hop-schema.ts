import * as z from 'zod';
import { hopBase, open, source } from './hop-base-schema.ts';

/** A policy in the JSON of a trace, and the hop where policies are asked. */
const policy = { kind: z.string(), namespace: z.string().nullable().describe('Null: it is of no namespace.'), name: z.string() };

export const selectedPolicy = open({ ...policy, tier: z.string().nullable(), priority: z.number().int().nullable(), source });

export const policyDecider = open({
  ...policy,
  rule: z.number().int().nullable().describe('From 0, as are peer and port; null: the policy allows nothing of the kind.'),
  peer: z.number().int().nullable().describe('Null: the rule lists none.'),
  port: z.number().int().nullable().describe('Null: the rule lists none.'),
  action: z.enum(['Allow', 'Accept', 'Deny', 'Pass']),
  source,
});

export const policyHop = open({
  ...hopBase,
  kind: z.literal('policy'),
  direction: z.enum(['ingress', 'egress']),
  pod: z.string().describe('The pod that the policies are about, as namespace/name.'),
  enforcer: z.string().describe('Who asks them.'),
  verdict: z.enum(['allow', 'deny', 'none', 'unknown']).describe('none: no policy is about the pod in this direction.'),
  selected: z.array(selectedPolicy).describe('All policies that are about the pod in this direction, in the order of evaluation.'),
  decidedBy: policyDecider.nullable(),
  candidates: z
    .array(
      open({
        ...policy,
        rule: z.number().int(),
        failed: z.enum(['peer', 'port', 'protocol', 'family', 'unknown']),
        text: z.string(),
        source,
      }),
    )
    .describe('Of a packet that is not let through: the rules that could have, and the first thing about each that did not fit.'),
});
