import type { Idle } from '../../k8s/idle.ts';
import { at } from '../../source/origin.ts';
import { nameOf, namespaceOf, type Objects, objectsOf } from './objects.ts';

/** Workloads with `replicas: 0`; of what another one owns, as a Deployment its old ReplicaSets, only that counts. */
export function idleIn(objects: Objects): readonly Idle[] {
  return (['Deployment', 'StatefulSet', 'ReplicaSet'] as const).flatMap((kind) =>
    objectsOf(objects, kind).flatMap((object): readonly Idle[] => {
      const { metadata, spec } = object.data;
      const isOwned = (metadata.ownerReferences ?? []).some((o) => o.controller === true);
      if (spec?.replicas !== 0 || isOwned) return [];
      const labels = new Map(Object.entries(spec.template?.metadata?.labels ?? {}));
      return [{ kind, namespace: namespaceOf(object), name: nameOf(object), labels, locus: at(object.locus, 'spec', 'replicas') }];
    }),
  );
}
