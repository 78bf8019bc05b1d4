import type { Locus } from '../../../source/origin.ts';
import type { EndpointsInput } from '../../schema/topology.ts';
import { type KubeObject, keyOf, nameOf, namespaceOf, type Objects, objectsOf } from '../objects.ts';
import { ENDPOINTS_FIELDS, ObjectPlace, SLICE_FIELDS } from '../places.ts';
import type { EndpointSliceObject } from '../schema/service.ts';
import { addressIn, wordIn } from './text.ts';

/** Endpoints of a service's port in a Topology's words, and their place. */
export interface PlacedEndpoints {
  readonly input: EndpointsInput;
  readonly locus: Locus;
}

/**
 * The endpoints of each service, by `namespace/name`: those of its EndpointSlices, else of its Endpoints, which mirror the same list. A service
 * that neither speaks of is not here: its selector decides.
 */
export function endpointsOf(objects: Objects): ReadonlyMap<string, readonly PlacedEndpoints[]> {
  const slices = groupedBy(objectsOf(objects, 'EndpointSlice'), serviceOfSlice);
  const found = new Map<string, readonly PlacedEndpoints[]>();
  for (const [service, own] of slices) found.set(service, own.flatMap(ofSlice));
  for (const object of objectsOf(objects, 'Endpoints')) if (!found.has(keyOf(object))) found.set(keyOf(object), ofEndpoints(object));
  return found;
}

/** https://kubernetes.io/docs/concepts/services-networking/endpoint-slices/#ownership */
const SERVICE_LABEL = 'kubernetes.io/service-name';

function serviceOfSlice(slice: KubeObject<'EndpointSlice'>): string | null {
  const { labels, ownerReferences } = slice.data.metadata;
  const name = labels?.[SERVICE_LABEL] ?? ownerReferences?.find((o) => o.kind === 'Service')?.name;
  return name === undefined ? null : `${namespaceOf(slice)}/${name}`;
}

function groupedBy<T>(items: readonly T[], keyOf: (item: T) => string | null): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    if (key === null) continue;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return groups;
}

/** One entry a port. A slice of names (addressType FQDN) is for no kube-proxy. */
function ofSlice(slice: KubeObject<'EndpointSlice'>): readonly PlacedEndpoints[] {
  const { data, locus } = slice;
  const place = new ObjectPlace(locus, SLICE_FIELDS);
  const service = serviceOfSlice(slice)?.split('/')[1] ?? '';
  return (data.ports ?? []).flatMap(({ name, port }) => {
    if (port == null) return [];
    const addresses = (data.endpoints ?? []).flatMap((e) => addressOfSlice(e, port, namespaceOf(slice)));
    return [{ input: entry(service, namespaceOf(slice), name, addresses), locus: place }];
  });
}

type SliceEndpoint = NonNullable<EndpointSliceObject['endpoints']>[number];

interface PlacedAddress {
  readonly address: EndpointsInput['addresses'][number];
  readonly pod: string | null;
}

/** An unknown readiness counts as ready: pkg/apis/discovery/types.go, EndpointConditions. Only the first address of an endpoint is used. */
function addressOfSlice(endpoint: SliceEndpoint, port: number, namespace: string): readonly PlacedAddress[] {
  const { addresses, conditions, hostname, nodeName, topology, hints, targetRef } = endpoint;
  const ip = addressIn(addresses?.[0]);
  if (ip === null) return [];
  const ready = conditions?.ready ?? true;
  return [
    {
      pod: podOf(targetRef, namespace),
      address: {
        ip,
        port,
        ready,
        serving: conditions?.serving ?? ready,
        terminating: conditions?.terminating ?? false,
        hostname: hostname || undefined,
        nodeName: nodeName ?? topology?.['kubernetes.io/hostname'] ?? undefined,
        hints: hints == null ? undefined : { forZones: hints.forZones?.map((z) => z.name), forNodes: hints.forNodes?.map((n) => n.name) },
      },
    },
  ];
}

function ofEndpoints(object: KubeObject<'Endpoints'>): readonly PlacedEndpoints[] {
  const place = new ObjectPlace(object.locus, ENDPOINTS_FIELDS);
  return (object.data.subsets ?? []).flatMap(({ ports, addresses, notReadyAddresses }) =>
    (ports ?? []).map(({ name, port }) => {
      const one = (ready: boolean) => (a: NonNullable<typeof addresses>[number]) => {
        const ip = addressIn(a.ip);
        if (ip === null) return [];
        const address = { ip, port, ready, hostname: a.hostname || undefined, nodeName: a.nodeName || undefined };
        return [{ pod: podOf(a.targetRef, namespaceOf(object)), address }];
      };
      const all = [...(addresses ?? []).flatMap(one(true)), ...(notReadyAddresses ?? []).flatMap(one(false))];
      return { input: entry(nameOf(object), namespaceOf(object), name, all), locus: place };
    }),
  );
}

const entry = (service: string, namespace: string, port: string | null | undefined, all: readonly PlacedAddress[]): EndpointsInput => ({
  service,
  namespace,
  port: port || undefined,
  addresses: all.map((a) => a.address),
  seen: { pods: all.map((a) => a.pod) },
});

const podOf = (ref: SliceEndpoint['targetRef'], namespace: string): string | null =>
  wordIn(['Pod'], ref?.kind) === undefined || ref?.name == null ? null : `${ref.namespace ?? namespace}/${ref.name}`;
