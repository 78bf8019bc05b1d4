import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { parse, parseAllDocuments } from 'yaml';
import { formatPath } from '../../../src/source/diagnostic.ts';
import { type Locus, wholeDocument } from '../../../src/source/origin.ts';
import { KINDS, type Kind, kindRead } from '../../../src/topology/kubernetes/kinds.ts';
import type { KubeObject, LogLine, Objects } from '../../../src/topology/kubernetes/objects.ts';

/** Objects for tests of what is made of them: written in place, or read from a folder with the `yaml` package. */

type Data = Readonly<Record<string, unknown>>;

const isData = (value: unknown): value is Data => typeof value === 'object' && value !== null && !Array.isArray(value);
const fieldOf = (data: Data, name: string): Data => (isData(data[name]) ? data[name] : {});

export function locusIn(file: string, object: string): Locus {
  return wholeDocument({ file, index: 0, position: (path) => ({ line: path.length + 1, column: 1 }), line: () => '' }, object);
}

/** What stands in a list or alone, with the kind that the list's name gives. */
function itemsIn(document: unknown, kind = ''): readonly Data[] {
  if (Array.isArray(document)) return document.flatMap((item) => itemsIn(item, kind));
  if (!isData(document)) return [];
  if (Array.isArray(document['items'])) return itemsIn(document['items'], String(document['kind'] ?? '').replace(/List$/, ''));
  return [{ ...(kind === '' ? {} : { kind }), ...document }];
}

/** By its shape, as far as these tests meet objects without a kind. */
function shapeOf(item: Data): string {
  if ('nodeInfo' in fieldOf(item, 'status')) return 'Node';
  if ('containers' in fieldOf(item, 'spec')) return 'Pod';
  if ('networkType' in fieldOf(item, 'status')) return 'Network';
  return 'clusterIP' in fieldOf(item, 'spec') ? 'Service' : '';
}

/** The objects of some documents, each uid once. */
export function objectsIn(documents: readonly (readonly [file: string, document: unknown])[], logs: readonly LogLine[] = []): Objects {
  const byKind: { [K in Kind]?: KubeObject[] } = {};
  const seen = new Set<string>();
  for (const [file, document] of documents) {
    for (const item of itemsIn(document)) {
      const kind = kindRead(String(item['apiVersion'] ?? ''), String(item['kind'] ?? shapeOf(item)));
      const parsed = kind === null ? null : KINDS[kind].schema().safeParse(item);
      if (kind === null || parsed?.success !== true) continue;
      const { uid, name, namespace } = parsed.data.metadata;
      if (uid != null && seen.has(uid)) continue;
      if (uid != null) seen.add(uid);
      const object = [kind, namespace, name].filter((part) => part != null).join('/');
      // One registry for all kinds: that schema and kind are of one entry is not to be had from its type.
      const read = { kind, apiVersion: String(item['apiVersion'] ?? ''), data: parsed.data, locus: locusIn(file, object) } as KubeObject;
      const alike = byKind[kind];
      if (alike === undefined) byKind[kind] = [read];
      else alike.push(read);
    }
  }
  return { byKind: byKind as Objects['byKind'], listed: new Set(), others: new Map(), logs };
}

const FOLDER = join(import.meta.dirname, '../../../../shared/dumps');

/** Null where the published dumps are not beside the project. */
export function dumpFolder(...path: readonly string[]): string | null {
  const folder = join(FOLDER, ...path);
  return existsSync(folder) ? folder : null;
}

/** All objects of a folder, or of a file. */
export function objectsBelow(folder: string): Objects {
  return objectsIn(filesBelow(folder).flatMap((file) => documentsOf(file).map((document) => [relative(FOLDER, file), document] as const)));
}

const filesBelow = (path: string): readonly string[] =>
  statSync(path).isDirectory()
    ? readdirSync(path)
        .sort()
        .flatMap((name) => filesBelow(join(path, name)))
    : [path];

function documentsOf(file: string): readonly unknown[] {
  const text = readFileSync(file, 'utf8');
  try {
    if (file.endsWith('.json')) return [JSON.parse(text)];
    if (file.endsWith('.jsonl')) return text.split('\n').flatMap((line) => (line.trim() === '' ? [] : [JSON.parse(line)]));
    if (/\.ya?ml$/.test(file)) return text.length > 300_000 ? [parse(text)] : parseAllDocuments(text).map((d) => d.toJS());
  } catch {
    // A few files of real bundles are not what their names say.
  }
  return [];
}

/** `Kind/namespace/name field`, as an expectation writes where a fact is from. */
export const placeOf = ({ locus, field }: { readonly locus: Locus; readonly field: string | null }): string =>
  `${locus.object} ${field ?? formatPath(locus.path)}`.trim();
