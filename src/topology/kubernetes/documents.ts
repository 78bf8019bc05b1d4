import type { SourceDocument } from '../../source/origin.ts';
import type { ParsedDocument } from '../syntax/document.ts';
import type { Sink } from './collect.ts';
import { isPart } from './kind-of.ts';

/** A document beside one of ours: a Kubernetes object, or a list of them. False: it is neither. */
export function collectDocument(document: ParsedDocument, into: Sink): boolean {
  const { data, source } = document;
  return collectObject(data, { ...source, lax: true }, '', '', into);
}

/** Items of a typed list have no kind of their own: it is the list's name without `List`. */
function collectObject(data: unknown, document: SourceDocument, listVersion: string, listKind: string, into: Sink): boolean {
  if (typeof data !== 'object' || data === null) return false;
  const kind = 'kind' in data && typeof data.kind === 'string' ? data.kind : listKind;
  const apiVersion = 'apiVersion' in data && typeof data.apiVersion === 'string' ? data.apiVersion : listVersion;
  if (kind.endsWith('List') && 'items' in data) {
    const itemKind = kind.slice(0, -'List'.length);
    if (itemKind !== '') into.list({ apiVersion, kind: itemKind, isPart: isPart(data) });
    const items = Array.isArray(data.items) ? data.items : [];
    for (const [i, item] of items.entries())
      collectObject(item, part(document, ['items', i]), itemKind === '' ? '' : apiVersion, itemKind, into);
    return true;
  }
  if (kind === '' || apiVersion === '' || apiVersion.startsWith('k8s-trace/') || isOurs(kind)) return false;
  into.add({ kind, apiVersion, data, document, kindInferred: false });
  return true;
}

/** Whatever its apiVersion says. */
const isOurs = (kind: string): boolean => kind === 'Topology' || kind === 'Expectations';

/** A part of a document, as a document of its own: paths begin there. */
function part(document: SourceDocument, prefix: readonly (string | number)[]): SourceDocument {
  return {
    file: document.file,
    index: document.index,
    lax: true,
    position: (path, key) => document.position([...prefix, ...path], key),
    line: (line) => document.line(line),
  };
}
