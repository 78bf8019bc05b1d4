import { type Document, isAlias, isMap, isScalar, isSeq, LineCounter, type Node, type Pair, parseAllDocuments, type YAMLError } from 'yaml';
import { type Diagnostic, diagnosticWhere, fileDiagnostic } from '../../source/diagnostic.ts';
import type { Path, SourceDocument } from '../../source/origin.ts';
import { lineReader, type ParsedDocument } from './document.ts';
import { positionFinder } from './json-places.ts';
import { offsetAt, readSimpleYaml } from './simple-yaml.ts';
import type { SimpleNode } from './simple-yaml-reader.ts';
import { expandedNodes, isNode, markAmbiguous, pathAt, positionOf, type Source, strayAliases } from './yaml-checks.ts';
import { inPlainWords, isAboutBrackets } from './yaml-messages.ts';

/** The parser's time grows with the square of a line's length. */
const LONGEST_LINE = 1_000_000;
/** Aliases may repeat a lot, but not without end: a bomb of nine lines can stand for billions of nodes. */
const MOST_NODES = 1_000_000;

export interface Parsed {
  readonly documents: readonly ParsedDocument[];
  readonly diagnostics: readonly Diagnostic[];
}

/** All documents of a YAML text. Empty ones are left out; every syntax error of the file is reported. */
export function parseYaml(file: string, text: string): Parsed {
  const long = longLine(text);
  if (long !== null) {
    const message = `line ${long} has more than ${LONGEST_LINE.toLocaleString('en')} characters`;
    return failed(fileDiagnostic(file, { code: 'line-too-long', message, hint: 'break it up, or write the file as JSON' }));
  }
  const simple = readSimpleYaml(text);
  if (simple !== null) return { documents: simpleDocuments(file, text, simple), diagnostics: [] };
  const lineCounter = new LineCounter();
  const parsed = parseAllDocuments(text, { lineCounter, merge: true, prettyErrors: false, stringKeys: false });
  const documents: readonly Document[] = Array.isArray(parsed) ? parsed : [];
  const line = lineReader(text);
  const source: Source = { file, lines: lineCounter, line };
  const errors = withoutEchoes(documents.flatMap((d) => [...d.errors, ...d.warnings].map((error) => ({ document: d, error }))));
  if (errors.length > 0) return { documents: [], diagnostics: errors.map((e) => syntaxError(source, text, e)) };
  const diagnostics: Diagnostic[] = [];
  const found: ParsedDocument[] = [];
  for (const document of documents) {
    if (document.contents === null || (isScalar(document.contents) && document.contents.value === null)) continue;
    const strays = strayAliases(source, document);
    if (strays.length > 0) {
      diagnostics.push(...strays);
      continue;
    }
    const tooMany = expandedNodes(document) > MOST_NODES;
    if (tooMany) {
      const message = `the document stands for more than ${MOST_NODES.toLocaleString('en')} nodes once its aliases are expanded, which is the limit`;
      diagnostics.push(fileDiagnostic(file, { code: 'too-many-nodes', message }));
      continue;
    }
    diagnostics.push(...markAmbiguous(source, document));
    const own = sourceDocument(file, document, lineCounter, line);
    found.push({ ...own, source: own, data: document.toJS({ maxAliasCount: -1 }), size: text.length });
  }
  return { documents: found, diagnostics };
}

const failed = (d: Diagnostic): Parsed => ({ documents: [], diagnostics: [d] });

function simpleDocuments(file: string, text: string, roots: readonly SimpleNode[]): readonly ParsedDocument[] {
  const line = lineReader(text);
  const positionOf = positionFinder(text);
  return roots.map((root) => {
    const source: SourceDocument = { file, line, position: (path, key) => positionOf(offsetAt(root, path, key ?? false)) };
    return { ...source, source, data: root.data, size: text.length };
  });
}

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

interface Located {
  readonly document: Document;
  readonly error: YAMLError;
}

/** A parser that lost its way stumbles over all that follows, and notices an open bracket more than once. */
function withoutEchoes(errors: readonly Located[]): readonly Located[] {
  const bracket = errors.findIndex(({ error }) => isAboutBrackets(error));
  return errors.filter(({ error }, i) => i === 0 || i === bracket || (error.code !== 'UNEXPECTED_TOKEN' && !isAboutBrackets(error)));
}

function syntaxError(source: Source, text: string, { document, error }: Located): Diagnostic {
  const twice = error.code === 'DUPLICATE_KEY';
  const tab = error.code === 'TAB_AS_INDENT' || /^\s*\t/.test(source.line(positionOf(source, error.pos[0]).line));
  const words =
    twice || tab ? { offset: error.pos[0], message: error.message.replace(/\s+/g, ' '), hint: null } : inPlainWords(source, text, error);
  return diagnosticWhere(source.file, positionOf(source, words.offset), source.line, twice ? pathAt(document.contents, words.offset) : [], {
    code: twice ? 'duplicate-key' : 'yaml-syntax',
    message: twice ? 'this key is here twice' : words.message,
    hint: tab ? 'YAML is indented with spaces, never with tabs' : words.hint,
  });
}

function sourceDocument(file: string, document: Document, lines: LineCounter, line: (n: number) => string): SourceDocument {
  return {
    file,
    line,
    position(path, key = false) {
      const node = nodeAt(document, path, key);
      const { line: row, col } = lines.linePos(node?.range?.[0] ?? 0);
      return { line: Math.max(row, 1), column: Math.max(col, 1) };
    },
  };
}

/** The node at a path, through aliases and merged maps; where the path leaves the document, the last node on it. */
function nodeAt(document: Document, path: Path, key: boolean): Node | null {
  let node: Node | null = document.contents;
  for (const [i, step] of path.entries()) {
    const here: unknown = isAlias(node) ? node.resolve(document) : node;
    if (isSeq(here)) {
      const item: unknown = here.items[Number(step)];
      if (!isNode(item)) return node;
      node = item;
    } else if (isMap(here)) {
      const pair = pairOf(document, here.items, String(step));
      if (pair === null) return node;
      const last = i === path.length - 1;
      if (isNode(pair.value) && !(last && key)) node = pair.value;
      else if (isNode(pair.key)) node = pair.key;
    } else return node;
  }
  return node;
}

function pairOf(document: Document, pairs: readonly Pair[], name: string): Pair | null {
  for (const pair of pairs) if (isScalar(pair.key) && String(pair.key.value) === name) return pair;
  for (const pair of pairs) {
    if (!isScalar(pair.key) || pair.key.source !== '<<') continue;
    const sources: readonly unknown[] = isSeq(pair.value) ? pair.value.items : [pair.value];
    for (const source of sources) {
      const map = isAlias(source) ? source.resolve(document) : source;
      const found = isMap(map) ? pairOf(document, map.items, name) : null;
      if (found !== null) return found;
    }
  }
  return null;
}
