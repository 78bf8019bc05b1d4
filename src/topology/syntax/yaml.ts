import { type Document, isScalar, type YAMLError } from 'yaml';
import { type Diagnostic, diagnosticWhere, fileDiagnostic } from '../../source/diagnostic.ts';
import type { SourceDocument } from '../../source/origin.ts';
import { lineReader, withCommas, withLineFeeds } from '../../source/text.ts';
import { type ParsedDocument, TOO_DEEP } from './document.ts';
import { positionFinder } from './json-places.ts';
import { offsetAt, readSimpleYaml } from './simple-yaml.ts';
import type { SimpleNode } from './simple-yaml-reader.ts';
import { readDocument } from './yaml-data.ts';
import { inPlainWords, isAboutBrackets } from './yaml-messages.ts';
import { nodeFinder } from './yaml-nodes.ts';
import { positionOf, type Source } from './yaml-source.ts';
import { parseStream } from './yaml-stream.ts';

/** A line this long is rather data that a program wrote, for which JSON is a hundred times faster. */
const LONGEST_LINE = 1_000_000;

export interface Parsed {
  readonly documents: readonly ParsedDocument[];
  readonly diagnostics: readonly Diagnostic[];
}

/** All documents of a YAML text. Empty ones are left out; every syntax error of the file is reported. */
export function parseYaml(file: string, given: string): Parsed {
  const text = withLineFeeds(given);
  const long = longLine(text);
  if (long !== null) {
    const message = `line ${long} has more than ${withCommas(LONGEST_LINE)} characters`;
    return failed(fileDiagnostic(file, { code: 'line-too-long', message, hint: 'break it up, or write the file as JSON' }));
  }
  const simple = readSimpleYaml(text);
  if (simple !== null) return { documents: simpleDocuments(file, text, simple), diagnostics: [] };
  const stream = parseStream(text);
  const source: Source = { file, lines: stream.lines, line: lineReader(text) };
  if ('tooDeep' in stream) return failed(diagnosticWhere(file, positionOf(source, stream.tooDeep), source.line, [], TOO_DEEP));
  const { documents, breaks } = stream;
  const errors = withoutEchoes(
    documents.flatMap((d) => [...d.errors, ...d.warnings]),
    text,
  );
  const diagnostics = [...breaks.map((at) => lineBreak(source, text, at)), ...errors.map((e) => syntaxError(source, text, e))];
  if (diagnostics.length > 0) return { documents: [], diagnostics };
  const read = documents
    .filter(({ contents }) => contents !== null && !(isScalar(contents) && contents.value === null))
    .map((d, i) => readIn(source, d, i, text.length));
  return { documents: read.flatMap((r) => r.documents), diagnostics: read.flatMap((r) => r.diagnostics) };
}

function simpleDocuments(file: string, text: string, roots: readonly SimpleNode[]): readonly ParsedDocument[] {
  const line = lineReader(text);
  const positionOf = positionFinder(text);
  return roots.map((root, index) => {
    const source: SourceDocument = { file, index, line, position: (path, key) => positionOf(offsetAt(root, path, key ?? false)) };
    return { ...source, source, data: root.data, size: text.length };
  });
}

const failed = (d: Diagnostic): Parsed => ({ documents: [], diagnostics: [d] });

function longLine(text: string): number | null {
  let line = 1;
  for (let start = 0; start < text.length; line++) {
    const end = text.indexOf('\n', start);
    if ((end === -1 ? text.length : end) - start > LONGEST_LINE) return line;
    if (end === -1) return null;
    start = end + 1;
  }
  return null;
}

/**
 * A parser that lost its way stumbles over all that follows, notices an open bracket more than once, and takes a line that stands at a wrong
 * column for a key.
 */
function withoutEchoes(errors: readonly YAMLError[], text: string): readonly YAMLError[] {
  const bracket = errors.findIndex(isAboutBrackets);
  return errors.filter((error, i) => {
    const before = errors[i - 1];
    if (before?.code === 'BAD_INDENT' && error.code === 'MISSING_CHAR' && !text.slice(before.pos[0], error.pos[0]).includes('\n'))
      return false;
    return i === 0 || i === bracket || (error.code !== 'UNEXPECTED_TOKEN' && !isAboutBrackets(error));
  });
}

function lineBreak(source: Source, text: string, offset: number): Diagnostic {
  const number = text.charCodeAt(offset).toString(16).padStart(4, '0');
  const message = `U+${number.toUpperCase()} ends a line in YAML 1.1 (which kubectl reads), and not in 1.2`;
  const hint = `take it out, or begin a new line; in a value write it in double quotes, as "\\u${number}"`;
  return diagnosticWhere(source.file, positionOf(source, offset), source.line, [], { code: 'yaml-syntax', message, hint });
}

function syntaxError(source: Source, text: string, error: YAMLError): Diagnostic {
  const tab = error.code === 'TAB_AS_INDENT' || /^\s*\t/.test(source.line(positionOf(source, error.pos[0]).line));
  const words = tab
    ? { offset: error.pos[0], message: error.message.replace(/\s+/g, ' '), hint: 'YAML is indented with spaces, never with tabs' }
    : inPlainWords(source, text, error);
  return diagnosticWhere(source.file, positionOf(source, words.offset), source.line, [], { ...words, code: 'yaml-syntax' });
}

function readIn(source: Source, document: Document, index: number, size: number): Parsed {
  const { data, problems, targets } = readDocument(document);
  const { file, line } = source;
  const diagnostics = problems.map(({ offset, path, code, message, hint }) => {
    const words = { code, message, hint };
    return offset === null ? fileDiagnostic(file, words) : diagnosticWhere(file, positionOf(source, offset), line, path, words);
  });
  if (diagnostics.length > 0) return { documents: [], diagnostics };
  const nodeAt = nodeFinder(document.contents, targets);
  const position: SourceDocument['position'] = (path, key = false) => positionOf(source, nodeAt(path, key)?.range?.[0] ?? 0);
  const own: SourceDocument = { file, index, line, position };
  return { documents: [{ ...own, source: own, data, size }], diagnostics };
}
