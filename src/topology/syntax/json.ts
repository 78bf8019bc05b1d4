import { type Diagnostic, diagnosticWhere } from '../../source/diagnostic.ts';
import type { ErrorCode } from '../../source/findings.ts';
import type { Path, SourceDocument } from '../../source/origin.ts';
import { lineReader } from './document.ts';
import { positionFinder } from './json-places.ts';
import type { Parsed } from './yaml.ts';

/**
 * JSON is read by the engine's own parser, which is some hundred times faster than the YAML one on large dumps. What that parser does
 * not say (positions, keys that are there twice) a scan of the text finds; positions only when one is printed.
 */
export function parseJson(file: string, text: string): Parsed {
  const line = lineReader(text);
  const positionOf = positionFinder(text);
  const fault = (offset: number, code: ErrorCode, message: string, path: Path = []): Diagnostic =>
    diagnosticWhere(file, positionOf(offset), line, path, { code, message });
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch (error) {
    const offset = firstSyntaxError(text);
    return { documents: [], diagnostics: [fault(offset, 'json-syntax', `not valid JSON: ${jsonMessage(error)}`)] };
  }
  const twice = duplicateKeys(text).map(({ offset, path }) => fault(offset, 'duplicate-key', 'this key is here twice', path));
  if (twice.length > 0) return { documents: [], diagnostics: twice };
  const offsetOf = offsetFinder(text);
  const source: SourceDocument = { file, line, position: (path, key) => positionOf(offsetOf(path, key ?? false)) };
  return { documents: [{ ...source, source, data, size: text.length }], diagnostics: [] };
}

const jsonMessage = (error: unknown) =>
  error instanceof Error ? error.message.replace(/ in JSON at position.*|, (\.\.\.)?".*$/s, '') : 'unreadable';

/** The longest beginning that some JSON text could have, found by halving: only for a message, and only after the parser has failed. */
function firstSyntaxError(text: string): number {
  const stack: string[] = [];
  const token = /"(?:[^"\\\p{Cc}]|\\.)*"|[{}[\],:]|-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?|true|false|null|\s+/guy;
  let offset = 0;
  let previous = '';
  for (let match = token.exec(text); match !== null; match = token.exec(text)) {
    const [word] = match;
    if (word.trim() !== '') {
      if (!mayFollow(previous, word, stack)) return match.index;
      if (word === '{' || word === '[') stack.push(word);
      else if (word === '}' || word === ']') stack.pop();
      previous = word;
    }
    offset = token.lastIndex;
  }
  return Math.min(offset, Math.max(text.length - 1, 0));
}

function mayFollow(previous: string, word: string, stack: readonly string[]): boolean {
  const value = !/^[}\],:]$/.test(word);
  if (word === '}') return stack.at(-1) === '{' && previous !== ',' && previous !== ':';
  if (word === ']') return stack.at(-1) === '[' && previous !== ',';
  if (word === ',') return stack.length > 0 && !/^[{[,:]$/.test(previous);
  if (word === ':') return stack.at(-1) === '{' && previous.startsWith('"');
  return value && (previous === '' || /^[{[,:]$/.test(previous));
}

const STRING = /"(?:[^"\\]|\\.)*"/y;
const SKIP = /[\s,]*/y;
const LITERAL = /[^\s,\]}]+/y;
const COLON = /[\s:]*/y;

function run(pattern: RegExp, text: string, offset: number): number {
  pattern.lastIndex = offset;
  pattern.exec(text);
  return Math.max(pattern.lastIndex, offset);
}

/** Where the scan is: an object with the keys that it had, or a list with how many items. */
interface Level {
  readonly keys: Set<string> | null;
  step: string | number;
}

/** Keys that their object has already. */
function duplicateKeys(text: string): readonly { readonly offset: number; readonly path: Path }[] {
  const twice: { offset: number; path: Path }[] = [];
  const levels: Level[] = [];
  const token = /"(?:[^"\\]|\\.)*"(\s*:)?|[{}[\],]/g;
  for (let match = token.exec(text); match !== null; match = token.exec(text)) {
    const [word, colon] = match;
    const here = levels.at(-1);
    if (word === '{') levels.push({ keys: new Set(), step: '' });
    else if (word === '[') levels.push({ keys: null, step: 0 });
    else if (word === '}' || word === ']') levels.pop();
    else if (word === ',' && here !== undefined && typeof here.step === 'number') here.step++;
    else if (colon !== undefined && here !== undefined && here.keys !== null) {
      const name = word.slice(1, word.length - colon.length - 1);
      here.step = name;
      if (here.keys.has(name)) twice.push({ offset: match.index, path: levels.map((l) => l.step) });
      here.keys.add(name);
    }
  }
  return twice;
}

interface Child {
  readonly key: number;
  readonly value: number;
}

/** Finds where the value (or key) at a path starts. Each container is scanned once, however often a place in it is asked for. */
function offsetFinder(text: string): (path: Path, key: boolean) => number {
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
      const end = run(STRING, text, offset);
      name = String(JSON.parse(text.slice(start, end)));
      offset = run(COLON, text, end);
    }
    children.set(name, { key: start, value: offset });
    offset = run(SKIP, text, endOfValue(text, offset));
  }
  return children;
}

const BRACKET = /"(?:[^"\\]|\\.)*"|[{}[\]]/g;

function endOfValue(text: string, offset: number): number {
  const first = text[offset];
  if (first === '"') return run(STRING, text, offset);
  if (first !== '{' && first !== '[') return run(LITERAL, text, offset);
  BRACKET.lastIndex = offset;
  let depth = 0;
  for (let match = BRACKET.exec(text); match !== null; match = BRACKET.exec(text)) {
    if (match[0] === '{' || match[0] === '[') depth++;
    else if (match[0] === '}' || match[0] === ']') depth--;
    if (depth === 0) return BRACKET.lastIndex;
  }
  return text.length;
}
