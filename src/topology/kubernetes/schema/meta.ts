import * as z from 'zod';
import { projected } from '../../../source/objects.ts';

/**
 * Kubernetes objects as the API server prints them: of each kind the fields that some reader looks at, and no others, so that a parsed object
 * is its own projection. A field that is null is as good as none, which Go prints for empty lists and times.
 */

export const text = z.string().nullish();
export const flag = z.boolean().nullish();
export const number = z.number().nullish();
export const list = <S extends z.ZodType>(item: S) => z.array(item).nullish();
export const texts = z.record(z.string(), z.string()).nullish();

const ownerReference = projected(() => ({ kind: z.string(), name: z.string(), controller: flag }));

/** https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/object-meta/ */
export const metadata = projected(() => ({
  name: z.string(),
  namespace: text,
  uid: text,
  resourceVersion: text,
  labels: texts,
  annotations: texts,
  ownerReferences: list(ownerReference),
  deletionTimestamp: text,
}));

export type Metadata = z.output<typeof metadata>;
