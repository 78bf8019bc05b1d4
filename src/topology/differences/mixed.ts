import type { Kind } from '../kubernetes/kinds.ts';
import { type KubeObject, type Objects, objectsOf } from '../kubernetes/objects.ts';
import type { ParsedDocument } from '../syntax/document.ts';
import type { SupposedRead } from '../what-if/index.ts';
import { type Difference, isFields, keyed, topologyOf } from './index.ts';
import { undone, type ValueDifference } from './values.ts';

/** A difference that is undone, whole or in some of its values. */
export interface Undone {
  readonly difference: Difference;
  /** Null: all of it. */
  readonly parts: readonly ValueDifference[] | null;
}

/** The later input as it was before some of its differences: all of them make it the earlier one. What it expects is left out. */
export function mixed(before: SupposedRead, after: SupposedRead, undo: readonly Undone[]): SupposedRead {
  const topology = mixedTopology(topologyOf(before), topologyOf(after), undo);
  const objects = mixedObjects(before.objects, after.objects, undo);
  const moved = undo.flatMap(({ difference: { where } }) => (where.in === 'down' ? [where.node.name] : []));
  const down = [...after.down.filter((n) => !moved.includes(n.name)), ...before.down.filter((n) => moved.includes(n.name))];
  return { documents: topology === null ? [] : [topology], objects, found: [], whatIf: [], down };
}

function mixedTopology(before: ParsedDocument | null, after: ParsedDocument | null, undo: readonly Undone[]): ParsedDocument | null {
  const isIn = (...places: readonly string[]) => undo.some(({ difference: { where } }) => places.includes(where.in));
  const base = isIn('document') ? before : (after ?? (isIn('list', 'field') ? emptied(before) : null));
  if (base === null) return null;
  const data = undo.reduce((value, one) => withTopology(value, before?.data, one), withoutExpected(base.data));
  return before === null && saysNothing(data) ? null : { ...base, data };
}

const emptied = (document: ParsedDocument | null): ParsedDocument | null => (document === null ? null : { ...document, data: HEAD });

const HEAD = { apiVersion: 'k8s-trace/v1', kind: 'Topology' };

/** All that it had is undone: there was none. */
const saysNothing = (data: unknown): boolean =>
  isFields(data) && Object.entries(data).every(([name, value]) => name in HEAD || (Array.isArray(value) && value.length === 0));

function withoutExpected(data: unknown): unknown {
  return isFields(data) ? Object.fromEntries(Object.entries(data).filter(([name]) => name !== 'expect')) : data;
}

function withTopology(data: unknown, earlier: unknown, { difference, parts }: Undone): unknown {
  const { where } = difference;
  if (where.in === 'field') return withValue(data, earlier, where.path, parts);
  if (where.in !== 'list' || !isFields(data)) return data;
  const old = isFields(earlier) ? earlier[where.list] : undefined;
  return { ...data, [where.list]: withItem(where.list, data[where.list], old, where.key, parts) };
}

function withValue(data: unknown, earlier: unknown, [field, ...rest]: readonly string[], parts: Undone['parts']): unknown {
  if (field === undefined) return parts === null ? earlier : undone(data, parts);
  const [now, old]: readonly Readonly<Record<string, unknown>>[] = [isFields(data) ? data : {}, isFields(earlier) ? earlier : {}];
  const value = withValue(now?.[field], old?.[field], rest, parts);
  const others = Object.entries(now ?? {}).filter(([name]) => name !== field);
  return Object.fromEntries(value === undefined ? others : [...others, [field, value]]);
}

function withItem(list: string, now: unknown, old: unknown, key: string, parts: Undone['parts']): readonly unknown[] {
  const items: readonly unknown[] = Array.isArray(now) ? now : [];
  const [here, there] = [keyed(list, items), keyed(list, old)];
  const [index, oldIndex] = [here?.get(key), there?.get(key)];
  if (index !== undefined && parts !== null) return items.with(index, undone(items[index], parts));
  if (oldIndex === undefined || !Array.isArray(old)) return items.filter((_, i) => i !== index);
  if (index !== undefined) return items.with(index, old[oldIndex]);
  return inserted(
    items,
    old[oldIndex],
    [...(there ?? [])].slice(0, oldIndex).map(([name]) => here?.get(name)),
  );
}

/** Behind the last of those that stood before it. */
const inserted = <T>(items: readonly T[], item: T, before: readonly (number | undefined)[]): readonly T[] =>
  items.toSpliced((before.findLast((i) => i !== undefined) ?? -1) + 1, 0, item);

function mixedObjects(before: Objects | null, after: Objects | null, undo: readonly Undone[]): Objects | null {
  const own = undo.filter(({ difference: { where } }) => where.in === 'objects');
  const byKind: Partial<Record<Kind, readonly KubeObject[]>> = { ...after?.byKind };
  for (const { difference, parts } of own) {
    if (difference.where.in !== 'objects') continue;
    const { kind, before: old } = difference.where;
    const earlier = before === null ? [] : objectsOf(before, kind);
    byKind[kind] = withObject(byKind[kind] ?? [], earlier, difference.object, old, parts);
  }
  const rest = undo.some(({ difference: { where } }) => where.in === 'rest') ? (before ?? EMPTY) : (after ?? EMPTY);
  const has = (kind: Kind) => (byKind[kind] ?? []).length > 0;
  const listed = new Set(rest.listed);
  for (const { difference } of own) {
    const { where } = difference;
    if (where.in === 'objects' && has(where.kind)) listed.add(where.kind);
    else if (where.in === 'objects' && before?.listed.has(where.kind) !== true) listed.delete(where.kind);
  }
  const isEmpty = listed.size === 0 && Object.values(byKind).every((all) => all.length === 0);
  if (isEmpty) return null;
  // Each list has objects of its own kind: they come from one that has.
  return { ...rest, byKind: Object.fromEntries(Object.entries(byKind).filter(([, all]) => all.length > 0)), listed };
}

const EMPTY: Objects = { byKind: {}, listed: new Set(), others: new Map(), logs: [] };

function withObject(
  now: readonly KubeObject[],
  earlier: readonly KubeObject[],
  name: string,
  old: KubeObject | null,
  parts: Undone['parts'],
): readonly KubeObject[] {
  const index = now.findIndex(({ locus }) => locus.object === name);
  const here = now[index];
  // The data of a kind stays what its schema made of it, but for values of the same schema.
  if (here !== undefined && parts !== null) return now.with(index, { ...here, data: undone(here.data, parts) as typeof here.data });
  if (old === null) return now.filter((_, i) => i !== index);
  if (here !== undefined) return now.with(index, old);
  const places = new Map(now.map(({ locus }, i) => [locus.object, i]));
  const before = earlier.slice(0, earlier.indexOf(old)).map(({ locus }) => places.get(locus.object));
  return inserted(now, old, before);
}
