import type * as z from 'zod';
import { type Diagnostic, diagnosticAt, fileDiagnostic, inOrder, type Result } from '../source/diagnostic.ts';
import { didYouMean, nearest } from '../source/suggest.ts';
import { GET } from './kubernetes/wrong-form.ts';
import { type ExpectationsInput, expectationsSchema } from './schema/expectations.ts';
import { diagnose, readBooleansAs11 } from './schema/messages.ts';
import { topologySchemaFor, type Written } from './schema/topology.ts';
import type { InputFile, ParsedDocument } from './syntax/document.ts';

/** A document that fits its schema. */
export interface Checked<Form> {
  readonly form: Form;
  readonly document: ParsedDocument;
}

interface OwnDocuments {
  readonly topology: Checked<Written> | null;
  readonly expectations: readonly Checked<ExpectationsInput>[];
}

/** The second stage: a Topology and Expectations, by their schemas. `hasObjects`: Kubernetes objects beside them say the rest. */
export function checkDocuments(
  documents: readonly ParsedDocument[],
  hasObjects: boolean,
  files: readonly InputFile[],
): Result<OwnDocuments> {
  const diagnostics: Diagnostic[] = [];
  const found: Checked<Written>[] = [];
  const expectations: Checked<ExpectationsInput>[] = [];
  const topologies = documents.filter((d) => kindOf(d) === 'Topology');
  const collect = <Form>(result: Checked<Form> | Failed, into: Checked<Form>[]) => {
    if ('form' in result) into.push(result);
    else diagnostics.push(...result.diagnostics);
  };
  for (const document of documents) {
    const kind = kindOf(document);
    if (kind === 'Topology') collect(parseAs(topologySchemaFor(document.data, !hasObjects), document), found);
    else if (kind === 'Expectations') collect(parseAs(expectationsSchema, document), expectations);
    else diagnostics.push(strangeDocument(document));
  }
  const [first, second] = topologies;
  if (first !== undefined && second !== undefined) diagnostics.push(...topologies.slice(1).map((d) => anotherTopology(first, d)));
  const misspelt = diagnostics.some((d) => d.code === 'unknown-kind' || d.code === 'no-kind');
  if (topologies.length === 0 && !misspelt && !hasObjects) diagnostics.push(noTopology(documents, files));
  const [only = null] = found;
  return diagnostics.length > 0
    ? { ok: false, diagnostics: inOrder(diagnostics) }
    : { ok: true, value: { topology: only, expectations }, warnings: [] };
}

function kindOf(document: ParsedDocument): unknown {
  const { data } = document;
  return typeof data === 'object' && data !== null && 'kind' in data ? data.kind : undefined;
}

/** zod compiles its schemas when they are first used; that pays only for a file of some size, in characters. */
const WORTH_COMPILING = 100_000;

interface Failed {
  readonly diagnostics: readonly Diagnostic[];
}

function parseAs<S extends z.ZodType>(schema: S, document: ParsedDocument): Checked<z.output<S>> | Failed {
  const options = { jitless: document.size < WORTH_COMPILING };
  let result = schema.safeParse(document.data, options);
  if (!result.success && readBooleansAs11(document.data, result.error.issues)) result = schema.safeParse(document.data, options);
  return result.success ? { form: result.data, document } : { diagnostics: diagnose(document, result.error.issues) };
}

function strangeDocument(document: ParsedDocument): Diagnostic {
  const kind = kindOf(document);
  if (typeof document.data !== 'object' || document.data === null || Array.isArray(document.data))
    return diagnosticAt(document, [], { code: 'no-kind', message: 'expected a mapping with apiVersion and kind' });
  if (typeof kind !== 'string') {
    const misspelt = Object.keys(document.data).find((key) => nearest(key, ['kind']).length > 0 && key !== 'kind');
    const hint = misspelt === undefined ? 'a topology begins with: apiVersion: k8s-trace/v1, kind: Topology' : 'did you mean kind?';
    const words = { code: 'no-kind', message: 'this document has no kind', hint } as const;
    return misspelt === undefined ? diagnosticAt(document, [], words) : diagnosticAt(document, [misspelt], words, true);
  }
  const meant = didYouMean(kind, ['Topology', 'Expectations']);
  if (meant !== null) return diagnosticAt(document, ['kind'], { code: 'unknown-kind', message: `unknown kind ${kind}`, hint: meant });
  return diagnosticAt(document, ['kind'], {
    code: 'unknown-kind',
    message: `unknown kind ${kind}`,
    hint: 'kinds of ours are Topology and Expectations; objects of Kubernetes have an apiVersion',
  });
}

function anotherTopology(first: ParsedDocument, document: ParsedDocument): Diagnostic {
  const { line } = first.position(['kind']);
  const message = `a second Topology document; the first one is at ${first.file}:${line}`;
  return diagnosticAt(document, ['kind'], { code: 'two-topologies', message, hint: 'trace one cluster at a time' });
}

function noTopology(documents: readonly ParsedDocument[], files: readonly InputFile[]): Diagnostic {
  const file = documents[0]?.file ?? files[0]?.name ?? '';
  const onlyExpected = documents.length > 0 && documents.every((d) => kindOf(d) === 'Expectations');
  if (onlyExpected)
    return fileDiagnostic(file, {
      code: 'no-topology',
      message: 'there are only Expectations here: the file with the Topology that they are about is missing',
      hint: 'name it too, as k8s-trace check expect.yaml topology.yaml, or with -f topology.yaml',
    });
  const message = 'there is neither a Topology nor a Kubernetes object here that is read';
  return fileDiagnostic(file, {
    code: 'no-topology',
    message,
    hint: `get a cluster's objects: ${GET}; or write a Topology: k8s-trace show topology`,
  });
}
