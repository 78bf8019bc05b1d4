import type { Edit } from '../source/edit.ts';
import { type Path, type SourceDocument, writtenAt } from '../source/origin.ts';
import type { ParsedDocument } from './syntax/document.ts';

/** A document with a change: its data, and positions in the text as it was. */
export function withEdit(document: ParsedDocument, edit: Edit): ParsedDocument {
  const { path } = edit.locus;
  const source: SourceDocument = {
    ...document.source,
    position: (asked, key) => document.source.position(before(edit, asked), key),
    ...(document.source.written === undefined
      ? {}
      : { written: (asked) => writtenAt({ document: document.source, path: before(edit, asked) }) }),
  };
  return { ...document, ...source, source, data: changed(document.data, path, edit) };
}

/** A copy of a value with the change at the end of the path. */
function changed(value: unknown, [step, ...rest]: Path, edit: Edit): unknown {
  if (step === undefined) return edit.edit === 'insert' ? withItem(value, edit) : edit.edit === 'set' ? edit.value : undefined;
  const isLast = rest.length === 0 && edit.edit === 'remove';
  if (Array.isArray(value)) {
    const i = Number(step);
    return isLast ? value.toSpliced(i, 1) : value.with(i, changed(value[i], rest, edit));
  }
  const fields: Readonly<Record<string, unknown>> = typeof value === 'object' && value !== null ? { ...value } : {};
  if (!isLast) return { ...fields, [step]: changed(fields[step], rest, edit) };
  return Object.fromEntries(Object.entries(fields).filter(([name]) => name !== step));
}

function withItem(value: unknown, edit: Extract<Edit, { edit: 'insert' }>): readonly unknown[] {
  const items: readonly unknown[] = Array.isArray(value) ? value : [];
  return items.toSpliced(edit.before ?? items.length, 0, edit.value);
}

/** The place that a path of the changed document had before; that of the list, for an item which was not there. */
function before(edit: Edit, path: Path): Path {
  const at = edit.locus.path;
  const list = edit.edit === 'remove' ? at.slice(0, -1) : at;
  const index = edit.edit === 'remove' ? at.at(-1) : edit.edit === 'insert' ? edit.before : null;
  const step = path[list.length];
  const isBelow = list.every((s, i) => s === path[i]);
  if (!isBelow || typeof index !== 'number' || typeof step !== 'number') return path;
  if (edit.edit === 'insert' && step === index) return list;
  const moved = edit.edit === 'remove' ? (step >= index ? step + 1 : step) : step > index ? step - 1 : step;
  return [...list, moved, ...path.slice(list.length + 1)];
}
