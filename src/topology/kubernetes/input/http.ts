import type * as z from 'zod';
import type { Path as FieldPath } from '../../../source/origin.ts';
import { gateway, gatewayClass } from '../../schema/gateway.ts';
import { httpRoute, referenceGrant } from '../../schema/http-route.ts';
import { ingress, ingressClass } from '../../schema/ingress.ts';
import { wordsOf } from '../../schema/messages.ts';
import type { AnnotationName } from '../infer/names-read.ts';
import type { KubeObject } from '../objects.ts';
import type { IngressObject } from '../schema/config.ts';
import { addressIn } from './text.ts';
import { without, withoutNulls } from './without.ts';

/** Objects of the Ingress and Gateway APIs in a Topology's words; or the field that has a value which no reader follows. */

export class NotFollowed {
  /** Of the object, as people write it. */
  readonly field: FieldPath;
  readonly reason: string;
  constructor(field: FieldPath, reason: string) {
    this.field = field;
    this.reason = reason;
  }
}

const DEFAULT_CLASS = 'ingressclass.kubernetes.io/is-default-class' satisfies AnnotationName;
/** Before spec.ingressClassName (Kubernetes 1.18) this was the field. */
const CLASS_ANNOTATION = 'kubernetes.io/ingress.class' satisfies AnnotationName;

export const ingressClassIn = ({ data: { metadata, spec } }: KubeObject<'IngressClass'>) =>
  readable(ingressClass(), {
    name: metadata.name,
    controller: spec?.controller ?? undefined,
    isDefaultClass: metadata.annotations?.[DEFAULT_CLASS] === 'true' || undefined,
  });

export function ingressIn({ data: { metadata, spec, status } }: KubeObject<'Ingress'>) {
  const addresses = (status?.loadBalancer?.ingress ?? []).flatMap((i) => (addressIn(i.ip) === null ? [] : [{ ip: i.ip }]));
  return readable(ingress(), {
    ...named(metadata),
    ingressClassName: spec?.ingressClassName ?? metadata.annotations?.[CLASS_ANNOTATION],
    defaultBackend: backendIn(spec?.defaultBackend ?? spec?.backend),
    rules: spec?.rules?.map(({ host, http }) => ({
      host: host || undefined,
      http: http == null ? undefined : { paths: (http.paths ?? []).map(pathIn) },
    })),
    tls: spec?.tls?.map(({ hosts }) => ({ hosts: hosts ?? undefined })),
    status: addresses.length === 0 ? undefined : { loadBalancer: { ingress: addresses } },
  });
}

type Spec = NonNullable<IngressObject['spec']>;
type Backend = Spec['defaultBackend'];
type Path = NonNullable<NonNullable<NonNullable<Spec['rules']>[number]['http']>['paths']>[number];

const pathIn = ({ path, pathType, backend }: Path) => ({
  path: path ?? undefined,
  // extensions/v1beta1 had no types, and left it to the controller.
  pathType: pathType ?? 'ImplementationSpecific',
  backend: backendIn(backend),
});

function backendIn(backend: Backend) {
  if (backend == null) return undefined;
  const { service, serviceName, servicePort } = backend;
  if (service != null) {
    const { number, name } = service.port ?? {};
    return { service: { name: service.name, port: { number: number || undefined, name: name || undefined } } };
  }
  const port = typeof servicePort === 'number' ? { number: servicePort } : { name: servicePort };
  return { service: { name: serviceName, port } };
}

export const gatewayClassIn = ({ data: { metadata } }: KubeObject<'GatewayClass'>) => readable(gatewayClass(), { name: metadata.name });

export const gatewayIn = ({ data: { metadata, spec, status } }: KubeObject<'Gateway'>) =>
  readable(gateway(), { ...named(metadata), ...spec, status });

export const httpRouteIn = ({ data: { metadata, spec } }: KubeObject<'HTTPRoute'>) =>
  readable(httpRoute(), { ...named(metadata), ...spec });

export const referenceGrantIn = ({ data: { metadata, spec } }: KubeObject<'ReferenceGrant'>) =>
  readable(referenceGrant(), { ...named(metadata), ...spec });

const named = ({ name, namespace }: { name: string; namespace?: string | null | undefined }) => ({
  name,
  namespace: namespace ?? undefined,
});

/** By a schema that takes no unknown field: those that the object has besides are no matter here, and are left out. */
function readable<S extends z.ZodType>(schema: S, given: unknown): z.output<S> | NotFollowed {
  let value = withoutNulls(given);
  for (;;) {
    const result = schema.safeParse(value, { jitless: true });
    if (result.success) return result.data;
    const { issues } = result.error;
    const unknown = issues.flatMap((i) => (i.code === 'unrecognized_keys' ? i.keys.map((k) => [...i.path, k]) : []));
    for (const path of unknown) value = without(value, path);
    const [first] = issues;
    if (unknown.length === 0)
      return new NotFollowed(fieldAt(first?.path ?? []), first === undefined ? 'it is not readable' : wordsOf(first, value));
  }
}

/** The objects' own place of a field of the short form. */
function fieldAt(path: readonly PropertyKey[]): FieldPath {
  const steps = path.map((step) => (typeof step === 'number' ? step : String(step)));
  const [first] = steps;
  if (first === 'name' || first === 'namespace') return ['metadata', ...steps];
  return first === 'status' ? steps : ['spec', ...steps];
}
