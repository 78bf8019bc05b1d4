import type { Path } from '../source/origin.ts';
import type { Difference } from '../topology/differences/index.ts';
import type { Undone } from '../topology/differences/mixed.ts';
import type { ValueDifference } from '../topology/differences/values.ts';
import type { At, Cause } from './change.ts';

/** What was left out, as the places that it has in both inputs. */
export function causesIn({ difference, parts }: Undone): readonly Cause[] {
  const some = parts ?? difference.parts.slice(0, 1);
  return some.length === 0 ? [causeOf(difference, null)] : some.map((part) => causeOf(difference, part));
}

/** Null for the value: all of it. */
export function causeOf(difference: Difference, part: ValueDifference | null): Cause {
  const { object, change, before, after } = difference;
  const at = (place: Difference['before'], path: Path | null): At | null =>
    place === null || path === null ? null : { document: place.document, path: [...place.path, ...path] };
  return { object, change, before: at(before, part === null ? [] : part.before), after: at(after, part === null ? [] : part.after) };
}
