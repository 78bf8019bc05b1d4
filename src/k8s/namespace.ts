import type { Locus } from '../source/origin.ts';

export interface Namespace {
  readonly name: string;
  readonly labels: ReadonlyMap<string, string>;
  readonly locus: Locus;
}

/** The API server gives every namespace its name as a label. Source: NamespaceDefaultLabelName, KEP-2161. */
export function namespaceLabels(namespaces: ReadonlyMap<string, Namespace>, name: string): ReadonlyMap<string, string> {
  return new Map([...(namespaces.get(name)?.labels ?? []), ['kubernetes.io/metadata.name', name]]);
}
