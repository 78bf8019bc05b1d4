import type { Path, Position } from '../../source/origin.ts';
import { endOfString } from './json-text.ts';

/** Offsets into lines and columns: the line starts are found once, then halved for. */
export function positionFinder(text: string): (offset: number) => Position {
  let starts: number[] | null = null;
  return (offset) => {
    starts ??= lineStarts(text);
    let low = 0;
    let high = starts.length;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if ((starts[middle] ?? 0) <= offset) low = middle;
      else high = middle;
    }
    return { line: low + 1, column: offset - (starts[low] ?? 0) + 1 };
  };
}

function lineStarts(text: string): number[] {
  const starts = [0];
  for (const { index, 0: end } of text.matchAll(/\r\n|\r|\n/g)) starts.push(index + end.length);
  return starts;
}

interface Child {
  readonly key: number;
  readonly value: number;
}

/** Finds where the value (or key) at a path starts. Each container is scanned once, whatever is asked of it. */
export function offsetFinder(text: string): (path: Path, key: boolean) => number {
  const scanned = new Map<number, ReadonlyMap<string, Child>>();
  const childrenOf = (container: number) => {
    const known = scanned.get(container);
    if (known !== undefined) return known;
    const children = scanContainer(text, container);
    scanned.set(container, children);
    return children;
  };
  return (path, key) => {
    let offset = run(SKIP, text, 0);
    for (const [i, step] of path.entries()) {
      const found = childrenOf(offset).get(String(step));
      if (found === undefined) return offset;
      offset = key && i === path.length - 1 ? found.key : found.value;
    }
    return offset;
  };
}

const SKIP = /[\s,]*/y;
const LITERAL = /[^\s,\]}]+/y;
const COLON = /[\s:]*/y;

function run(pattern: RegExp, text: string, offset: number): number {
  pattern.lastIndex = offset;
  pattern.exec(text);
  return Math.max(pattern.lastIndex, offset);
}

/** The members of an object by key, the items of an array by index. */
function scanContainer(text: string, container: number): ReadonlyMap<string, Child> {
  const children = new Map<string, Child>();
  const isObject = text[container] === '{';
  if (!isObject && text[container] !== '[') return children;
  let offset = run(SKIP, text, container + 1);
  for (let index = 0; offset < text.length && text[offset] !== '}' && text[offset] !== ']'; index++) {
    const start = offset;
    let name = String(index);
    if (isObject) {
      const end = endOfString(text, offset);
      name = String(JSON.parse(text.slice(start, end)));
      offset = run(COLON, text, end);
    }
    children.set(name, { key: start, value: offset });
    offset = run(SKIP, text, endOfValue(text, offset));
  }
  return children;
}

function endOfValue(text: string, offset: number): number {
  const first = text[offset];
  if (first === '"') return endOfString(text, offset);
  if (first !== '{' && first !== '[') return run(LITERAL, text, offset);
  const bracket = /["{}[\]]/g;
  bracket.lastIndex = offset;
  let depth = 0;
  for (let match = bracket.exec(text); match !== null; match = bracket.exec(text)) {
    const [word] = match;
    if (word === '"') bracket.lastIndex = endOfString(text, match.index);
    else depth += word === '{' || word === '[' ? 1 : -1;
    if (depth === 0) return bracket.lastIndex;
  }
  return text.length;
}
