import * as z from 'zod';
import { projected } from '../../../source/objects.ts';
import { list, metadata, number, text, texts } from './meta.ts';
import { podTemplate } from './pod.ts';

/** Objects that say how a cluster is set up. */

export const namespaceSchema = projected(() => ({ metadata }));

/** https://kubernetes.io/docs/reference/kubernetes-api/config-and-storage-resources/config-map-v1/ */
export const configMapSchema = projected(() => ({ metadata, data: texts }));

/** Deployments and their like; a CronJob has its template one object deeper. */
export const workloadSchema = projected(() => ({
  metadata,
  spec: projected(() => ({
    replicas: number,
    serviceName: text,
    parallelism: number,
    template: podTemplate.nullish(),
    jobTemplate: projected(() => ({ spec: projected(() => ({ template: podTemplate.nullish() })).nullish() })).nullish(),
  })).nullish(),
}));

/** https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/service-cidr-v1/ */
export const serviceCidrSchema = projected(() => ({ metadata, spec: projected(() => ({ cidrs: list(z.string()) })).nullish() }));

/** Custom resources of network plugins: read field by field where a fact is looked for. */
export const looseSchema = z.looseObject({ metadata, spec: z.looseObject({}).nullish(), status: z.looseObject({}).nullish() });

/** The rules of one policy, or of several. */
export const ciliumPolicySchema = looseSchema.extend({ specs: list(z.looseObject({})) });

/** Kinds whose fields have the same names in a Topology: read by its schema once their metadata is set apart. */
export const ingressClassSchema = projected(() => ({ metadata, spec: projected(() => ({ controller: text })).nullish() }));

/** `networking.k8s.io/v1`, and v1beta1 with `serviceName` and `servicePort`. */
const backend = projected(() => ({
  service: projected(() => ({ name: z.string(), port: projected(() => ({ number, name: text })).nullish() })).nullish(),
  serviceName: text,
  servicePort: z.union([z.number(), z.string()]).nullish(),
  resource: z.looseObject({}).nullish(),
}));

export const ingressSchema = projected(() => ({
  metadata,
  spec: projected(() => ({
    ingressClassName: text,
    defaultBackend: backend.nullish(),
    backend: backend.nullish(),
    rules: list(
      projected(() => ({
        host: text,
        http: projected(() => ({ paths: list(projected(() => ({ path: text, pathType: text, backend }))) })).nullish(),
      })),
    ),
    tls: list(projected(() => ({ hosts: list(z.string()), secretName: text }))),
  })).nullish(),
  status: projected(() => ({
    loadBalancer: projected(() => ({ ingress: list(projected(() => ({ ip: text, hostname: text }))) })).nullish(),
  })).nullish(),
}));

export type ConfigMapObject = z.output<typeof configMapSchema>;
export type WorkloadObject = z.output<typeof workloadSchema>;
export type LooseObject = z.output<typeof looseSchema>;
export type IngressObject = z.output<typeof ingressSchema>;
