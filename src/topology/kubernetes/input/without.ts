import { AmbiguousScalar } from '../../syntax/document.ts';

/** A field that is null is as good as none. */
export function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (typeof value !== 'object' || value === null || value instanceof AmbiguousScalar) return value;
  return Object.fromEntries(Object.entries(value).flatMap(([k, v]) => (v == null ? [] : [[k, withoutNulls(v)]])));
}

/** Data without what stands at a path. */
export function without(value: unknown, [step, ...rest]: readonly PropertyKey[]): unknown {
  if (Array.isArray(value)) return value.map((item, i) => (i === step ? without(item, rest) : item));
  if (typeof value !== 'object' || value === null || step === undefined || value instanceof AmbiguousScalar) return value;
  const entries = Object.entries(value);
  if (rest.length === 0) return Object.fromEntries(entries.filter(([k]) => k !== step));
  return Object.fromEntries(entries.map(([k, v]) => [k, k === step ? without(v, rest) : v]));
}
