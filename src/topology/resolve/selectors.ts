import type * as z from 'zod';
import type { LabelSelector } from '../../k8s/label-selector.ts';
import type { labelSelector } from '../schema/label-selector.ts';
import { labelsOf } from './labels.ts';

type SelectorInput = z.output<ReturnType<typeof labelSelector>>;

/** One that is left out selects everything. */
export const selectorOf = (input: SelectorInput | null | undefined): LabelSelector => ({
  matchLabels: labelsOf(input?.matchLabels ?? undefined),
  matchExpressions: (input?.matchExpressions ?? []).map(({ key, operator, values }) => ({ key, operator, values: values ?? [] })),
});
