import * as z from 'zod';
import { projected } from '../../../source/objects.ts';
import { flag, list, metadata, number, text, texts } from './meta.ts';

/** https://kubernetes.io/docs/reference/kubernetes-api/service-resources/ */

const servicePort = projected(() => ({
  name: text,
  port: z.number(),
  protocol: text,
  targetPort: z.union([z.number(), z.string()]).nullish(),
  nodePort: number,
}));

export const serviceSchema = projected(() => ({
  metadata,
  spec: projected(() => ({
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
    sessionAffinityConfig: projected(() => ({ clientIP: projected(() => ({ timeoutSeconds: number })).nullish() })).nullish(),
    trafficDistribution: text,
    loadBalancerSourceRanges: list(z.string()),
    healthCheckNodePort: number,
    publishNotReadyAddresses: flag,
  })).nullish(),
  status: projected(() => ({
    loadBalancer: projected(() => ({ ingress: list(projected(() => ({ ip: text, ipMode: text, hostname: text }))) })).nullish(),
  })).nullish(),
}));

const conditions = projected(() => ({ ready: flag, serving: flag, terminating: flag }));
const targetRef = projected(() => ({ kind: text, namespace: text, name: text })).nullish();

/** `discovery.k8s.io/v1`; v1beta1 has the node in `topology` and the zone there too. */
export const endpointSliceSchema = projected(() => ({
  metadata,
  addressType: text,
  ports: list(projected(() => ({ name: text, port: number, protocol: text }))),
  endpoints: list(
    projected(() => ({
      addresses: list(z.string()),
      conditions: conditions.nullish(),
      hostname: text,
      nodeName: text,
      topology: texts,
      targetRef,
      hints: projected(() => ({
        forZones: list(projected(() => ({ name: z.string() }))),
        forNodes: list(projected(() => ({ name: z.string() }))),
      })).nullish(),
    })),
  ),
}));

const endpointAddress = projected(() => ({ ip: z.string(), hostname: text, nodeName: text, targetRef }));

export const endpointsSchema = projected(() => ({
  metadata,
  subsets: list(
    projected(() => ({
      addresses: list(endpointAddress),
      notReadyAddresses: list(endpointAddress),
      ports: list(projected(() => ({ name: text, port: z.number(), protocol: text }))),
    })),
  ),
}));

export type ServiceObject = z.output<typeof serviceSchema>;
export type EndpointSliceObject = z.output<typeof endpointSliceSchema>;
export type EndpointsObject = z.output<typeof endpointsSchema>;
