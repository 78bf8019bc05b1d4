import * as z from 'zod';
import { flag, list, metadata, number, text, texts } from './meta.ts';

/** https://kubernetes.io/docs/reference/kubernetes-api/service-resources/ */

const servicePort = z.object({
  name: text,
  port: z.number(),
  protocol: text,
  targetPort: z.union([z.number(), z.string()]).nullish(),
  nodePort: number,
});

export const serviceSchema = z.object({
  metadata,
  spec: z
    .object({
      type: text,
      clusterIP: text,
      loadBalancerIP: text,
      clusterIPs: list(z.string()),
      ipFamilies: list(z.string()),
      selector: texts,
      ports: list(servicePort),
      externalIPs: list(z.string()),
      externalName: text,
      externalTrafficPolicy: text,
      internalTrafficPolicy: text,
      sessionAffinity: text,
      sessionAffinityConfig: z.object({ clientIP: z.object({ timeoutSeconds: number }).nullish() }).nullish(),
      trafficDistribution: text,
      loadBalancerSourceRanges: list(z.string()),
      healthCheckNodePort: number,
      publishNotReadyAddresses: flag,
    })
    .nullish(),
  status: z.object({ loadBalancer: z.object({ ingress: list(z.object({ ip: text, ipMode: text, hostname: text })) }).nullish() }).nullish(),
});

const conditions = z.object({ ready: flag, serving: flag, terminating: flag });
const targetRef = z.object({ kind: text, namespace: text, name: text }).nullish();

/** `discovery.k8s.io/v1`; v1beta1 has the node in `topology` and the zone there too. */
export const endpointSliceSchema = z.object({
  metadata,
  addressType: text,
  ports: list(z.object({ name: text, port: number, protocol: text })),
  endpoints: list(
    z.object({
      addresses: list(z.string()),
      conditions: conditions.nullish(),
      hostname: text,
      nodeName: text,
      topology: texts,
      targetRef,
      hints: z.object({ forZones: list(z.object({ name: z.string() })), forNodes: list(z.object({ name: z.string() })) }).nullish(),
    }),
  ),
});

const endpointAddress = z.object({ ip: z.string(), hostname: text, nodeName: text, targetRef });

export const endpointsSchema = z.object({
  metadata,
  subsets: list(
    z.object({
      addresses: list(endpointAddress),
      notReadyAddresses: list(endpointAddress),
      ports: list(z.object({ name: text, port: z.number(), protocol: text })),
    }),
  ),
});

export type ServiceObject = z.output<typeof serviceSchema>;
export type EndpointSliceObject = z.output<typeof endpointSliceSchema>;
export type EndpointsObject = z.output<typeof endpointsSchema>;
