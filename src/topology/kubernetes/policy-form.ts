import type * as z from 'zod';
import type { Diagnostic } from '../../source/diagnostic.ts';
import { unknownFields } from '../../source/objects.ts';
import { nearest } from '../../source/suggest.ts';
import { diagnose } from '../schema/messages.ts';
import { without, withoutNulls } from './input/without.ts';
import type { KubeObject } from './objects.ts';

/**
 * A policy's spec by a schema that takes no unknown field; null, and reported: the API server takes none like it. What nobody knows is
 * left out, as the API server does, unless it looks like a field misspelt, or stands in a selector, which selects more without it.
 */
export function policyForm<S extends z.ZodType>(schema: S, { data, locus }: KubeObject, found: Diagnostic[]): z.output<S> | null {
  const { spec } = data as { readonly spec?: unknown };
  let value: unknown = withoutNulls({ spec });
  for (;;) {
    const result = schema.safeParse(value, { jitless: true });
    if (result.success) return result.data;
    const { issues } = result.error;
    const left = issues.flatMap((issue) => harmless(issue));
    if (left.length === 0) {
      found.push(...diagnose({ source: locus.document, data: value }, issues));
      return null;
    }
    for (const path of left) value = without(value, path);
  }
}

const SELECTS = /[sS]elector$|^(namespaces|nodes|matchExpressions)$/;

/** The fields that play no part. */
function harmless(issue: z.core.$ZodIssue): readonly (readonly PropertyKey[])[] {
  if (issue.code !== 'unrecognized_keys' || issue.path.some((step) => SELECTS.test(String(step)))) return [];
  const { known } = unknownFields(issue.message);
  return issue.keys.filter((key) => nearest(key, known).length === 0).map((key) => [...issue.path, key]);
}
