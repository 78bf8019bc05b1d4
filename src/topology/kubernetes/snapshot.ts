import { argumentsOf } from './infer/arguments.ts';
import { ANNOTATION_PREFIXES, ANNOTATIONS, FLAGS, isConfigMapRead, VARIABLES, VERSIONED } from './infer/names-read.ts';
import { withoutToken } from './input/pod.ts';
import { volumeIn } from './input/volumes.ts';
import { withoutNulls } from './input/without.ts';
import { ALL_KINDS, type DataOf, KINDS, type Kind, nameOfKind } from './kinds.ts';
import { podLogs } from './logs.ts';
import { type Objects, objectsOf } from './objects.ts';
import type { WorkloadObject } from './schema/config.ts';
import type { Metadata } from './schema/meta.ts';
import type { ContainerObject, PodObject, PodTemplate } from './schema/pod.ts';
import { unseenObject } from './unseen.ts';

/**
 * Objects as they are handed on: the items of a List that says the same as what was read, and has little else. A kind that was listed and has
 * no object is an empty list of its own. Their order is that of the input, which decides where facts disagree.
 */
export const snapshotOf = (objects: Objects): readonly unknown[] => [
  ...ALL_KINDS.flatMap((kind) => itemsOf(objects, kind)),
  ...(objects.unseen === undefined || objects.unseen.size === 0 ? [] : [unseenObject([...objects.unseen])]),
  ...podLogs(objects.logs),
];

function itemsOf<K extends Kind>(objects: Objects, kind: K): readonly unknown[] {
  const [group] = KINDS[kind].groups;
  const usual = group === '' ? 'v1' : `${group}/v1`;
  const items = objectsOf(objects, kind)
    .filter(({ data: { metadata } }) => kind !== 'ConfigMap' || isConfigMapRead(metadata.namespace ?? 'default', metadata.name))
    .map(({ apiVersion, data }) => withoutNulls({ apiVersion: apiVersion || usual, kind: nameOfKind(kind), ...pruned(kind, data) }));
  // Of ConfigMaps nobody asks for all.
  const isStatement = items.length === 0 && objects.listed.has(kind) && kind !== 'ConfigMap';
  return isStatement ? [{ apiVersion: usual, kind: `${nameOfKind(kind)}List`, items: [] }] : items;
}

/** Its schema has taken away the fields that no reader looks at; the rest is a matter of names. */
function pruned<K extends Kind>(kind: K, data: DataOf<K>): object {
  const own = PRUNERS[kind];
  const kept: object = own === undefined ? data : own(data);
  return { ...kept, metadata: metadataOf(data.metadata, kind) };
}

const PRUNERS: { readonly [K in Kind]?: (data: DataOf<K>) => object } = {
  Pod: (pod) => ({ ...pod, spec: podSpec(pod.spec), status: podStatus(pod.status) }),
  Deployment: workload,
  DaemonSet: workload,
  StatefulSet: workload,
  ReplicaSet: workload,
  Job: workload,
  CronJob: workload,
};

function metadataOf(metadata: Metadata, kind: Kind): Metadata {
  const kept = Object.entries(metadata.annotations ?? {}).flatMap(([key, value]): [string, string][] => {
    if (ANNOTATIONS.some((name) => name === key)) return [[key, value]];
    return kind === 'Node' && ANNOTATION_PREFIXES.some((prefix) => key.startsWith(prefix)) ? [[key, '']] : [];
  });
  return { ...metadata, annotations: kept.length === 0 ? undefined : Object.fromEntries(kept) };
}

function workload({ spec, ...object }: WorkloadObject): WorkloadObject {
  if (spec == null) return object;
  const { template, jobTemplate } = spec;
  const job = jobTemplate == null ? undefined : { spec: { template: podTemplate(jobTemplate.spec?.template) } };
  return { ...object, spec: { ...spec, template: podTemplate(template), jobTemplate: job } };
}

const podTemplate = (template: PodTemplate | null | undefined): PodTemplate | undefined =>
  template == null ? undefined : { metadata: { labels: template.metadata?.labels }, spec: podSpec(template.spec) };

function podSpec(spec: PodObject['spec']): PodObject['spec'] {
  if (spec == null) return undefined;
  return {
    ...spec,
    volumes: spec.volumes == null ? undefined : withoutToken(spec.volumes).map((volume) => ({ ...volumeIn(volume) })),
    containers: spec.containers?.map(container),
    initContainers: spec.initContainers?.map(container),
  };
}

/** That there are conditions at all is a fact: a pod without any is taken to be ready. */
function podStatus(status: PodObject['status']): PodObject['status'] {
  const ready = status?.conditions?.filter((c) => c.type === 'Ready') ?? [];
  return status == null || ready.length === 0 ? status : { ...status, conditions: ready };
}

/** That a program has flags at all is a fact, too: without --cluster-cidr among them, kube-proxy has none. */
function container(given: ContainerObject): ContainerObject {
  const flags = argumentsOf(given);
  const read = flags.filter(({ name }) => FLAGS.some((f) => f === name)).map(({ name, value }) => `--${name}=${value}`);
  const args = read.length > 0 ? read : flags.slice(0, 1).map(({ name }) => `--${name}`);
  const { name, image, command: _command, args: _args, env: variables, ...rest } = given;
  const env = variables?.filter((variable) => VARIABLES.some((v) => v === variable.name)) ?? [];
  return {
    name,
    // Of a registry, nothing.
    image: VERSIONED.some((v) => v === name) ? image?.replace(/^.*\//, '') : undefined,
    args: args.length === 0 ? undefined : args,
    env: env.length === 0 ? undefined : env,
    ...rest,
    volumeMounts: rest.volumeMounts == null ? undefined : [...withoutToken(rest.volumeMounts)],
  };
}
