import type { WhatIf } from '../../k8s/what-if.ts';
import type { Collector, Item, Sink } from '../kubernetes/collect.ts';
import { kindRead } from '../kubernetes/kinds.ts';
import { objectName } from '../kubernetes/objects.ts';
import type { ObjectPatch } from './patches.ts';
import { documentOf, mergePatch, type Traced, written } from './traced.ts';
import { isAddable, isWhole, replaced, valueAt } from './whole.ts';

/** What became of a patch. */
export type Outcome = WhatIf['change'] | 'unchanged';

/** Hands objects on to a collector, each with the patches that are for it. */
export class PatchedObjects implements Sink {
  readonly #into: Collector;
  readonly #patches = new Map<string, ObjectPatch[]>();
  readonly outcomes = new Map<ObjectPatch, Outcome>();
  /** The data of objects that were changed: as they were (null: not there) and as they are (null: gone). */
  readonly changed: { readonly object: string; readonly before: unknown; readonly after: unknown }[] = [];
  readonly list: Sink['list'];
  readonly unseen: Sink['unseen'];
  readonly log: Sink['log'];
  readonly other: Sink['other'];

  constructor(into: Collector, patches: readonly ObjectPatch[]) {
    this.#into = into;
    for (const patch of patches) this.#patches.set(patch.object, [...(this.#patches.get(patch.object) ?? []), patch]);
    this.list = (list) => into.list(list);
    this.unseen = (kinds) => into.unseen(kinds);
    this.log = (file, line) => into.log(file, line);
    this.other = (kind) => into.other(kind);
  }

  add(item: Item): void {
    const patches = this.#patches.size === 0 ? [] : (this.#patches.get(nameOf(item)) ?? []);
    if (patches.length === 0) {
      this.#into.add(item);
      return;
    }
    const before = written(item.data, item.document);
    this.#hand(item, before, patches);
  }

  /** Adds those whose object no file had. False: it cannot be added, for it is not all of an object. */
  adds(patch: ObjectPatch): boolean {
    const { kind, apiVersion, data, document, directive } = patch;
    if (directive === 'delete' || directive === 'merge' || !isAddable(kind, data)) return false;
    const [, ...later] = this.#patches.get(patch.object) ?? [];
    const item = { kind: patch.object.slice(0, patch.object.indexOf('/')), apiVersion, data: data.value, document, kindInferred: false };
    this.outcomes.set(patch, 'added');
    this.changed.push({ object: patch.object, before: null, after: data.value });
    this.#hand(item, data, later);
    return true;
  }

  #hand(item: Item, before: Traced, patches: readonly ObjectPatch[]): void {
    let now: Traced | null = before;
    for (const patch of patches) {
      const next: Traced | null = now === null ? added(patch) : applied(patch, now);
      this.outcomes.set(patch, outcomeOf(patch, now, next));
      now = next;
    }
    this.changed.push({ object: nameOf(item), before: before.value, after: now?.value ?? null });
    if (now !== null) this.#into.add({ ...item, data: now.value, document: documentOf(now) });
  }
}

const nameOf = ({ kind: name, apiVersion, data, document }: Item): string => {
  const kind = kindRead(apiVersion, name);
  const traced = written(data, document);
  const [own, namespace] = [valueAt(traced, ['metadata', 'name']), valueAt(traced, ['metadata', 'namespace'])];
  if (kind === null || typeof own !== 'string') return '';
  return objectName(kind, { name: own, namespace: typeof namespace === 'string' ? namespace : null });
};

const added = ({ directive, data }: ObjectPatch): Traced | null => (directive === 'delete' ? null : data);

/** An object with a patch; null: it is gone. */
export function applied({ kind, data, directive }: ObjectPatch, object: Traced): Traced | null {
  if (directive === 'delete') return null;
  const isReplaced = directive === 'replace' || (directive === null && isWhole(kind, data));
  return isReplaced ? replaced(kind, object, data) : mergePatch(object, data);
}

export function outcomeOf({ kind, data, directive }: ObjectPatch, before: Traced | null, after: Traced | null): Outcome {
  if (before === null) return after === null ? 'unchanged' : 'added';
  if (after === null) return 'removed';
  if (isSame(before.value, after.value)) return 'unchanged';
  return directive === 'replace' || (directive === null && isWhole(kind, data)) ? 'replaced' : 'merged';
}

/** Fields may stand in any order, those that are null are as good as none. */
export function isSame(a: unknown, b: unknown): boolean {
  return JSON.stringify(sorted(a)) === JSON.stringify(sorted(b));
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const fields = Object.entries(value).filter(([, v]) => v != null);
  return Object.fromEntries(fields.sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, v]) => [key, sorted(v)]));
}
