import type { Locus } from '../source/origin.ts';

export interface Namespace {
  readonly name: string;
  readonly labels: ReadonlyMap<string, string>;
  readonly locus: Locus;
}

/** Of a Cluster. */
interface Namespaces {
  readonly namespaces: ReadonlyMap<string, Namespace>;
  readonly areNamespacesComplete: boolean;
}

/** The API server gives every namespace its name as a label. Source: NamespaceDefaultLabelName, KEP-2161. */
export function namespaceLabels({ namespaces }: Pick<Namespaces, 'namespaces'>, name: string): ReadonlyMap<string, string> {
  return new Map([...(namespaces.get(name)?.labels ?? []), ['kubernetes.io/metadata.name', name]]);
}

/** Are these all of its labels? Objects of a cluster may be without its Namespaces; the label with the name is known whatever there is. */
export const areNamespaceLabelsKnown = ({ namespaces, areNamespacesComplete }: Namespaces, name: string): boolean =>
  areNamespacesComplete || namespaces.has(name);
