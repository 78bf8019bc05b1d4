import type { Path } from '../../source/origin.ts';
import type { Kind } from '../kubernetes/kinds.ts';
import { fieldsOf, itemsOf, listOf, mappingOf, part, type Traced, written } from './traced.ts';

/**
 * The fields that a document of a kind has when it is all of the object, and not a change of some fields. What no API server takes without
 * them is surely a patch; a Service without a selector and an Ingress without a class may be either, and are taken for one.
 */
const WHOLE: { readonly [K in Kind]?: readonly Path[] } = {
  Pod: [['spec', 'containers']],
  Service: [
    ['spec', 'ports'],
    ['spec', 'selector'],
  ],
  Endpoints: [['subsets']],
  EndpointSlice: [['addressType'], ['endpoints']],
  Ingress: [
    ['spec', 'rules'],
    ['spec', 'ingressClassName'],
  ],
  IngressClass: [['spec', 'controller']],
  GatewayClass: [['spec', 'controllerName']],
  Gateway: [
    ['spec', 'gatewayClassName'],
    ['spec', 'listeners'],
  ],
  HTTPRoute: [
    ['spec', 'parentRefs'],
    ['spec', 'rules'],
  ],
  ReferenceGrant: [
    ['spec', 'from'],
    ['spec', 'to'],
  ],
  NetworkPolicy: [['spec', 'podSelector']],
  AdminNetworkPolicy: [
    ['spec', 'priority'],
    ['spec', 'subject'],
  ],
  BaselineAdminNetworkPolicy: [['spec', 'subject']],
  ClusterNetworkPolicy: [
    ['spec', 'tier'],
    ['spec', 'priority'],
    ['spec', 'subject'],
  ],
  Deployment: [['spec', 'template', 'spec', 'containers']],
  DaemonSet: [['spec', 'template', 'spec', 'containers']],
  StatefulSet: [['spec', 'template', 'spec', 'containers']],
  ReplicaSet: [['spec', 'template', 'spec', 'containers']],
  Job: [['spec', 'template', 'spec', 'containers']],
  CronJob: [['spec', 'jobTemplate', 'spec', 'template', 'spec', 'containers']],
};

/** Does it say all of an object of its kind? */
export function isWhole(kind: Kind, data: Traced): boolean {
  const needed = WHOLE[kind] ?? [['spec']];
  const isExternal = kind === 'Service' && valueAt(data, ['spec', 'type']) === 'ExternalName';
  return isExternal || needed.every((path) => valueAt(data, path) != null);
}

/** May an object of this kind be added by a document? Some need no field that tells: a Namespace is a name. */
export const isAddable = (kind: Kind, data: Traced): boolean => isWhole(kind, data) || kind === 'Namespace' || kind === 'ConfigMap';

/** What a cluster writes into an object, and a manifest of it leaves to the cluster. */
const ALWAYS_KEPT: readonly Path[] = [
  ['status'],
  ['metadata', 'uid'],
  ['metadata', 'resourceVersion'],
  ['metadata', 'ownerReferences'],
  ['metadata', 'namespace'],
];

const KEPT: { readonly [K in Kind]?: readonly Path[] } = {
  Pod: [['spec', 'nodeName']],
  Service: [
    ['spec', 'clusterIP'],
    ['spec', 'clusterIPs'],
    ['spec', 'ipFamilies'],
    ['spec', 'ipFamilyPolicy'],
  ],
};

/** A manifest in the place of an object: what the cluster had written into it stays. */
export function replaced(kind: Kind, object: Traced, manifest: Traced): Traced {
  const kept = [...ALWAYS_KEPT, ...(KEPT[kind] ?? [])].filter((path) => stays(kind, manifest, path));
  const whole = kept.reduce((into, path) => withKept(into, object, path), manifest);
  return kind === 'Service' ? withNodePorts(whole, object) : whole;
}

/** A service that becomes headless, or another name, has no address any more. */
function stays(kind: Kind, manifest: Traced, path: Path): boolean {
  if (kind !== 'Service' || path[0] !== 'spec') return true;
  return valueAt(manifest, ['spec', 'clusterIP']) === undefined && valueAt(manifest, ['spec', 'type']) !== 'ExternalName';
}

/** The field of `from` at the path, where `into` has none. */
function withKept(into: Traced, from: Traced, [step = '', ...rest]: Path): Traced {
  const own = fieldsOf(into).get(String(step));
  const other = fieldsOf(from).get(String(step));
  if (other === undefined) return into;
  if (rest.length === 0) return own === undefined ? withField(into, String(step), other) : into;
  return withField(into, String(step), withKept(own ?? written({}, into.at.document, into.at.path), other, rest));
}

const withField = (into: Traced, name: string, value: Traced): Traced => mappingOf(into.at, new Map([...fieldsOf(into), [name, value]]));

/** Node ports stay with their ports, as long as the type has any. */
function withNodePorts(service: Traced, before: Traced): Traced {
  const type = valueAt(service, ['spec', 'type']);
  if (type !== 'NodePort' && type !== 'LoadBalancer') return service;
  const earlier = itemsOf(part(part(before, 'spec'), 'ports'));
  const spec = part(service, 'spec');
  const ports = part(spec, 'ports');
  const same = (a: Traced, b: Traced) => part(a, 'port').value === part(b, 'port').value && protocolOf(a) === protocolOf(b);
  const items = itemsOf(ports).map((port) => {
    const known = earlier.find((e) => same(e, port));
    return known === undefined ? port : withKept(port, known, ['nodePort']);
  });
  return withField(service, 'spec', withField(spec, 'ports', listOf(ports.at, items)));
}

const protocolOf = (port: Traced): unknown => part(port, 'protocol').value ?? 'TCP';

export const valueAt = (traced: Traced, path: Path): unknown => path.reduce((here, step) => part(here, step), traced).value;
