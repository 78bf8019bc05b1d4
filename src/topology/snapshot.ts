import { inOrder, type Result } from '../source/diagnostic.ts';
import { snapshotOf } from './kubernetes/snapshot.ts';
import { readFiles } from './read-files.ts';
import type { InputFile } from './syntax/document.ts';

/** What the objects of some files say, and little else. */
export interface Snapshot {
  /** Of a List; each is JSON. */
  readonly items: readonly unknown[];
  /** Files with a document of ours: a Topology stands beside a snapshot, and not in it. */
  readonly left: readonly string[];
}

/** Prunes the objects of files to what is read of them. No object at all is no error here: there are no items. */
export function makeSnapshot(files: readonly InputFile[]): Result<Snapshot> {
  const { documents, objects, found } = readFiles(files);
  if (found.some((d) => d.severity === 'error')) return { ok: false, diagnostics: inOrder(found) };
  const left = [...new Set(documents.map((d) => d.source.file))];
  return { ok: true, value: { items: objects === null ? [] : snapshotOf(objects), left }, warnings: inOrder(found) };
}
