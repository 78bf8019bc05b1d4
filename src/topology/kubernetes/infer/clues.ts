import type { FactSource } from '../../../k8s/fact.ts';
import { type KubeObject, nameOf, namespaceOf, type Objects, objectsOf } from '../objects.ts';
import type { Given } from './decide.ts';

/** Something about the objects that a person should know, and that stops nothing. */
export interface Note {
  readonly kind: 'disagreement' | 'unreadable' | 'redacted' | 'nodes-differ';
  readonly text: string;
  readonly source: FactSource | null;
}

/** A machine of the cluster; one without a Node object is known by its pods. */
export interface Machine {
  readonly name: string;
  readonly object: KubeObject<'Node'> | null;
  readonly pods: readonly KubeObject<'Pod'>[];
}

/** The objects as facts are looked for in them. */
export interface Clues {
  readonly objects: Objects;
  readonly given: Given;
  readonly machines: readonly Machine[];
  /** Pods that are there, whatever they are for. */
  readonly pods: readonly KubeObject<'Pod'>[];
  /** Pods by the name of what makes them: a DaemonSet, or a file of the kubelet. */
  readonly podsBy: ReadonlyMap<string, readonly KubeObject<'Pod'>[]>;
  readonly daemonSetsBy: ReadonlyMap<string, readonly KubeObject<'DaemonSet'>[]>;
  readonly configMapsBy: ReadonlyMap<string, readonly KubeObject<'ConfigMap'>[]>;
  note(note: Note): void;
}

export function cluesIn(objects: Objects, given: Given, note: (note: Note) => void): Clues {
  const pods = objectsOf(objects, 'Pod').filter(isThere);
  return {
    objects,
    given,
    machines: machinesOf(objects, pods),
    pods,
    podsBy: grouped(pods, makerOf),
    daemonSetsBy: grouped(objectsOf(objects, 'DaemonSet'), nameOf),
    configMapsBy: grouped(objectsOf(objects, 'ConfigMap'), nameOf),
    note,
  };
}

/** Finished pods keep an address that others reuse. */
const isThere = ({ data }: KubeObject<'Pod'>): boolean => data.status?.phase !== 'Succeeded' && data.status?.phase !== 'Failed';

export function grouped<T>(items: readonly T[], keyOf: (item: T) => string): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return groups;
}

function machinesOf(objects: Objects, pods: readonly KubeObject<'Pod'>[]): readonly Machine[] {
  const podsOn = grouped(pods, ({ data }) => data.spec?.nodeName ?? '');
  const nodes = objectsOf(objects, 'Node').map((object) => ({ name: nameOf(object), object, pods: podsOn.get(nameOf(object)) ?? [] }));
  const known = new Set(nodes.map(({ name }) => name));
  const others = [...podsOn].filter(([name]) => name !== '' && !known.has(name));
  return [...nodes, ...others.map(([name, of]) => ({ name, object: null, pods: of }))];
}

/**
 * `kube-proxy` of `kube-proxy-x7k2p` and of `kube-proxy-node-1`: the owner's name where the pod has an owner, a DaemonSet or, for a file of
 * the kubelet, the Node; else what its own name says.
 */
function makerOf({ data: { metadata, spec } }: KubeObject<'Pod'>): string {
  const owner = metadata.ownerReferences?.find((o) => o.kind === 'DaemonSet');
  if (owner !== undefined) return owner.name;
  const node = spec?.nodeName;
  if (node != null && metadata.name.endsWith(`-${node}`)) return metadata.name.slice(0, -node.length - 1);
  return metadata.name.replace(/-[a-z0-9]{5}$/, '');
}

/** The ConfigMap of a name, in the namespace where it is looked for first. */
export function configMap(clues: Clues, name: string, ...namespaces: readonly string[]): KubeObject<'ConfigMap'> | null {
  const maps = clues.configMapsBy.get(name) ?? [];
  return namespaces.map((n) => maps.find((m) => namespaceOf(m) === n)).find((m) => m !== undefined) ?? null;
}

/** What is read once of an input, and asked for of every node. */
export function remembered<T>(read: (clues: Clues) => T): (clues: Clues) => T {
  const known = new WeakMap<Clues, { readonly value: T }>();
  return (clues) => {
    const before = known.get(clues) ?? { value: read(clues) };
    known.set(clues, before);
    return before.value;
  };
}
