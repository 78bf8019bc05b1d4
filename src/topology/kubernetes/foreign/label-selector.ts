import * as z from 'zod';
import { labelHolds } from '../../../k8s/label-selector.ts';
import { allOf, MAYBE, type Test } from './selects.ts';

const operator = z.enum(['In', 'NotIn', 'Exists', 'DoesNotExist']);

const schema = z.object({
  matchLabels: z.record(z.string(), z.string()).nullish(),
  matchExpressions: z.array(z.object({ key: z.string(), operator, values: z.array(z.string()).nullish() })).nullish(),
});

type ByKey = (key: string, holds: (value: string | undefined) => boolean) => Test;

/** A LabelSelector, each of whose keys is looked up by `test`; one that cannot be read may select anything. */
export function labelSelector(given: unknown, test: ByKey): Test {
  const read = schema.safeParse(given);
  if (!read.success) return MAYBE;
  const { matchLabels, matchExpressions } = read.data;
  return allOf(
    ...Object.entries(matchLabels ?? {}).map(([key, wanted]) => test(key, (value) => value === wanted)),
    ...(matchExpressions ?? []).map(({ key, operator, values }) =>
      test(key, (value) => labelHolds({ key, operator, values: values ?? [] }, value)),
    ),
  );
}
