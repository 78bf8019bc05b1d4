import type { Path } from '../../source/origin.ts';

/** A value that two documents have not alike: the edit of the later document that makes it as it was in the earlier one, and its place in both. */
export interface ValueDifference {
  /** Null: the earlier document has none there. */
  readonly before: Path | null;
  /** Null: the later document has none there. */
  readonly after: Path | null;
  readonly undo: Undo;
}

/** `path` is of the later document; of an insertion, the place that the value gets. */
type Undo =
  | { readonly undo: 'set'; readonly path: Path; readonly value: unknown }
  | { readonly undo: 'insert'; readonly path: Path; readonly value: unknown }
  | { readonly undo: 'remove'; readonly path: Path };

type Fields = Readonly<Record<string, unknown>>;

/** The values in which two documents differ, each as deep as it can be told, in the order of the later document. */
export function valueDifferences(before: unknown, after: unknown, at: Places = ROOT): readonly ValueDifference[] {
  if (isSame(before, after)) return [];
  if (Array.isArray(before) && Array.isArray(after)) return inLists(before, after, at);
  if (isFields(before) && isFields(after)) return inFields(before, after, at);
  return [{ before: at.before, after: at.after, undo: { undo: 'set', path: at.after, value: before } }];
}

interface Places {
  readonly before: Path;
  readonly after: Path;
}

const ROOT: Places = { before: [], after: [] };

const below = (at: Places, before: string | number, after: string | number): Places => ({
  before: [...at.before, before],
  after: [...at.after, after],
});

const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null && !Array.isArray(value);

/** The order of fields says nothing, and is nearly always the same. */
export const isSame = (a: unknown, b: unknown): boolean =>
  a === b || JSON.stringify(a) === JSON.stringify(b) || canonical(a) === canonical(b);

/** A value as text, whatever the order of its fields; one that is null is as good as none. */
function canonical(value: unknown): string {
  const inOrder = (fields: Fields) =>
    Object.entries(fields)
      .filter(([, inner]) => inner != null)
      .sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify(value, (_key, inner: unknown) => (isFields(inner) ? Object.fromEntries(inOrder(inner)) : (inner ?? null)));
}

function inFields(before: Fields, after: Fields, at: Places): readonly ValueDifference[] {
  const names = [...Object.keys(after), ...Object.keys(before).filter((name) => !(name in after))];
  return names.flatMap((name) => {
    const places = below(at, name, name);
    if (after[name] == null && before[name] == null) return [];
    if (after[name] == null)
      return [{ before: places.before, after: null, undo: { undo: 'set', path: places.after, value: before[name] } } as const];
    if (before[name] == null) return [{ before: null, after: places.after, undo: { undo: 'remove', path: places.after } } as const];
    return valueDifferences(before[name], after[name], places);
  });
}

/** Items that both lists have, in their order, stay; those between them are compared in pairs. */
function inLists(before: readonly unknown[], after: readonly unknown[], at: Places): readonly ValueDifference[] {
  const found: ValueDifference[] = [];
  let [i, j] = [0, 0];
  for (const [a, b] of [...common(before.map(canonical), after.map(canonical)), [before.length, after.length] as const]) {
    while (i < a && j < b) {
      found.push(...valueDifferences(before[i], after[j], below(at, i, j)));
      i++;
      j++;
    }
    for (; i < a; i++)
      found.push({ before: [...at.before, i], after: null, undo: { undo: 'insert', path: [...at.after, j], value: before[i] } });
    for (; j < b; j++) found.push({ before: null, after: [...at.after, j], undo: { undo: 'remove', path: [...at.after, j] } });
    i = a + 1;
    j = b + 1;
  }
  return found;
}

/** Of lists with more items than this only their beginnings and ends are matched. */
const MOST_MATCHED = 200;

/** The places of items that two lists have in common, as many as there can be, ascending. */
function common(before: readonly string[], after: readonly string[]): readonly (readonly [number, number])[] {
  let start = 0;
  while (start < before.length && start < after.length && before[start] === after[start]) start++;
  let end = 0;
  while (end < before.length - start && end < after.length - start && before.at(-1 - end) === after.at(-1 - end)) end++;
  const [a, b] = [before.slice(start, before.length - end), after.slice(start, after.length - end)];
  const matched = a.length > MOST_MATCHED || b.length > MOST_MATCHED ? [] : longestCommon(a, b);
  return [
    ...Array.from({ length: start }, (_, i) => [i, i] as const),
    ...matched.map(([i, j]) => [start + i, start + j] as const),
    ...Array.from({ length: end }, (_, i) => [before.length - end + i, after.length - end + i] as const),
  ];
}

function longestCommon(a: readonly string[], b: readonly string[]): readonly (readonly [number, number])[] {
  const rows = Array.from({ length: a.length + 1 }, () => new Array<number>(b.length + 1).fill(0));
  const lengthAt = (i: number, j: number) => rows[i]?.[j] ?? 0;
  for (let i = a.length - 1; i >= 0; i--)
    for (let j = b.length - 1; j >= 0; j--) {
      const row = rows[i];
      if (row !== undefined) row[j] = a[i] === b[j] ? lengthAt(i + 1, j + 1) + 1 : Math.max(lengthAt(i + 1, j), lengthAt(i, j + 1));
    }
  const found: (readonly [number, number])[] = [];
  for (let i = 0, j = 0; i < a.length && j < b.length; ) {
    if (a[i] === b[j]) found.push([i++, j++]);
    else if (lengthAt(i + 1, j) >= lengthAt(i, j + 1)) i++;
    else j++;
  }
  return found;
}

/** The later document with some of its differences undone. They are undone from the last on, so that no place moves before its turn. */
export function undone(after: unknown, differences: readonly ValueDifference[]): unknown {
  return differences.reduceRight<unknown>((value, { undo }) => withUndo(value, undo.path, undo), after);
}

function withUndo(value: unknown, [step, ...rest]: Path, undo: Undo): unknown {
  if (step === undefined) return undo.undo === 'remove' ? undefined : undo.value;
  const isLast = rest.length === 0;
  if (Array.isArray(value)) {
    const i = Number(step);
    if (isLast && undo.undo === 'insert') return value.toSpliced(i, 0, undo.value);
    if (isLast && undo.undo === 'remove') return value.toSpliced(i, 1);
    return value.with(i, withUndo(value[i], rest, undo));
  }
  const fields: Fields = isFields(value) ? value : {};
  if (!isLast || undo.undo !== 'remove') return { ...fields, [step]: withUndo(fields[step], rest, undo) };
  return Object.fromEntries(Object.entries(fields).filter(([name]) => name !== step));
}
