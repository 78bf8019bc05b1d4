import { ALL_KINDS, type Kind, nameOfKind } from '../kubernetes/kinds.ts';
import { isClusterWide, type KubeObject, nameOf, namespaceOf, type Objects, objectsOf } from '../kubernetes/objects.ts';
import { kindsNamed } from './kind-words.ts';
import { nameOfTarget, type Target } from './targets.ts';

/** Objects without some, and what went. */
interface Removed {
  readonly objects: Objects;
  /** The target's own object, if there is one, and those that go with it. */
  readonly gone: readonly KubeObject[];
}

/**
 * An object is deleted with all that it owns, as the garbage collector does it, and a namespace with all that is in it. Source:
 * https://kubernetes.io/docs/concepts/architecture/garbage-collection/
 */
export function withoutObject(objects: Objects, target: Target): Removed {
  const gone = new Set<KubeObject>(kindsNamed(target.kind).flatMap((kind) => objectsOf(objects, kind).filter((o) => isMeant(o, target))));
  if (target.kind === 'Namespace') for (const object of allOf(objects)) if (isIn(object, target.name)) gone.add(object);
  for (let before = -1; before !== gone.size; ) {
    before = gone.size;
    const names = new Set([...gone].map((o) => `${nameOfKind(o.kind)}/${namespaceOf(o)}/${nameOf(o)}`));
    if (names.size === 0) break;
    for (const object of allOf(objects)) if (ownersOf(object, target).some((owner) => names.has(owner))) gone.add(object);
  }
  // Most inputs have no ReplicaSets, and some not even the Deployment: its pods tell of it.
  if (gone.size === 0) for (const pod of objectsOf(objects, 'Pod')) if (ownersOf(pod, target).includes(nameOfTarget(target))) gone.add(pod);
  return { objects: gone.size === 0 ? objects : withOnly(objects, (o) => !gone.has(o)), gone: [...gone] };
}

const isMeant = (object: KubeObject, { namespace, name }: Target): boolean =>
  nameOf(object) === name && (namespace === null || namespaceOf(object) === namespace);

const isIn = (object: KubeObject, namespace: string): boolean => !isClusterWide(object.kind) && namespaceOf(object) === namespace;

const allOf = (objects: Objects): readonly KubeObject[] => ALL_KINDS.flatMap((kind): readonly KubeObject[] => objectsOf(objects, kind));

/** The controller that made it, by its kind and name; of a ReplicaSet that is not there, the Deployment. */
function ownersOf(object: KubeObject, target: Target): readonly string[] {
  const { ownerReferences, labels } = object.data.metadata;
  const owner = ownerReferences?.find((o) => o.controller === true);
  if (owner === undefined) return [];
  const own = `${owner.kind}/${namespaceOf(object)}/${owner.name}`;
  const hash = labels?.['pod-template-hash'];
  const isMade = target.kind === 'Deployment' && owner.kind === 'ReplicaSet' && hash !== undefined && owner.name.endsWith(`-${hash}`);
  return isMade ? [own, `Deployment/${namespaceOf(object)}/${owner.name.slice(0, -hash.length - 1)}`] : [own];
}

/** The objects of a kind that stay. */
export function withOnly(objects: Objects, stays: (object: KubeObject) => boolean): Objects {
  const byKind = Object.fromEntries(Object.entries(objects.byKind).map(([kind, all]) => [kind, all.filter(stays)]));
  return { ...objects, byKind };
}

/** Names of a kind, as targets have them. */
export function namesOf(objects: Objects, kind: string): readonly string[] {
  const own = kindsNamed(kind).flatMap((k: Kind) => objectsOf(objects, k).map((o) => o.locus.object));
  if (kind === 'Namespace') own.push(...namespacesIn(objects).map((name) => `Namespace/${name}`));
  const owners = objectsOf(objects, 'Pod').flatMap((pod) => ownersOf(pod, { kind, namespace: null, name: '' }));
  return [...new Set([...own, ...owners.filter((o) => o.startsWith(`${kind}/`))])];
}

const namespacesIn = (objects: Objects): readonly string[] => [
  ...new Set(allOf(objects).flatMap((o) => (isClusterWide(o.kind) ? [] : [namespaceOf(o)]))),
];
