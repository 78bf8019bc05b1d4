import type { Path } from '../../source/origin.ts';
import { flowCollection } from './simple-yaml-flow.ts';
import {
  add,
  type Entry,
  keyName,
  NOT_SIMPLE,
  nested,
  newMapping,
  notSimple,
  quoted,
  type Reader,
  type SimpleNode,
  scalar,
  take,
  withoutSpace,
} from './simple-yaml-reader.ts';

/**
 * The YAML that nearly all topologies are written in: block and flow collections, plain and quoted words on one line, comments. One pass
 * reads it in a tenth of the time that the yaml package takes. All else (anchors, tags, block scalars, escapes, odd numbers, and every
 * error) is the package's, which reads the text from its beginning. What both read, both read alike: test/topology/simple-yaml.test.ts.
 */

/** The root of each document, empty ones left out; null when the text has something that is not read here. */
export function readSimpleYaml(text: string): readonly SimpleNode[] | null {
  if (CONTROL.test(text)) return null;
  const reader: Reader = { text, at: 0, indent: 0, levels: 0 };
  try {
    return documents(reader);
  } catch (error) {
    if (error === NOT_SIMPLE) return null;
    throw error;
  }
}

/** Where the value at a path starts, or its key; where the path leaves the document, the last value on it. */
export function offsetAt(root: SimpleNode, path: Path, key: boolean): number {
  let node = root;
  for (const [i, step] of path.entries()) {
    const { children } = node;
    if (children === null) return node.offset;
    const found: SimpleNode | Entry | undefined = 'get' in children ? children.get(String(step)) : children[Number(step)];
    if (found === undefined) return node.offset;
    if ('key' in found && key && i === path.length - 1) return found.key;
    node = 'key' in found ? found.value : found;
  }
  return node.offset;
}

/** Tabs, carriage returns and a byte order mark have rules of their own. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: it is these that are looked for
const CONTROL = /[\0-\x09\x0b-\x1f\x7f-\x9f\ufeff]/;
function documents(r: Reader): readonly SimpleNode[] {
  const roots: SimpleNode[] = [];
  nextLine(r);
  while (r.at < r.text.length) {
    if (r.indent !== -1) roots.push(block(r, r.indent));
    if (r.indent !== -1) notSimple();
    if (take(r, MARKER) !== null) nextLine(r);
    else if (r.at < r.text.length) notSimple();
  }
  return roots;
}

const MARKER = /--- *(?: #[^\n]*)?(?:\n|$)/y;
const EMPTY_LINES = /(?: *(?:#[^\n]*)?\n)* */y;
const LAST_COMMENT = /#[^\n]*$/y;

/** From the start of a line to the next value. */
function nextLine(r: Reader): void {
  take(r, EMPTY_LINES);
  r.indent = r.at - (r.text.lastIndexOf('\n', r.at - 1) + 1);
  if (take(r, LAST_COMMENT) !== null || r.at === r.text.length) r.indent = -1;
  else if (r.indent === 0 && /[-.%]/.test(r.text[r.at] ?? '')) atMarker(r);
}

function atMarker(r: Reader): void {
  const start = r.text.slice(r.at, r.at + 3);
  if (start === '---') r.indent = -1;
  else if (start === '...' || start.startsWith('%')) notSimple();
}

const LINE_END = /(?: *| +#[^\n]*)(?:\n|$)/y;

/** Whether nothing but a comment is left of this line; then goes on to the next value. */
function lineEnds(r: Reader): boolean {
  if (take(r, LINE_END) === null) return false;
  nextLine(r);
  return true;
}

const DASH = /-(?= |\n|$)/y;
const SPACES = / +/y;

function block(r: Reader, indent: number): SimpleNode {
  return nested(r, () => (r.text[r.at] === '-' ? blockList(r, indent) : blockMapping(r, indent)));
}

function blockList(r: Reader, indent: number): SimpleNode {
  const offset = r.at;
  const children: SimpleNode[] = [];
  while (r.indent === indent && take(r, DASH) !== null) {
    if (lineEnds(r)) children.push(r.indent > indent ? block(r, r.indent) : notSimple());
    else {
      const column = indent + 1 + (take(r, SPACES)?.[0].length ?? notSimple());
      children.push(isBlock(r) ? blockAt(r, column) : inline(r, indent));
    }
  }
  if (r.indent > indent || children.length === 0) notSimple();
  return { offset, data: children.map((c) => c.data), children };
}

const BLOCK = /- |(?:[A-Za-z_][\w./-]{0,250}|"[^"\\\n]{0,250}"|'[^'\n]{0,250}'):(?: |\n|$)/y;

/** A list's item may begin with a mapping, or a list, on the line of its dash. */
function isBlock(r: Reader): boolean {
  BLOCK.lastIndex = r.at;
  return BLOCK.test(r.text);
}

function blockAt(r: Reader, column: number): SimpleNode {
  r.indent = column;
  return block(r, column);
}

function blockMapping(r: Reader, indent: number): SimpleNode {
  const offset = r.at;
  const mapping = newMapping();
  while (r.indent === indent && r.text[r.at] !== '-') {
    const key = r.at;
    add(mapping, key, keyName(r), lineEnds(r) ? below(r, indent) : inline(r, indent, SPACES));
  }
  if (r.indent > indent) notSimple();
  return { offset, ...mapping };
}

/** The value of a key that has nothing beside it. Of a list, the dashes may stand below the key. */
function below(r: Reader, indent: number): SimpleNode {
  if (r.indent > indent) return block(r, r.indent);
  return r.indent === indent && r.text[r.at] === '-' ? block(r, indent) : notSimple();
}

/** A value beside its key or dash, to the end of its line. */
function inline(r: Reader, indent: number, before?: RegExp): SimpleNode {
  if (before !== undefined) take(r, before);
  const node = flowCollection(r, indent) ?? quoted(r) ?? plain(r);
  if (!lineEnds(r)) notSimple();
  return node;
}

const PLAIN = /(?:[\w./+]|-(?=[^ \n]))[^\n]*/y;

function plain(r: Reader): SimpleNode {
  const offset = r.at;
  const [line] = take(r, PLAIN) ?? notSimple();
  const comment = line.indexOf(' #');
  const text = withoutSpace(comment === -1 ? line : line.slice(0, comment));
  if (text.includes(': ') || text.endsWith(':')) notSimple();
  r.at = offset + text.length;
  return { offset, data: scalar(text), children: null };
}
