import type { WhatIf } from '../../k8s/what-if.ts';
import { type Diagnostic, diagnosticAt } from '../../source/diagnostic.ts';
import type { Path } from '../../source/origin.ts';
import { didYouMean } from '../../source/suggest.ts';
import type { ParsedDocument } from '../syntax/document.ts';
import { applied, isSame, type Outcome, outcomeOf } from './patched-objects.ts';
import type { ObjectPatch } from './patches.ts';
import {
  type ItemChange,
  itemName,
  itemOfObject,
  itemsIn,
  listOfKind,
  mergedItems,
  NAMED_LISTS,
  namesIn,
  objectOfItem,
  withItems,
} from './topology-lists.ts';
import { fieldsOf, mappingOf, mergePatch, part, type Traced, written } from './traced.ts';
import { isAddable } from './whole.ts';

/** A Topology merged into another: lists of things with names by these, all else as RFC 7386 has it. */
export function mergedTopology(topology: Traced, document: ParsedDocument, changes: WhatIf[], found: Diagnostic[]): Traced {
  const patch = written(document.data, document.source);
  const rest = NAMED_LISTS.reduce((left, { path }) => without(left, path), patch);
  const fields = new Map([...fieldsOf(rest)].filter(([name]) => name !== 'apiVersion' && name !== 'kind'));
  let now = fields.size === 0 ? topology : mergePatch(topology, mappingOf(rest.at, fields));
  const isOther = !isSame(now.value, topology.value);
  if (isOther)
    changes.push({ change: 'merged', object: 'Topology', locus: { ...patch.at, object: 'Topology' }, along: [...fields.keys()] });
  const before = changes.length;
  for (const list of NAMED_LISTS) {
    const given = itemsIn(patch, list);
    if (given.length === 0) continue;
    const known = namesIn(topology, list.kind);
    const note = (change: ItemChange, item: Traced) => {
      if (change === null) found.push(withoutItsItem(itemName(list, item), item, known));
      else changes.push({ change: change.change, object: change.name, locus: { ...item.at, object: change.name }, along: [] });
    };
    now = withItems(now, list.path, mergedItems(list, itemsIn(now, list), given, mergePatch, note));
  }
  const hasFault = found.some((d) => d.code === 'patch-without-object');
  if (isSame(now.value, topology.value) && !hasFault) {
    changes.splice(before);
    found.push(changesNothing(patch, 'Topology'));
  }
  return now;
}

/** The patch without a list that is merged by names. */
function without(patch: Traced, [step = '', ...rest]: Path): Traced {
  const own = part(patch, step);
  if (own.value === undefined || own.value === null) return patch;
  const fields = new Map(fieldsOf(patch));
  if (rest.length === 0) fields.delete(String(step));
  else {
    const left = without(own, rest);
    if (fieldsOf(left).size === 0) fields.delete(String(step));
    else fields.set(String(step), left);
  }
  return mappingOf(patch.at, fields);
}

export function withoutItsItem(object: string, { at }: Traced, known: readonly string[]): Diagnostic {
  const names = known.map((full) => full.slice(full.indexOf('/') + 1));
  const [kind = ''] = object.split('/');
  const list =
    names.length === 0
      ? `there is no ${kind} in the input`
      : `there are: ${names.slice(0, 10).join(', ')}${names.length > 10 ? ', …' : ''}`;
  const wanted = object.slice(object.indexOf('/') + 1);
  const elsewhere = names.find((n) => n.endsWith(`/${wanted.slice(wanted.lastIndexOf('/') + 1)}`));
  return diagnosticAt(at.document, at.path, {
    code: 'patch-without-object',
    message: `there is no ${object} that these fields could be merged into, and they are not all of one`,
    hint: (elsewhere === undefined ? didYouMean(wanted, names) : `did you mean ${elsewhere}?`) ?? list,
  });
}

export const changesNothing = ({ at }: Traced, object: string): Diagnostic =>
  diagnosticAt(at.document, at.path, {
    severity: 'warning',
    code: 'patch-changes-nothing',
    message: `this patch of ${object} changes nothing: all that it says is so already`,
  });

/** What came of an object's patch in a Topology; null: the Topology has no item of its name. */
export interface InTopology {
  readonly topology: Traced;
  readonly outcome: Outcome;
}

/** An object's patch in the Topology that states the object; null: it states none. */
export function patchedItem(topology: Traced, patch: ObjectPatch): InTopology | null {
  const list = listOfKind(patch.kind);
  if (list === null) return null;
  const items = itemsIn(topology, list);
  const index = items.findIndex((item) => itemName(list, item) === patch.object);
  const item = items[index];
  if (item === undefined) return null;
  const before = objectOfItem(item);
  const after = applied(patch, before);
  const outcome = outcomeOf(patch, before, after);
  const left = after === null ? items.toSpliced(index, 1) : items.with(index, itemOfObject(patch.kind, after));
  return { topology: withItems(topology, list.path, left), outcome };
}

/** Adds an object as an item of its list; null: its kind has none, or it is not all of an object. */
export function addedItem(topology: Traced, patch: ObjectPatch): InTopology | null {
  const list = listOfKind(patch.kind);
  if (list === null || patch.directive === 'merge' || patch.directive === 'delete' || !isAddable(patch.kind, patch.data)) return null;
  const items = [...itemsIn(topology, list), itemOfObject(patch.kind, patch.data)];
  return { topology: withItems(topology, list.path, items), outcome: 'added' };
}

/** An object of a kind that a Topology says in words of its own. */
export const needsTopology = ({ kind, object, document }: ObjectPatch): Diagnostic =>
  diagnosticAt(document, ['kind'], {
    code: 'patch-form',
    message: `${object} is stated in a Topology, which a ${kind} object cannot be merged into`,
    hint: `write the change as a Topology: ${kind === 'Pod' ? 'pods' : kind === 'Node' ? 'nodes' : 'its list'}: [ { name: ${object.slice(object.lastIndexOf('/') + 1)}, … } ]`,
  });
