/** A kind of object and its API. */
export interface Kind {
  readonly apiVersion: string;
  readonly kind: string;
}

/** Kinds that files and folders are named after. */
const KINDS: Readonly<Record<string, readonly string[]>> = {
  v1: ['Node', 'Namespace', 'Pod', 'Service', 'Endpoints', 'ConfigMap'],
  'discovery.k8s.io/v1': ['EndpointSlice'],
  'networking.k8s.io/v1': ['Ingress', 'IngressClass', 'NetworkPolicy', 'ServiceCIDR'],
  'policy.networking.k8s.io/v1alpha1': ['AdminNetworkPolicy', 'BaselineAdminNetworkPolicy'],
  'policy.networking.k8s.io/v1alpha2': ['ClusterNetworkPolicy'],
  'gateway.networking.k8s.io/v1': ['Gateway', 'GatewayClass', 'HTTPRoute'],
  'apps/v1': ['DaemonSet', 'Deployment', 'StatefulSet', 'ReplicaSet'],
  'batch/v1': ['Job', 'CronJob'],
  'config.openshift.io/v1': ['Network'],
};

/** By singular and plural, in small letters. */
const BY_NAME: ReadonlyMap<string, Kind> = new Map(
  Object.entries(KINDS).flatMap(([apiVersion, kinds]) =>
    kinds.flatMap((kind) => [kind.toLowerCase(), pluralOf(kind)].map((name) => [name, { apiVersion, kind }] as const)),
  ),
);

function pluralOf(kind: string): string {
  const name = kind.toLowerCase();
  if (name === 'endpoints') return name;
  if (name.endsWith('s')) return `${name}es`;
  return name.endsWith('cy') ? `${name.slice(0, -1)}ies` : `${name}s`;
}

/** `core_v1_pods`, `networking.k8s.io_v1_ingresses`: as sonobuoy names files. */
const RESOURCE = /^([a-z0-9.]+)_(v\d[a-z0-9]*)_([a-z]+)$/;

/** The kind that a file is named after, or a folder that it is in: `Pods.json`, `core_v1_pods.json`, `config/pod/shop/web.json`. */
export function kindOfFile(path: string): Kind | null {
  const steps = path.split('/').reverse();
  const [file = '', ...folders] = steps;
  const name = file.replace(/(\.(json|jsonl|ya?ml))?(\.gz)?$/i, '');
  const [, group = '', version = '', plural] = RESOURCE.exec(name) ?? [];
  if (plural !== undefined) {
    const known = BY_NAME.get(plural);
    return known === undefined ? null : { ...known, apiVersion: group === 'core' ? version : `${group}/${version}` };
  }
  for (const step of [name, ...folders]) {
    const known = BY_NAME.get(step.toLowerCase().replace(/[-_]/g, ''));
    if (known !== undefined) return known;
  }
  return null;
}

/** A field of an object, if it has one of this name. */
export const fieldOf = (data: unknown, name: string): unknown =>
  typeof data === 'object' && data !== null && Object.hasOwn(data, name) ? Reflect.get(data, name) : undefined;

/** Where the object's API had it; gone since Kubernetes 1.24. */
const SELF_LINK = /^\/apis?\/(?:([a-z0-9.-]+)\/)?(v\d[a-z0-9]*)\/(?:namespaces\/[^/]+\/(?=[^/]+\/))?([a-z]+)\/[^/]+$/;

function kindOfSelfLink(link: unknown): Kind | null {
  const [, group, version, plural] = typeof link === 'string' ? (SELF_LINK.exec(link) ?? []) : [];
  const known = plural === undefined ? undefined : BY_NAME.get(plural);
  return known === undefined ? null : { ...known, apiVersion: group === undefined ? `${version}` : `${group}/${version}` };
}

/** The kind that an object looks like. */
export function kindOfShape(data: unknown): Kind | null {
  const linked = kindOfSelfLink(fieldOf(fieldOf(data, 'metadata'), 'selfLink'));
  if (linked !== null) return linked;
  const [spec, status] = [fieldOf(data, 'spec'), fieldOf(data, 'status')];
  const has = (of: unknown, name: string) => fieldOf(of, name) !== undefined;
  if (has(spec, 'containers') && has(status, 'phase')) return { apiVersion: 'v1', kind: 'Pod' };
  if (has(status, 'nodeInfo')) return { apiVersion: 'v1', kind: 'Node' };
  if (has(spec, 'clusterIP') || (has(spec, 'ports') && has(spec, 'type'))) return { apiVersion: 'v1', kind: 'Service' };
  return has(data, 'subsets') ? { apiVersion: 'v1', kind: 'Endpoints' } : null;
}

/** The name of an object: none is without. */
export const nameOf = (data: unknown): unknown => fieldOf(fieldOf(data, 'metadata'), 'name');

/** Of a list that an API server gives in parts: are there more? Source: apimachinery, pkg/apis/meta/v1, ListMeta. */
export function isPart(list: unknown): boolean {
  const more = fieldOf(fieldOf(list, 'metadata'), 'continue');
  return typeof more === 'string' && more !== '';
}
