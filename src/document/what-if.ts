import type { Cluster } from '../k8s/cluster.ts';
import { locate } from './locate.ts';
import type { WhatIfDocument } from './what-if-schema.ts';

/** The field of a document that says what it supposes; none where the input is as its files have it. */
export function whatIfOf({ whatIf }: Pick<Cluster, 'whatIf'>): { readonly whatIf?: WhatIfDocument } {
  if (whatIf.length === 0) return {};
  return { whatIf: whatIf.map(({ change, object, along, locus }) => ({ change, object, along: [...along], source: locate(locus) })) };
}
