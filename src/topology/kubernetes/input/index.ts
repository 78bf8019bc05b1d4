import type { Diagnostic } from '../../../source/diagnostic.ts';
import { at, type Locus, wholeDocument } from '../../../source/origin.ts';
import type { ItemOf, List, Lists } from '../lists.ts';
import { type KubeObject, keyOf, nameOf, namespaceOf, type Objects, objectsOf } from '../objects.ts';
import { type FieldPlaces, gathered, listOf, NAMED_FIELDS, NODE_FIELDS, ObjectPlace, POD_FIELDS, SPEC_FIELDS } from '../places.ts';
import { endpointsOf } from './endpoints.ts';
import { gatewayClassIn, gatewayIn, httpRouteIn, ingressClassIn, ingressIn, NotFollowed, referenceGrantIn } from './http.ts';
import { networkPolicyIn } from './network-policy.ts';
import { type Machines, nodeIn, nodesOfPods } from './node.ts';
import { owners } from './owner.ts';
import { podIn } from './pod.ts';
import { serviceIn } from './service.ts';

/** Objects that no schema could follow are reported by `unread`, and left out; policies that no API server takes are errors, in `refused`. */
export function listsOf(
  objects: Objects,
  machines: Machines,
  unread: (object: KubeObject, why: NotFollowed) => void,
  refused: Diagnostic[],
): Lists {
  const list = <O extends KubeObject, T>(all: readonly O[], fields: FieldPlaces, read: (object: O) => T | NotFollowed | null): List<T> => {
    const found = all.flatMap((object) => {
      const item = read(object);
      if (item instanceof NotFollowed) unread(object, item);
      return item === null || item instanceof NotFollowed ? [] : [[item, new ObjectPlace(object.locus, fields)] as const];
    });
    return { items: found.map(([item]) => item), places: found.map(([, place]) => place) };
  };
  const own = list(objectsOf(objects, 'Node'), NODE_FIELDS, (node) => nodeIn(node, machines));
  const told = nodesOfPods(objects, machines);
  const ownerOf = owners(objects);
  const pods = list(objectsOf(objects, 'Pod'), POD_FIELDS, (pod) => podIn(pod, ownerOf));
  const found = endpointsOf(objects);
  // Of manifests all pods are known: those that their workloads make.
  const withPods = machines.assumedNodes.length > 0 ? null : new Set(objectsOf(objects, 'Pod').map(namespaceOf));
  const services = list(objectsOf(objects, 'Service'), SPEC_FIELDS, (s) =>
    serviceIn(s, { endpointsUnknown: unknownEndpoints(objects, s, found, withPods) }),
  );
  return {
    nodes: {
      items: [...own.items, ...told.map(([node]) => node)],
      places: [...own.places, ...told.map(([, pod]) => nodeOfPod(pod))],
    },
    pods,
    services,
    endpoints: endpointLists(objects, found),
    namespaces: list(objectsOf(objects, 'Namespace'), NAMED_FIELDS, namespaceIn),
    ingressClasses: list(objectsOf(objects, 'IngressClass'), SPEC_FIELDS, ingressClassIn),
    ingresses: list(objectsOf(objects, 'Ingress'), SPEC_FIELDS, ingressIn),
    gatewayClasses: list(objectsOf(objects, 'GatewayClass'), SPEC_FIELDS, gatewayClassIn),
    gateways: list(objectsOf(objects, 'Gateway'), SPEC_FIELDS, gatewayIn),
    httpRoutes: list(objectsOf(objects, 'HTTPRoute'), SPEC_FIELDS, httpRouteIn),
    referenceGrants: list(objectsOf(objects, 'ReferenceGrant'), SPEC_FIELDS, referenceGrantIn),
    networkPolicies: list(objectsOf(objects, 'NetworkPolicy'), SPEC_FIELDS, (policy) => networkPolicyIn(policy, refused)),
  };
}

const namespaceIn = (object: KubeObject<'Namespace'>) => ({ name: nameOf(object), labels: object.data.metadata.labels ?? undefined });

type Found = ReturnType<typeof endpointsOf>;

/**
 * An input without any endpoints says nothing of a service that selects no pods, and nothing of one that selects pods of a namespace which is
 * not `withPods`: the command that would tell. Null for `withPods`: the namespaces have the pods that the input has.
 */
function unknownEndpoints(
  { listed }: Objects,
  service: KubeObject<'Service'>,
  found: Found,
  withPods: ReadonlySet<string> | null,
): string | null {
  if (found.has(keyOf(service)) || listed.has('Endpoints') || listed.has('EndpointSlice')) return null;
  if (service.data.spec?.type === 'ExternalName') return null;
  const namespace = namespaceOf(service);
  if (Object.keys(service.data.spec?.selector ?? {}).length > 0)
    return withPods === null || withPods.has(namespace) ? null : `kubectl get pods,endpointslices -n ${namespace} -o json`;
  return `kubectl get endpointslices -n ${namespace} -l kubernetes.io/service-name=${nameOf(service)} -o json`;
}

/** Those of services that are there, at ports that they have: a slice outlives both for a while. */
function endpointLists(objects: Objects, found: Found): List<ItemOf<'endpoints'>> {
  const kept = objectsOf(objects, 'Service').flatMap((service) => {
    const names = (service.data.spec?.ports ?? []).map((p) => p.name ?? '');
    if (service.data.spec?.type === 'ExternalName') return [];
    return (found.get(keyOf(service)) ?? []).filter(({ input }) => names.includes(input.port ?? ''));
  });
  return { items: kept.map((k) => k.input), places: kept.map((k) => k.locus) };
}

/** A node that has no object of its own is where a pod says that it runs. */
const nodeOfPod = ({ locus, data }: KubeObject<'Pod'>): Locus => ({
  ...gathered(locus, (field) => at(locus, ...(field === 'name' ? ['spec', 'nodeName'] : ['status', 'hostIP']))),
  object: `Node/${data.spec?.nodeName ?? ''}`,
});

/** The root of an input whose lists come from objects: other fields are those of `base`. */
export function rootOf(base: Locus, lists: Lists): Locus {
  const placesOf = new Map<string | number, readonly Locus[]>(Object.entries(lists).map(([name, { places }]) => [name, places]));
  return gathered({ ...wholeDocument(base.document, base.object), path: base.path }, (field) => {
    const places = placesOf.get(field);
    return places === undefined ? null : listOf(at(base, field), places);
  });
}
