import { type Document, isAlias, isMap, isScalar, isSeq, type LineCounter, type Node, visit } from 'yaml';
import { type Diagnostic, diagnosticWhere } from '../../source/diagnostic.ts';
import type { ErrorCode } from '../../source/findings.ts';
import type { Path, Position } from '../../source/origin.ts';
import { AmbiguousScalar } from './document.ts';

/** What the YAML parser lets pass and this program does not. */

/** What a diagnostic about a text needs to know of it. */
export interface Source {
  readonly file: string;
  readonly lines: LineCounter;
  readonly line: (n: number) => string;
}

export function positionOf({ lines }: Source, offset: number): Position {
  const { line, col } = lines.linePos(offset);
  return { line: Math.max(line, 1), column: Math.max(col, 1) };
}

/** The path of the key that stands at an offset. */
export function pathAt(node: unknown, offset: number): Path {
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

export const isNode = (n: unknown): n is Node => isMap(n) || isSeq(n) || isScalar(n) || isAlias(n);

/** Aliases to anchors that are not there. */
export function strayAliases(source: Source, document: Document): readonly Diagnostic[] {
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
export function expandedNodes(document: Document): number {
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
export function markAmbiguous(source: Source, document: Document): readonly Diagnostic[] {
  const diagnostics: Diagnostic[] = [];
  const complain = (node: Node, code: ErrorCode, message: string, hint: string | null) => {
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
