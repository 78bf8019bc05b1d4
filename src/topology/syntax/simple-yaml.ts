import type { Path } from '../../source/origin.ts';
import { flowCollection } from './simple-yaml-flow.ts';
import {
  add,
  type Entry,
  KEY,
  keyName,
  NOT_SIMPLE,
  nested,
  newMapping,
  notSimple,
  pass,
  passLine,
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

/** Tabs, carriage returns, other ends of lines and a byte order mark have rules of their own. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: it is these that are looked for
const CONTROL = /[\0-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff]/;

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
/** From the start of a line to the next value. */
function nextLine(r: Reader): void {
  let start = r.at;
  while (isEmpty(r)) {
    passLine(r);
    start = r.at;
  }
  r.indent = r.at === r.text.length ? -1 : r.at - start;
  if (r.indent === 0 && '-.%'.includes(r.text[r.at] ?? '')) atMarker(r);
}

function isEmpty(r: Reader): boolean {
  pass(r, ' ');
  return r.text[r.at] === '\n' || r.text[r.at] === '#';
}

function atMarker(r: Reader): void {
  const start = r.text.slice(r.at, r.at + 3);
  if (start === '---') r.indent = -1;
  else if (start === '...' || start.startsWith('%')) notSimple();
}

/** Whether nothing but a comment is left of this line; then goes on to the next value. */
function lineEnds(r: Reader): boolean {
  const from = r.at;
  const spaces = pass(r, ' ');
  const next = r.text[r.at];
  if (next !== undefined && next !== '\n' && !(next === '#' && spaces > 0)) {
    r.at = from;
    return false;
  }
  passLine(r);
  nextLine(r);
  return true;
}

function block(r: Reader, indent: number): SimpleNode {
  return nested(r, () => (r.text[r.at] === '-' ? blockList(r, indent) : blockMapping(r, indent)));
}

function blockList(r: Reader, indent: number): SimpleNode {
  const offset = r.at;
  const children: SimpleNode[] = [];
  while (r.indent === indent && r.text[r.at] === '-') {
    r.at++;
    if (lineEnds(r)) children.push(r.indent > indent ? block(r, r.indent) : notSimple());
    else {
      const spaces = pass(r, ' ');
      if (spaces === 0) notSimple();
      children.push(isBlock(r) ? blockAt(r, indent + 1 + spaces) : inline(r, indent));
    }
  }
  if (r.indent > indent) notSimple();
  return { offset, data: children.map((c) => c.data), children };
}

/** A list's item may begin with a mapping, or a list, on the line of its dash. */
function isBlock(r: Reader): boolean {
  const { at } = r;
  const found = r.text.startsWith('- ', at) || take(r, KEY) !== null;
  r.at = at;
  return found;
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
    add(mapping, key, keyName(r), lineEnds(r) ? below(r, indent) : inline(r, indent));
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
function inline(r: Reader, indent: number): SimpleNode {
  pass(r, ' ');
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
