import * as z from 'zod';
import { projected } from '../../../source/objects.ts';
import { list, metadata, text } from './meta.ts';

/** https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/node-v1/ */
export const nodeSchema = projected(() => ({
  metadata,
  spec: projected(() => ({ podCIDR: text, podCIDRs: list(z.string()), providerID: text })).nullish(),
  status: projected(() => ({
    addresses: list(projected(() => ({ type: z.string(), address: z.string() }))),
    conditions: list(projected(() => ({ type: z.string(), status: z.string(), reason: text }))),
    nodeInfo: projected(() => ({ operatingSystem: text, kubeletVersion: text, containerRuntimeVersion: text, osImage: text })).nullish(),
  })).nullish(),
}));

export type NodeObject = z.output<typeof nodeSchema>;
