import type { Pod } from '../../../k8s/pod.ts';
import { type KubeObject, keyOf, namespaceOf, type Objects, objectsOf } from '../objects.ts';
import type { Metadata } from '../schema/meta.ts';

/** The workload that a person made, of a pod: the Deployment behind its ReplicaSet, the CronJob behind its Job. */
export type OwnerOf = (pod: KubeObject<'Pod'>) => Pod['owner'];

export function owners(objects: Objects): OwnerOf {
  const between = new Map<string, Pod['owner']>([
    ...objectsOf(objects, 'ReplicaSet').map((o) => [`ReplicaSet ${keyOf(o)}`, controllerOf(o.data.metadata)] as const),
    ...objectsOf(objects, 'Job').map((o) => [`Job ${keyOf(o)}`, controllerOf(o.data.metadata)] as const),
  ]);
  return (pod) => {
    const owner = controllerOf(pod.data.metadata);
    if (owner === null) return null;
    return between.get(`${owner.kind} ${namespaceOf(pod)}/${owner.name}`) ?? deploymentOf(owner, pod) ?? owner;
  };
}

function controllerOf({ ownerReferences }: Metadata): Pod['owner'] {
  const found = ownerReferences?.find((o) => o.controller === true);
  return found === undefined ? null : { kind: found.kind, name: found.name };
}

/**
 * Most inputs have no ReplicaSets. One of a Deployment has the Deployment's name and the hash of its template, which is a label of the pods:
 * pkg/controller/deployment/sync.go, getNewReplicaSet.
 */
function deploymentOf({ kind, name }: NonNullable<Pod['owner']>, pod: KubeObject<'Pod'>): Pod['owner'] {
  const hash = pod.data.metadata.labels?.['pod-template-hash'];
  const end = `-${hash}`;
  return kind === 'ReplicaSet' && hash !== undefined && name.endsWith(end)
    ? { kind: 'Deployment', name: name.slice(0, -end.length) }
    : null;
}
