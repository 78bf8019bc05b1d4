import { type Diagnostic, diagnosticAt, fileDiagnostic } from '../../source/diagnostic.ts';
import { type Locus, type SourceDocument, wholeDocument } from '../../source/origin.ts';
import type { Item, Sink } from '../kubernetes/collect.ts';
import { type Kind, kindRead } from '../kubernetes/kinds.ts';
import { objectName } from '../kubernetes/objects.ts';
import { readInto } from '../read-files.ts';
import type { InputFile, ParsedDocument } from '../syntax/document.ts';
import { fieldsOf, mappingOf, type Traced, written } from './traced.ts';
import { valueAt } from './whole.ts';

/** A Kubernetes object of a patch. */
export interface ObjectPatch {
  readonly kind: Kind;
  readonly apiVersion: string;
  /** `NetworkPolicy/shop/deny-all` */
  readonly object: string;
  readonly data: Traced;
  readonly document: SourceDocument;
  readonly locus: Locus;
  /** What its `$patch` says is to be done with it; null: whether it is whole decides. */
  readonly directive: Directive | null;
}

type Directive = 'merge' | 'replace' | 'delete';

/** What files of changes say. */
export interface Patches {
  readonly objects: readonly ObjectPatch[];
  readonly topologies: readonly ParsedDocument[];
  /** Expectations, and documents that nobody knows. */
  readonly others: readonly ParsedDocument[];
}

/** Reads the files of changes as an input's files are read. */
export function readPatches(files: readonly InputFile[], found: Diagnostic[]): Patches {
  const objects: ObjectPatch[] = [];
  const unread = new Map<string, Set<string>>();
  const sink: Sink = {
    add: (item) => objects.push(...patchOf(item, found)),
    other: (kind, file) => unread.set(file, (unread.get(file) ?? new Set()).add(kind)),
    list: () => {},
    unseen: () => {},
    log: () => {},
  };
  const documents = readInto(sink, files, found);
  for (const [file, kinds] of unread) found.push(...[...kinds].map((kind) => notRead(file, kind)));
  const isTopology = ({ data }: ParsedDocument) =>
    valueAt(written(data, { file: '', index: 0, position, line: () => '' }), ['kind']) === 'Topology';
  return { objects, topologies: documents.filter(isTopology), others: documents.filter((d) => !isTopology(d)) };
}

const position = () => ({ line: 1, column: 1 });

const notRead = (file: string, kind: string): Diagnostic =>
  fileDiagnostic(file, {
    severity: 'warning',
    code: 'patch-not-read',
    message: `objects of kind ${kind} are not read, so that this one changes nothing`,
  });

const DIRECTIVES: readonly Directive[] = ['merge', 'replace', 'delete'];

function patchOf({ kind: name, apiVersion, data, document }: Item, found: Diagnostic[]): readonly ObjectPatch[] {
  const kind = kindRead(apiVersion, name);
  const traced = written(data, document);
  const wrong = (code: 'no-kind' | 'missing-field' | 'bad-value', path: readonly string[], message: string, hint: string | null = null) => {
    found.push(diagnosticAt(document, path, { code, message, hint }));
    return [];
  };
  if (kind === null) {
    if (name === '')
      return wrong('no-kind', [], 'this patch does not say of which kind its object is', 'apiVersion and kind, as the object has them');
    found.push({ ...notRead(document.file, name) });
    return [];
  }
  const objectsName = valueAt(traced, ['metadata', 'name']);
  if (typeof objectsName !== 'string')
    return wrong(
      'missing-field',
      ['metadata'],
      'this patch does not say of which object it is',
      'metadata: { name: … }, and its namespace',
    );
  const namespace = valueAt(traced, ['metadata', 'namespace']);
  const said = valueAt(traced, ['$patch']);
  const directive = DIRECTIVES.find((d) => d === said) ?? null;
  if (said !== undefined && directive === null) return wrong('bad-value', ['$patch'], `expected ${DIRECTIVES.join(', ')}`);
  const object = objectName(kind, { name: objectsName, namespace: typeof namespace === 'string' ? namespace : null });
  const fields = new Map(fieldsOf(traced));
  // Items of a typed list have no kind of their own.
  for (const own of ['$patch', 'apiVersion', 'kind']) fields.delete(own);
  return [{ kind, apiVersion, object, data: mappingOf(traced.at, fields), document, locus: wholeDocument(document, object), directive }];
}
