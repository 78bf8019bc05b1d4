import { type Diagnostic, fileDiagnostic } from '../source/diagnostic.ts';
import { decodeText, MOST_BYTES, withCommas } from '../source/text.ts';
import { Collector, type Sink } from './kubernetes/collect.ts';
import { collectDocument } from './kubernetes/documents.ts';
import { readItems } from './kubernetes/items.ts';
import { isKind, kindRead } from './kubernetes/kinds.ts';
import { isPodLog, linesOf } from './kubernetes/logs.ts';
import type { Objects } from './kubernetes/objects.ts';
import type { Wanted } from './kubernetes/reading.ts';
import { isUnseen, unseenKinds } from './kubernetes/unseen.ts';
import { wrongForm } from './kubernetes/wrong-form.ts';
import { bytesAt, type InputFile, type ParsedDocument, sizeOf } from './syntax/document.ts';
import { parseJson } from './syntax/json.ts';
import { type Parsed, parseYaml } from './syntax/yaml.ts';
import { wrongBytes } from './wrong-bytes.ts';

/** What an input's files have, before any schema of ours has seen it. */
export interface FilesRead {
  /** Documents that are ours, or that nobody knows. */
  readonly documents: readonly ParsedDocument[];
  /** Null: none of the files has any. */
  readonly objects: Objects | null;
  readonly found: readonly Diagnostic[];
}

/** The first stage. Files with a document of ours are read as a person wrote them, all others as kubectl or a bundle did. */
export function readFiles(files: readonly InputFile[]): FilesRead {
  const found: Diagnostic[] = [];
  const collector = new Collector(found);
  const documents = readInto(collector, files, found);
  return { documents, objects: collector.isEmpty ? null : collector.objects(), found };
}

/** Hands the objects of files on; the documents that are ours, or that nobody knows, come back. */
export function readInto(sink: Sink, files: readonly InputFile[], found: Diagnostic[]): readonly ParsedDocument[] {
  const documents: ParsedDocument[] = [];
  for (const file of files) {
    if (isDump(file) && readDump(file, sink, found)) continue;
    const parsed = parseFile(file);
    found.push(...parsed.diagnostics);
    for (const document of parsed.documents) if (!collectDocument(document, sink)) documents.push(document);
  }
  return documents;
}

/** As much of a file as is looked through for a word of ours; what comes later is met as it is read. */
const LOOKED_THROUGH = 64 * 1024;
const OURS = /\bk8s-trace\/|\bkind["']?\s*:\s*["']?(Topology|Expectations)\b/;

/** Nobody said of a directory's file that it is ours. */
function isDump(file: InputFile): boolean {
  const bytes = bytesAt(file, 0, LOOKED_THROUGH);
  const text = new TextDecoder('latin1').decode(bytes);
  if (OURS.test(text)) return false;
  const isOfKubernetes = file.isFromDirectory === true || /\b(kind|metadata|apiVersion|Items)\b|=== START logs/.test(text);
  return isOfKubernetes || wrongBytes(file.name, bytes) !== null || wrongForm(file.name, text) !== null;
}

/** What kube-proxy says of its mode as it starts, in all of its versions; `Using iptables proxy` since 1.28. */
const PROXY_LINE = /proxier|proxy-mode|(?:using|assuming) \S+ proxy|detect-local|no cluster cidr/i;

const WANTED: Wanted = {
  wants: (apiVersion, kind) => kindRead(apiVersion, kind) !== null || isPodLog(apiVersion, kind) || isUnseen(apiVersion, kind),
  isKind,
  logsOf: (container) => (container === 'kube-proxy' ? PROXY_LINE : null),
};

/** False: it has a document of ours, and is to be read as a person wrote it. */
function readDump(file: InputFile, sink: Sink, found: Diagnostic[]): boolean {
  let hasOurs = false;
  const wanted: Wanted = {
    ...WANTED,
    wants: (apiVersion, kind) => {
      hasOurs ||= apiVersion.startsWith('k8s-trace/') || kind === 'Topology' || kind === 'Expectations';
      if (hasOurs) return false;
      const isRead = WANTED.wants(apiVersion, kind);
      if (!isRead) sink.other(kind, file.name);
      return isRead;
    },
  };
  for (const reading of readItems(file, wanted)) {
    if (hasOurs) return false;
    switch (reading.what) {
      case 'item':
        if (isPodLog(reading.apiVersion, reading.kind)) for (const line of linesOf(reading)) sink.log(file.name, line);
        else if (isUnseen(reading.apiVersion, reading.kind)) sink.unseen(unseenKinds(reading.data));
        else sink.add(reading);
        break;
      case 'list':
        sink.list(reading);
        break;
      case 'log':
        sink.log(file.name, reading);
        break;
      case 'fault':
        found.push(...reading.diagnostics);
    }
  }
  return !hasOurs;
}

function parseFile(file: InputFile): Parsed {
  const { name } = file;
  const decoded = sizeOf(file) > MOST_BYTES ? ({ fault: 'too-large' } as const) : decodeText(bytesAt(file, 0, sizeOf(file)));
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
