import * as z from 'zod';
import { list, metadata, texts } from './meta.ts';

const operator = z.enum(['In', 'NotIn', 'Exists', 'DoesNotExist']);

/**
 * What tells whose pods a policy is about. Its rules are kept as they are.
 * https://kubernetes.io/docs/reference/kubernetes-api/policy-resources/network-policy-v1/
 */
export const networkPolicySchema = z.looseObject({
  metadata,
  spec: z
    .looseObject({
      podSelector: z
        .object({ matchLabels: texts, matchExpressions: list(z.object({ key: z.string(), operator, values: list(z.string()) })) })
        .nullish(),
      policyTypes: list(z.string()),
      ingress: list(z.looseObject({})),
      egress: list(z.looseObject({})),
    })
    .nullish(),
});
