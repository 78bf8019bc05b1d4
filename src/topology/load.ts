import type * as z from 'zod';
import type { Cluster } from '../k8s/cluster.ts';
import { type Diagnostic, diagnosticAt, fileDiagnostic, inOrder, type Result } from '../source/diagnostic.ts';
import type { Edit } from '../source/edit.ts';
import { didYouMean } from '../source/suggest.ts';
import { decodeText, MOST_BYTES, withCommas } from '../source/text.ts';
import { withEdit } from './edit.ts';
import { cursorOf } from './resolve/cursor.ts';
import { readExpectations } from './resolve/expectations.ts';
import { resolve } from './resolve/index.ts';
import { type ExpectationsInput, expectationsSchema } from './schema/expectations.ts';
import { diagnose, readBooleansAs11 } from './schema/messages.ts';
import { type TopologyInput, topologySchema } from './schema/topology.ts';
import type { InputFile, ParsedDocument } from './syntax/document.ts';
import { parseJson } from './syntax/json.ts';
import { type Parsed, parseYaml } from './syntax/yaml.ts';

/** What files say. */
export interface Loaded {
  readonly cluster: Cluster;
  /** The cluster that they state with these changes; null: none. Null in place of it: the files are too large to be read again. */
  readonly edited: ((edits: readonly Edit[]) => Loaded | null) | null;
}

/**
 * Files into a cluster, in three stages: syntax, schema, references. Each stage looks at all files and reports all that it finds; the
 * next one begins only when there was no error.
 */
export function load(files: readonly InputFile[]): Result<Loaded> {
  const parsed = files.map(parseFile);
  const syntax = parsed.flatMap((p) => p.diagnostics);
  if (syntax.length > 0) return { ok: false, diagnostics: inOrder(syntax) };
  return loadDocuments(
    parsed.flatMap((p) => p.documents),
    files,
  );
}

function loadDocuments(documents: readonly ParsedDocument[], files: readonly InputFile[]): Result<Loaded> {
  const read = readDocuments(documents, files);
  if (!read.ok) return read;
  const isLarge = documents.some((d) => d.size > LARGE);
  const edited = (edits: readonly Edit[]): Loaded | null => {
    const changed = documents.map((d) => edits.filter((e) => e.locus.document === d.source).reduce(withEdit, d));
    const loaded = loadDocuments(changed, files);
    return loaded.ok ? loaded.value : null;
  };
  return { ...read, value: { cluster: read.value, edited: isLarge ? null : edited } };
}

/** In characters. Data of larger files is not held on to once it is read, and to read it again takes too long. */
const LARGE = 100_000;

function readDocuments(documents: readonly ParsedDocument[], files: readonly InputFile[]): Result<Cluster> {
  const checked = checkSchema(documents, files);
  if (!checked.ok) return checked;
  const { form, document, expectations } = checked.value;
  const resolved = resolve(form, document);
  const read = expectations.map((e) => expectationsOf(e));
  const diagnostics = read.flatMap((r) => r.diagnostics);
  if (!resolved.ok) return { ok: false, diagnostics: inOrder([...resolved.diagnostics, ...diagnostics]) };
  if (diagnostics.length > 0) return { ok: false, diagnostics: inOrder(diagnostics) };
  const all = [...resolved.value.expectations, ...read.flatMap((r) => r.expectations)];
  return { ...resolved, value: { ...resolved.value, expectations: all } };
}

function expectationsOf({ form, document }: Checked<ExpectationsInput>) {
  const diagnostics: Diagnostic[] = [];
  return { expectations: readExpectations(cursorOf(document, 'Expectations', diagnostics), form.expect), diagnostics };
}

function parseFile({ name, bytes }: InputFile): Parsed {
  const decoded = decodeText(bytes);
  if ('fault' in decoded) return { documents: [], diagnostics: [fileDiagnostic(name, FAULTS[decoded.fault])] };
  const { text } = decoded;
  if (text.trim() === '')
    return { documents: [], diagnostics: [fileDiagnostic(name, { code: 'empty-file', message: 'the file is empty' })] };
  const first = text.trimStart()[0];
  const parsed = first === '{' || first === '[' ? parseJsonOrFlowYaml(name, text) : parseYaml(name, text);
  if (parsed.documents.length > 0 || parsed.diagnostics.length > 0) return parsed;
  return { documents: [], diagnostics: [fileDiagnostic(name, { code: 'empty-file', message: 'the file has no document' })] };
}

const FAULTS = {
  'not-text': { code: 'not-text', message: 'this is not a text file', hint: 'a topology is UTF-8 text, as YAML or JSON' },
  'too-large': {
    code: 'file-too-large',
    message: `the file has more than ${withCommas(MOST_BYTES)} bytes, which is the limit`,
    hint: 'split it into several files, each with whole documents',
  },
} as const;

/** A YAML flow mapping may begin like JSON. JSON that is broken is reported as JSON. */
function parseJsonOrFlowYaml(name: string, text: string): Parsed {
  const json = parseJson(name, text);
  if (json.diagnostics.length === 0 || !name.match(/\.ya?ml$/)) return json;
  const yaml = parseYaml(name, text);
  return yaml.diagnostics.length === 0 ? yaml : json;
}

interface Checked<Form> {
  readonly form: Form;
  readonly document: ParsedDocument;
}

interface Read extends Checked<TopologyInput> {
  readonly expectations: readonly Checked<ExpectationsInput>[];
}

function checkSchema(documents: readonly ParsedDocument[], files: readonly InputFile[]): Result<Read> {
  const diagnostics: Diagnostic[] = [];
  const found: Checked<TopologyInput>[] = [];
  const expectations: Checked<ExpectationsInput>[] = [];
  const topologies = documents.filter((d) => kindOf(d) === 'Topology');
  const collect = <Form>(result: Checked<Form> | Failed, into: Checked<Form>[]) => {
    if ('form' in result) into.push(result);
    else diagnostics.push(...result.diagnostics);
  };
  for (const document of documents) {
    const kind = kindOf(document);
    if (kind === 'Topology') collect(parseAs(topologySchema, document), found);
    else if (kind === 'Expectations') collect(parseAs(expectationsSchema, document), expectations);
    else diagnostics.push(strangeDocument(document));
  }
  const [first, second] = topologies;
  if (first !== undefined && second !== undefined) diagnostics.push(...topologies.slice(1).map((d) => anotherTopology(first, d)));
  const misspelt = diagnostics.some((d) => d.code === 'unknown-kind' || d.code === 'no-kind');
  if (topologies.length === 0 && !misspelt) diagnostics.push(noTopology(documents, files));
  const [only] = found;
  return diagnostics.length > 0 || only === undefined
    ? { ok: false, diagnostics: inOrder(diagnostics) }
    : { ok: true, value: { ...only, expectations }, warnings: [] };
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
  if (typeof kind !== 'string')
    return diagnosticAt(document, [], {
      code: 'no-kind',
      message: 'this document has no kind',
      hint: 'a topology begins with: apiVersion: k8s-trace/v1, kind: Topology',
    });
  const meant = didYouMean(kind, ['Topology', 'Expectations']);
  if (meant !== null) return diagnosticAt(document, ['kind'], { code: 'unknown-kind', message: `unknown kind ${kind}`, hint: meant });
  const hint = 'state it in the Topology document for now';
  return diagnosticAt(document, ['kind'], {
    code: 'not-supported-yet',
    message: `Kubernetes objects (here: ${kind}) are not supported yet; a later version will read them`,
    hint,
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
  const message = 'there is no Topology document here; Kubernetes objects alone do not say enough yet';
  return fileDiagnostic(file, { code: 'no-topology', message, hint: 'add a document with apiVersion: k8s-trace/v1 and kind: Topology' });
}
