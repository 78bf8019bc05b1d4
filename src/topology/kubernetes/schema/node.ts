import * as z from 'zod';
import { list, metadata, text } from './meta.ts';

/** https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/node-v1/ */
export const nodeSchema = z.object({
  metadata,
  spec: z.object({ podCIDR: text, podCIDRs: list(z.string()), providerID: text }).nullish(),
  status: z
    .object({
      addresses: list(z.object({ type: z.string(), address: z.string() })),
      conditions: list(z.object({ type: z.string(), status: z.string(), reason: text })),
      nodeInfo: z.object({ operatingSystem: text, kubeletVersion: text, containerRuntimeVersion: text, osImage: text }).nullish(),
    })
    .nullish(),
});

export type NodeObject = z.output<typeof nodeSchema>;
