import { type Alias, type Document, isAlias, isMap, isScalar, isSeq, type Node, type Pair, type YAMLMap, type YAMLSeq } from 'yaml';
import type { ErrorCode } from '../../source/findings.ts';
import type { Path } from '../../source/origin.ts';
import { withCommas } from '../../source/text.ts';
import { AmbiguousScalar, BAD_KEY, MOST_LEVELS, NO_KEY, TOO_DEEP } from './document.ts';
import { keyOf, scalarValue } from './yaml-scalars.ts';

/** Aliases may repeat a lot, but not without end: a bomb of nine lines can stand for billions of nodes. */
const MOST_NODES = 1_000_000;

/** Well-formed YAML that this program does not take. */
export interface Problem {
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint: string | null;
  /** Null: the document as a whole. */
  readonly offset: number | null;
  readonly path: Path;
}

/** A document as plain data, and which node each of its aliases stands for. */
export interface Reading {
  readonly data: unknown;
  readonly problems: readonly Problem[];
  readonly targets: ReadonlyMap<Alias, Node>;
}

/** A node that was read: its aliases have the same data, and count as many nodes, and levels of lists and mappings, again. */
interface Value {
  readonly node: Node | null;
  readonly data: unknown;
  readonly nodes: number;
  readonly levels: number;
}

const NOTHING: Value = { node: null, data: null, nodes: 1, levels: 0 };

interface Reader {
  readonly problems: Problem[];
  readonly targets: Map<Alias, Node>;
  /** By name, the last anchor before the place that is read; null while its own node is. */
  readonly anchors: Map<string, Value | null>;
  /** Of the value that is read. */
  readonly path: (string | number)[];
  /** Nodes that merge keys have copied. */
  copied: number;
}

/**
 * Reads a document. The package's own `toJS` throws at a bad merge, warns the process of keys that are no texts, looks through all of the
 * document for each alias, and calls itself without end where an alias stands inside of its anchor.
 */
export function readDocument(document: Document): Reading {
  const reader: Reader = { problems: [], targets: new Map(), anchors: new Map(), path: [], copied: 0 };
  const { data, nodes } = read(reader, document.contents);
  if (nodes > MOST_NODES) complain(reader, null, 'too-many-nodes', TOO_MANY);
  return { data, problems: reader.problems, targets: reader.targets };
}

const TOO_MANY = `the document stands for more than ${withCommas(MOST_NODES)} nodes once its aliases are expanded, which is the limit`;

function complain({ problems, path }: Reader, node: unknown, code: ErrorCode, message: string, hint: string | null = null): Value {
  problems.push({ code, message, hint, offset: isNode(node) ? (node.range?.[0] ?? 0) : null, path: [...path] });
  return NOTHING;
}

function read(r: Reader, node: unknown): Value {
  if (isAlias(node)) return aliased(r, node);
  if (!isMap(node) && !isSeq(node) && !isScalar(node)) return NOTHING;
  if (node.anchor !== undefined) r.anchors.set(node.anchor, null);
  const value = isScalar(node) ? { ...NOTHING, node, data: scalarValue(node) } : isMap(node) ? mapping(r, node) : list(r, node);
  if (node.anchor !== undefined) r.anchors.set(node.anchor, value);
  return value;
}

function aliased(r: Reader, alias: Alias): Value {
  const value = r.anchors.get(alias.source);
  if (value === undefined) return complain(r, alias, 'yaml-syntax', `there is no anchor &${alias.source} before this alias`);
  if (value === null) return complain(r, alias, 'yaml-syntax', `this alias stands inside of &${alias.source}, which it stands for`);
  if (r.path.length + value.levels > MOST_LEVELS) return complain(r, alias, TOO_DEEP.code, TOO_DEEP.message);
  if (value.node !== null) r.targets.set(alias, value.node);
  return value;
}

function within<T>({ path }: Reader, step: string | number, look: () => T): T {
  path.push(step);
  const found = look();
  path.pop();
  return found;
}

function list(r: Reader, node: YAMLSeq): Value {
  const items = node.items.map((item, i) => within(r, i, () => read(r, item)));
  return { node, data: items.map((item) => item.data), ...sizeOf(items) };
}

function mapping(r: Reader, node: YAMLMap): Value {
  const data: Record<string, unknown> = {};
  const names = new Set<string>();
  const parts: Value[] = [];
  for (const pair of node.items) {
    if (isMerge(pair)) {
      parts.push(within(r, '<<', () => merge(r, data, pair)));
      continue;
    }
    const key = read(r, pair.key);
    const name = nameOf(r, pair, key);
    const value = within(r, name ?? '?', () => {
      if (name !== null && names.has(name)) complain(r, pair.key, 'duplicate-key', 'this key is here twice');
      return read(r, pair.value);
    });
    parts.push(key, value);
    if (name === null) continue;
    names.add(name);
    data[name] = value.data;
  }
  return { node, data, ...sizeOf(parts) };
}

/** A key as JavaScript has it; null when it is no text. */
function nameOf(r: Reader, { key }: Pair, { node, data }: Value): string | null {
  if (data instanceof AmbiguousScalar) {
    const { text } = data;
    const message = `the key ${text} means different things in YAML 1.1 and 1.2`;
    within(r, text, () => complain(r, key, 'ambiguous-scalar', message, `put it in quotes: "${text}"`));
    return text;
  }
  if (typeof data === 'object' && data !== null) {
    complain(r, key, 'bad-key', 'a key is a text, not a list or a mapping');
    return null;
  }
  const name = isScalar(node) ? keyOf(node) : '';
  if (name !== NO_KEY) return name;
  within(r, name, () => complain(r, key, BAD_KEY.code, BAD_KEY.message));
  return null;
}

/** `<<`: what its mappings have and this one does not, the first of several first. A list of them has to stand here, as for kubectl. */
function merge(r: Reader, data: Record<string, unknown>, { key, value }: Pair): Value {
  const sources: readonly unknown[] = isSeq(value) ? value.items : [value];
  const values = sources.map((source) => {
    const found = read(r, source);
    if (!isMap(found.node) && !isWrong(r, source)) complain(r, isWritten(source) ? source : key, 'bad-merge', BAD_MERGE);
    return found;
  });
  const size = sizeOf(values);
  r.copied += size.nodes;
  // Otherwise the document has too many nodes, which is said in the end.
  if (r.copied <= MOST_NODES)
    for (const { node, data: inherited } of values)
      if (isMap(node)) for (const [name, one] of Object.entries(inherited ?? {})) if (!Object.hasOwn(data, name)) data[name] = one;
  return { ...NOTHING, nodes: size.nodes, levels: size.levels - 1 };
}

const BAD_MERGE = 'a merge key (<<) takes a mapping, an alias of one, or a list of these';

/** An alias that stands for nothing has been complained of. */
const isWrong = ({ targets }: Reader, node: unknown) => isAlias(node) && !targets.has(node);

/** Nothing, after a colon, is a node without a text. */
const isWritten = (node: unknown) => isNode(node) && node.range != null && node.range[0] < node.range[1];

const sizeOf = (parts: readonly Value[]): Pick<Value, 'nodes' | 'levels'> => ({
  nodes: parts.reduce((sum, p) => sum + p.nodes, 1),
  levels: parts.reduce((most, p) => Math.max(most, p.levels), 0) + 1,
});

/** The package marks the key `<<` by a symbol. */
export const isMerge = ({ key }: Pair): boolean => isScalar(key) && typeof key.value === 'symbol';

/** Whether a collection's item is a node, and not nothing. */
export const isNode = (item: unknown): item is Node => isMap(item) || isSeq(item) || isScalar(item) || isAlias(item);
