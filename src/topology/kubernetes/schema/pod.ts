import * as z from 'zod';
import { projected } from '../../../source/objects.ts';
import { flag, list, metadata, number, text, texts } from './meta.ts';

/** https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/ */

const containerPort = projected(() => ({ name: text, containerPort: z.number(), protocol: text, hostPort: number, hostIP: text }));

const variable = projected(() => ({
  name: z.string(),
  // The API server takes texts only. Manifests in repositories have booleans here, and no variable of a user's program decides a path.
  value: z
    .unknown()
    .transform((value) => (typeof value === 'string' ? value : null))
    .optional(),
  valueFrom: projected(() => ({ configMapKeyRef: projected(() => ({ name: text, key: z.string() })).nullish() })).nullish(),
}));

const container = projected(() => ({
  name: z.string(),
  image: text,
  command: list(z.string()),
  args: list(z.string()),
  env: list(variable),
  ports: list(containerPort),
  volumeMounts: list(projected(() => ({ name: z.string(), mountPath: z.string(), readOnly: flag, subPath: text }))),
  /** Of an init container: `Always` makes it a sidecar, which runs as long as the pod does. */
  restartPolicy: text,
}));

const dnsConfig = projected(() => ({
  nameservers: list(z.string()),
  searches: list(z.string()),
  options: list(projected(() => ({ name: text, value: text }))),
}));

const spec = projected(() => ({
  nodeName: text,
  hostNetwork: flag,
  hostIPC: flag,
  hostPID: flag,
  shareProcessNamespace: flag,
  hostname: text,
  subdomain: text,
  dnsPolicy: text,
  dnsConfig: dnsConfig.nullish(),
  hostAliases: list(projected(() => ({ ip: text, hostnames: list(z.string()) }))),
  volumes: list(z.looseObject({ name: z.string() })),
  containers: list(container),
  initContainers: list(container),
}));

/** Of a state that there is, why. */
const reason = projected(() => ({ reason: text })).nullish();
const containerStatus = projected(() => ({
  name: z.string(),
  state: projected(() => ({ waiting: reason, running: projected(() => ({})).nullish(), terminated: reason })).nullish(),
}));

const status = projected(() => ({
  phase: text,
  podIP: text,
  podIPs: list(projected(() => ({ ip: text }))),
  hostIP: text,
  conditions: list(projected(() => ({ type: z.string(), status: z.string() }))),
  containerStatuses: list(containerStatus),
  initContainerStatuses: list(containerStatus),
}));

const pod = projected(() => ({ metadata, spec: spec.nullish(), status: status.nullish() }));

export const podSchema = pod.transform(slim);

/** Command lines and variables of a cluster's own programs say how it is set up: those of DaemonSets and of the kubelet's files. Others are let go. */
function slim({ metadata: meta, spec: given, status: seen }: z.output<typeof pod>): z.output<typeof pod> {
  const owner = meta.ownerReferences?.find((o) => o.controller === true)?.kind;
  const isOwn = owner === undefined || owner === 'DaemonSet' || owner === 'Node';
  for (const one of isOwn ? [] : [...(given?.containers ?? []), ...(given?.initContainers ?? [])]) {
    one.command = one.args = undefined;
    one.env = undefined;
  }
  if (seen != null) {
    if (isHalted(given, seen)) seen.initContainerStatuses = undefined;
    else seen.containerStatuses = seen.initContainerStatuses = undefined;
  }
  return { metadata: meta, spec: given, status: seen };
}

/** Nearly all pods have a container that runs, which is as good as no word of it: so that only the others are kept. A sidecar is an init container. */
function isHalted(
  given: z.output<typeof spec> | null | undefined,
  { containerStatuses, initContainerStatuses }: z.output<typeof status>,
): boolean {
  const own = containerStatuses ?? [];
  const sidecars = (initContainerStatuses ?? []).filter((s) =>
    given?.initContainers?.some((c) => c.name === s.name && c.restartPolicy === 'Always'),
  );
  return (
    own.length > 0 && [...own, ...sidecars].every(({ state }) => state?.running == null && (state?.waiting ?? state?.terminated) != null)
  );
}

/** The pods that a workload makes. */
export const podTemplate = projected(() => ({
  metadata: projected(() => ({ labels: texts, annotations: texts })).nullish(),
  spec: spec.nullish(),
}));

export type PodObject = z.output<typeof podSchema>;
export type PodTemplate = z.output<typeof podTemplate>;
export type ContainerObject = z.output<typeof container>;
