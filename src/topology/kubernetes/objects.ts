import type { Locus } from '../../source/origin.ts';
import { type DataOf, type Kind, nameOfKind } from './kinds.ts';

/** An object of the input: the fields that are read, and its place. */
export interface KubeObject<K extends Kind = Kind> {
  readonly kind: K;
  readonly apiVersion: string;
  readonly data: DataOf<K>;
  readonly locus: Locus;
}

type ByKind = { readonly [K in Kind]?: readonly KubeObject<K>[] };

/** The Kubernetes objects of the input, each once. */
export interface Objects {
  readonly byKind: ByKind;
  /** Kinds that the input lists, perhaps with no item: an empty list says that there are none, a missing one says nothing. */
  readonly listed: ReadonlySet<Kind>;
  /** Kinds of which it says that there are more objects: of namespaces that nobody may see, or of the rest of a list. None is listed. Undefined: no kind. */
  readonly unseen?: ReadonlySet<Kind>;
  /** Kinds that nobody reads, by how many there are. */
  readonly others: ReadonlyMap<string, number>;
  readonly logs: readonly LogLine[];
}

/** A line of a container's log that tells how the container is set up. */
export interface LogLine {
  /** `namespace/name` */
  readonly pod: string;
  readonly text: string;
  readonly locus: Locus;
}

/** The objects of a kind, in input order. */
export function objectsOf<K extends Kind>({ byKind }: Pick<Objects, 'byKind'>, kind: K): readonly KubeObject<K>[] {
  return byKind[kind] ?? [];
}

export const namespaceOf = ({ data }: KubeObject): string => data.metadata.namespace ?? 'default';
export const nameOf = ({ data }: KubeObject): string => data.metadata.name;
/** `namespace/name`. */
export const keyOf = (object: KubeObject): string => `${namespaceOf(object)}/${nameOf(object)}`;

/** Kinds whose objects are in no namespace. */
const CLUSTER_WIDE: ReadonlySet<Kind> = new Set([
  'Node',
  'Namespace',
  'ServiceCIDR',
  'IngressClass',
  'GatewayClass',
  'IPPool',
  'IPAMBlock',
  'BlockAffinity',
  'FelixConfiguration',
  'Installation',
  'CiliumNode',
  'Network',
  'HostSubnet',
  'ENIConfig',
  'AdminNetworkPolicy',
  'BaselineAdminNetworkPolicy',
  'ClusterNetworkPolicy',
  'CiliumClusterwideNetworkPolicy',
  'GlobalNetworkPolicy',
  'AntreaClusterNetworkPolicy',
]);

export const isClusterWide = (kind: Kind): boolean => CLUSTER_WIDE.has(kind);

/** `Pod/default/pod-a`, `Node/node-1`. */
export const objectName = (
  kind: Kind,
  { namespace, name }: { readonly namespace?: string | null | undefined; readonly name: string },
): string => `${nameOfKind(kind)}/${CLUSTER_WIDE.has(kind) ? '' : `${namespace ?? 'default'}/`}${name}`;
