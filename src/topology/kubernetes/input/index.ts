import { at, type Locus, wholeDocument } from '../../../source/origin.ts';
import type { TopologyInput } from '../../schema/topology.ts';
import { type KubeObject, keyOf, nameOf, namespaceOf, type Objects, objectsOf } from '../objects.ts';
import { type FieldPlaces, gathered, listOf, NAMED_FIELDS, NODE_FIELDS, ObjectPlace, POD_FIELDS, SPEC_FIELDS } from '../places.ts';
import { endpointsOf } from './endpoints.ts';
import { gatewayClassIn, gatewayIn, httpRouteIn, ingressClassIn, ingressIn, NotFollowed, referenceGrantIn } from './http.ts';
import { type Machines, nodeIn, nodesOfPods } from './node.ts';
import { owners } from './owner.ts';
import { podIn } from './pod.ts';
import { serviceIn } from './service.ts';

/** The lists of a Topology as objects say them, and where their items stand. */
export interface Lists {
  readonly input: Pick<TopologyInput, (typeof NAMES)[number]>;
  readonly places: Readonly<Record<(typeof NAMES)[number], readonly Locus[]>>;
}

export const NAMES = [
  'nodes',
  'pods',
  'services',
  'endpoints',
  'namespaces',
  'ingressClasses',
  'ingresses',
  'gatewayClasses',
  'gateways',
  'httpRoutes',
  'referenceGrants',
] as const;

interface List<T> {
  readonly items: readonly T[];
  readonly places: readonly Locus[];
}

/** Objects that no schema could follow are reported by `unread`, and left out. */
export function listsOf(objects: Objects, machines: Machines, unread: (object: KubeObject, why: NotFollowed) => void): Lists {
  const list = <O extends KubeObject, T>(all: readonly O[], fields: FieldPlaces, read: (object: O) => T | NotFollowed | null): List<T> => {
    const found = all.flatMap((object) => {
      const item = read(object);
      if (item instanceof NotFollowed) unread(object, item);
      return item === null || item instanceof NotFollowed ? [] : [[item, new ObjectPlace(object.locus, fields)] as const];
    });
    return { items: found.map(([item]) => item), places: found.map(([, place]) => place) };
  };
  const of = <T>({ items }: List<T>): T[] => [...items];
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
  const endpoints = endpointLists(objects, found);
  const namespaces = list(objectsOf(objects, 'Namespace'), NAMED_FIELDS, namespaceIn);
  const ingressClasses = list(objectsOf(objects, 'IngressClass'), SPEC_FIELDS, ingressClassIn);
  const ingresses = list(objectsOf(objects, 'Ingress'), SPEC_FIELDS, ingressIn);
  const gatewayClasses = list(objectsOf(objects, 'GatewayClass'), SPEC_FIELDS, gatewayClassIn);
  const gateways = list(objectsOf(objects, 'Gateway'), SPEC_FIELDS, gatewayIn);
  const httpRoutes = list(objectsOf(objects, 'HTTPRoute'), SPEC_FIELDS, httpRouteIn);
  const referenceGrants = list(objectsOf(objects, 'ReferenceGrant'), SPEC_FIELDS, referenceGrantIn);
  return {
    input: {
      nodes: [...own.items, ...told.map(([node]) => node)],
      pods: of(pods),
      services: of(services),
      endpoints: endpoints.items,
      namespaces: of(namespaces),
      ingressClasses: of(ingressClasses),
      ingresses: of(ingresses),
      gatewayClasses: of(gatewayClasses),
      gateways: of(gateways),
      httpRoutes: of(httpRoutes),
      referenceGrants: of(referenceGrants),
    },
    places: {
      nodes: [...own.places, ...told.map(([, pod]) => nodeOfPod(pod))],
      pods: pods.places,
      services: services.places,
      endpoints: endpoints.places,
      namespaces: namespaces.places,
      ingressClasses: ingressClasses.places,
      ingresses: ingresses.places,
      gatewayClasses: gatewayClasses.places,
      gateways: gateways.places,
      httpRoutes: httpRoutes.places,
      referenceGrants: referenceGrants.places,
    },
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
function endpointLists(objects: Objects, found: Found): List<NonNullable<TopologyInput['endpoints']>[number]> {
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
export function rootOf(base: Locus, places: Lists['places']): Locus {
  const lists = new Map<string | number, readonly Locus[]>(Object.entries(places));
  return gathered({ ...wholeDocument(base.document, base.object), path: base.path }, (field) => {
    const items = lists.get(field);
    return items === undefined ? null : listOf(at(base, field), items);
  });
}
