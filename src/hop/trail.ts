/** A list that grows at its end and never changes: branches of a walk share what they have in common. Null: it is empty. */
export interface Trail<T> {
  readonly last: T;
  readonly before: Trail<T> | null;
}

export function inOrder<T>(trail: Trail<T> | null): readonly T[] {
  const items: T[] = [];
  for (let t = trail; t !== null; t = t.before) items.push(t.last);
  return items.reverse();
}
