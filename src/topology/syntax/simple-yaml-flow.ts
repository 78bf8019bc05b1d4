import {
  add,
  keyName,
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

const FLOW_PLAIN = /(?:[\w./+]|-(?=[\w./+]))(?:[^\n,[\]{}:#]|:(?=[^\s,[\]{}])|(?<! )#)*/y;

/** Reads a flow collection, if this is one. Its lines are indented deeper than what it stands in. */
export function flowCollection(r: Reader, indent: number): SimpleNode | null {
  const open = r.text[r.at];
  if (open !== '{' && open !== '[') return null;
  return nested(r, () => (open === '{' ? flowMapping(r, indent) : flowList(r, indent)));
}

function flowMapping(r: Reader, indent: number): SimpleNode {
  const offset = r.at++;
  const mapping = newMapping();
  while (hasNext(r, indent, '}', mapping.children.size === 0)) {
    const key = r.at;
    const name = keyName(r);
    flowSpace(r, indent);
    add(mapping, key, name, flowValue(r, indent));
  }
  return { offset, ...mapping };
}

function flowList(r: Reader, indent: number): SimpleNode {
  const offset = r.at++;
  const children: SimpleNode[] = [];
  while (hasNext(r, indent, ']', children.length === 0)) children.push(flowValue(r, indent));
  return { offset, data: children.map((c) => c.data), children };
}

/** Goes on to the next item of a flow collection, or behind its end. The last item may have a comma, too. */
function hasNext(r: Reader, indent: number, close: string, isFirst: boolean): boolean {
  flowSpace(r, indent);
  if (!isFirst && r.text[r.at] === ',') {
    r.at++;
    flowSpace(r, indent);
  } else if (!isFirst && r.text[r.at] !== close) notSimple();
  if (r.text[r.at] !== close) return true;
  r.at++;
  return false;
}

function flowSpace(r: Reader, indent: number): void {
  let isIndent = false;
  let spaces = pass(r, ' ');
  while (r.text[r.at] === '\n' || (r.text[r.at] === '#' && (isIndent || spaces > 0))) {
    passLine(r);
    isIndent = true;
    spaces = pass(r, ' ');
  }
  if (isIndent && spaces <= indent) notSimple();
}

function flowValue(r: Reader, indent: number): SimpleNode {
  const node = flowCollection(r, indent) ?? quoted(r);
  if (node !== null) return node;
  const offset = r.at;
  const text = withoutSpace(take(r, FLOW_PLAIN)?.[0] ?? notSimple());
  return { offset, data: scalar(text), children: null };
}
