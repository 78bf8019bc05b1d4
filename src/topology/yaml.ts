import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseAllDocuments,
  visit,
  type YAMLError,
} from 'yaml';
import { type Diagnostic, diagnosticWhere, fileDiagnostic } from '../diagnostic.ts';
import type { Path, Position } from '../origin.ts';
import { AmbiguousScalar, lineReader, type ParsedDocument } from './document.ts';

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
  const lineCounter = new LineCounter();
  const parsed = parseAllDocuments(text, { lineCounter, merge: true, prettyErrors: false, stringKeys: false });
  const documents: readonly Document[] = Array.isArray(parsed) ? parsed : [];
  const line = lineReader(text);
  const source: Source = { file, lines: lineCounter, line };
  const errors = documents.flatMap((d) => [...d.errors, ...d.warnings].map((e) => syntaxError(source, d, e)));
  if (errors.length > 0) return { documents: [], diagnostics: errors };
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
    found.push({ ...sourceDocument(file, document, lineCounter, line), size: text.length });
  }
  return { documents: found, diagnostics };
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

/** What a diagnostic about a text needs to know of it. */
interface Source {
  readonly file: string;
  readonly lines: LineCounter;
  readonly line: (n: number) => string;
}

function positionOf({ lines }: Source, offset: number): Position {
  const { line, col } = lines.linePos(offset);
  return { line: Math.max(line, 1), column: Math.max(col, 1) };
}

function syntaxError(source: Source, document: Document, error: YAMLError): Diagnostic {
  const [offset] = error.pos;
  const position = positionOf(source, offset);
  const text = source.line(position.line);
  const tab = error.code === 'TAB_AS_INDENT' || /^\s*\t/.test(text);
  const twice = error.code === 'DUPLICATE_KEY';
  const message = twice ? 'this key is here twice' : error.message.replace(/\s+/g, ' ');
  const hint = tab ? 'YAML is indented with spaces, never with tabs' : null;
  return diagnosticWhere(source.file, position, source.line, twice ? pathAt(document.contents, offset) : [], {
    code: twice ? 'duplicate-key' : 'yaml-syntax',
    message,
    hint,
  });
}

/** The path of the key that stands at an offset. */
function pathAt(node: unknown, offset: number): Path {
  if (isSeq(node)) {
    const index = node.items.findIndex((item) => holds(item, offset));
    return index === -1 ? [] : [index, ...pathAt(node.items[index], offset)];
  }
  if (!isMap(node)) return [];
  for (const { key, value } of node.items) {
    const name = isScalar(key) ? (key.source ?? String(key.value)) : '';
    if (holds(key, offset)) return [name];
    if (holds(value, offset)) return [name, ...pathAt(value, offset)];
  }
  return [];
}

const holds = (node: unknown, offset: number) =>
  isNode(node) && node.range != null && node.range[0] <= offset && offset < Math.max(node.range[1], node.range[0] + 1);

/** Aliases to anchors that are not there. */
function strayAliases(source: Source, document: Document): readonly Diagnostic[] {
  const diagnostics: Diagnostic[] = [];
  visit(document, {
    Alias(_key, node) {
      if (node.resolve(document) !== undefined) return;
      const position = positionOf(source, node.range?.[0] ?? 0);
      diagnostics.push(
        diagnosticWhere(source.file, position, source.line, [], {
          code: 'yaml-syntax',
          message: `there is no anchor &${node.source} before this alias`,
        }),
      );
    },
  });
  return diagnostics;
}

/** How many nodes the document has when every alias is replaced by what it stands for. */
function expandedNodes(document: Document): number {
  const sizes = new Map<Node, number>();
  const sizeOf = (node: unknown): number => {
    if (isAlias(node)) {
      const target = node.resolve(document);
      return target === undefined ? 1 : (sizes.get(target) ?? 1);
    }
    let size = 1;
    if (isMap(node)) for (const pair of node.items) size += sizeOf(pair.key) + sizeOf(pair.value);
    else if (isSeq(node)) for (const item of node.items) size += sizeOf(item);
    if ((isMap(node) || isSeq(node) || isScalar(node)) && node.anchor !== undefined) sizes.set(node, size);
    return size;
  };
  return sizeOf(document.contents);
}

const YAML11_BOOLEAN: Readonly<Record<string, boolean>> = { y: true, yes: true, on: true, n: false, no: false, off: false };

/** Plain scalars whose meaning hangs on the YAML version. Source: yaml.org/type/{bool,int}.html against YAML 1.2's core schema. */
function readAs11(text: string): { readonly value: unknown } | null {
  const boolean = /^(y|n|yes|no|on|off|Y|N|Yes|No|On|Off|YES|NO|ON|OFF)$/.test(text);
  if (boolean) return { value: YAML11_BOOLEAN[text.toLowerCase()] };
  if (/^[-+]?0[0-7_]+$/.test(text)) return { value: Number.parseInt(text.replace(/[_+]/g, ''), 8) };
  if (/^[-+]?0[0-9]+$/.test(text)) return { value: text };
  if (/^0o[0-7]+$/.test(text)) return { value: text };
  if (/^[-+]?0b[01_]+$/.test(text)) return { value: Number.parseInt(text.replace(/^[-+]?0b|_/g, ''), 2) };
  if (/^[-+]?[1-9][0-9_]*(:[0-5]?[0-9])+$/.test(text)) return { value: sexagesimal(text) };
  if (/^[-+]?[1-9][0-9]*(_[0-9]+)+$/.test(text)) return { value: Number(text.replaceAll('_', '')) };
  return null;
}

const sexagesimal = (text: string) => text.split(':').reduce((sum, part) => sum * 60 + Number(part), 0);

/** Puts a mark in place of each ambiguous value; an ambiguous key, or one that is no text, is an error at once. */
function markAmbiguous(source: Source, document: Document): readonly Diagnostic[] {
  const diagnostics: Diagnostic[] = [];
  const complain = (node: Node, code: string, message: string, hint: string | null) => {
    const offset = node.range?.[0] ?? 0;
    diagnostics.push(
      diagnosticWhere(source.file, positionOf(source, offset), source.line, pathAt(document.contents, offset), { code, message, hint }),
    );
  };
  visit(document, {
    Pair(_key, { key }) {
      if (isMap(key) || isSeq(key)) complain(key, 'bad-key', 'a key is a text, not a list or a mapping', null);
    },
    Scalar(where, node) {
      if (node.type !== 'PLAIN' || node.source === undefined || node.tag !== undefined) return;
      const other = readAs11(node.source);
      if (other === null) return;
      if (where === 'key')
        complain(
          node,
          'ambiguous-scalar',
          `the key ${node.source} means different things in YAML 1.1 and 1.2`,
          `put it in quotes: "${node.source}"`,
        );
      else node.value = new AmbiguousScalar(node.source, other.value);
    },
  });
  return diagnostics;
}

function sourceDocument(file: string, document: Document, lines: LineCounter, line: (n: number) => string): Omit<ParsedDocument, 'size'> {
  return {
    file,
    data: document.toJS({ maxAliasCount: -1 }),
    line,
    position(path, key = false) {
      const node = nodeAt(document, path, key);
      const { line: row, col } = lines.linePos(node?.range?.[0] ?? 0);
      return { line: Math.max(row, 1), column: Math.max(col, 1) } satisfies Position;
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

const isNode = (n: unknown): n is Node => isMap(n) || isSeq(n) || isScalar(n) || isAlias(n);

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
