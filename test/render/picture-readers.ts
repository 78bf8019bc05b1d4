import { createHash } from 'node:crypto';
import { DOMParser } from '@xmldom/xmldom';

/** Readers of pictures, which know the grammars and nothing of us: each throws where a text is not of its own. The real parsers of Mermaid and Graphviz are too large to be here. */

const ELEMENTS = ['svg', 'title', 'desc', 'style', 'defs', 'marker', 'path', 'rect', 'polyline', 'text', 'tspan'];
const ATTRIBUTES =
  /^(xmlns|xml:space|id|class|role|aria-labelledby|viewBox|width|height|x|y|rx|d|points|marker-end|refX|refY|markerWidth|markerHeight|orient|textLength|lengthAdjust)$/;

/** SVG of which no part runs or loads anything; answers the texts. */
export function readSvg(text: string): readonly string[] {
  const document = new DOMParser({
    onError: (level, message) => {
      if (level !== 'warning') throw new Error(`${level}: ${message}`);
    },
  }).parseFromString(text, 'image/svg+xml');
  const elements = [...document.getElementsByTagName('*')];
  for (const element of elements) {
    if (!ELEMENTS.includes(element.tagName)) throw new Error(`a picture has <${element.tagName}>`);
    for (const { name } of [...element.attributes]) if (!ATTRIBUTES.test(name)) throw new Error(`<${element.tagName} ${name}>`);
    if (element.tagName === 'style' && /url\(|@import/.test(element.textContent ?? '')) throw new Error('a style that loads something');
  }
  return elements.filter((e) => e.tagName === 'text').map((e) => e.textContent ?? '');
}

interface Diagram {
  readonly participants: readonly string[];
  readonly arrows: readonly string[];
  readonly notes: readonly string[];
}

/** Text of a sequence diagram: any letter, but `;` and `#` only as they write a number, and no tag but `<br/>`. */
const MERMAID_TEXT = /^(?:[^#;<>%"&{}\\\p{Cc}]|#\d+;|<br\/>)*$/u;

export function readMermaid(text: string): Diagram {
  const [first, ...lines] = text.trimEnd().split('\n');
  if (first !== 'sequenceDiagram') throw new Error(`not a sequence diagram: ${first}`);
  const participants: string[] = [];
  const arrows: string[] = [];
  const notes: string[] = [];
  for (const line of lines) {
    const participant = /^ {2}participant (l\d+) as (.+)$/.exec(line);
    const note = /^ {2}Note over (l\d+)(?:,(l\d+))?: (.+)$/.exec(line);
    const arrow = /^ {2}(l\d+)(->>|-->>)(l\d+): (.*)$/.exec(line);
    const [ids, said] =
      participant !== null ? [[], participant[2]] : note !== null ? [[note[1], note[2]], note[3]] : [[arrow?.[1], arrow?.[3]], arrow?.[4]];
    if (said === undefined || !MERMAID_TEXT.test(said)) throw new Error(`not a line of a sequence diagram: ${line}`);
    for (const id of ids) if (id !== undefined && !participants.includes(id)) throw new Error(`${id} is no participant: ${line}`);
    if (participant !== null) participants.push(participant[1] ?? '');
    else if (note !== null) notes.push(line.trim());
    else arrows.push(line.trim());
  }
  if (participants.length === 0) throw new Error('a diagram without participants');
  return { participants, arrows, notes };
}

const DOT_TOKEN = /\s+|->|[{}[\];,=]|"(?:[^"\\\n]|\\.)*"|[A-Za-z_][A-Za-z_0-9]*|-?(?:\.\d+|\d+(?:\.\d*)?)/y;

/** The grammar of dot, as far as a directed graph with clusters needs it; answers the nodes and the edges. */
export function readDot(text: string): { readonly nodes: ReadonlySet<string>; readonly edges: readonly string[] } {
  const tokens: string[] = [];
  for (let at = 0; at < text.length; at = DOT_TOKEN.lastIndex) {
    DOT_TOKEN.lastIndex = at;
    const [token] = DOT_TOKEN.exec(text) ?? [];
    if (token === undefined) throw new Error(`no token of dot: ${text.slice(at, at + 40)}`);
    if (token.trim() !== '') tokens.push(token);
  }
  const nodes = new Set<string>();
  const edges: string[] = [];
  const used = new Set<string>();
  let at = 0;
  const expectToken = (...wanted: readonly string[]) => {
    const token = tokens[at++];
    if (token === undefined || !wanted.includes(token)) throw new Error(`expected ${wanted.join(' or ')}, not ${token}`);
  };
  const value = () => {
    const token = tokens[at++] ?? '';
    if (!/^["\w.-]/.test(token)) throw new Error(`expected a value, not ${token}`);
    return token;
  };
  const attributes = () => {
    if (tokens[at] !== '[') return;
    at++;
    while (tokens[at] !== ']') {
      value();
      expectToken('=');
      value();
      if (tokens[at] === ',') at++;
    }
    at++;
  };
  const statements = () => {
    expectToken('{');
    while (tokens[at] !== '}') {
      if (tokens[at] === 'subgraph') {
        at += 2;
        statements();
        continue;
      }
      const name = value();
      if (tokens[at] === '=') {
        at++;
        value();
      } else if (tokens[at] === '->') {
        at++;
        const to = value();
        edges.push(`${name} -> ${to}`);
        used.add(name).add(to);
        attributes();
      } else {
        if (!['graph', 'node', 'edge'].includes(name)) nodes.add(name);
        attributes();
      }
      expectToken(';');
    }
    at++;
  };
  expectToken('digraph');
  value();
  statements();
  if (at !== tokens.length) throw new Error(`something behind the graph: ${tokens[at]}`);
  for (const name of used) if (!nodes.has(name)) throw new Error(`${name} is no node`);
  return { nodes, edges };
}

/** A page: its policy names the hashes of the one style and the one script that there are, and its data is JSON. */
export function readPage(text: string): unknown {
  const [, policy = ''] = /<meta http-equiv="Content-Security-Policy" content="([^"]*)">/.exec(text) ?? [];
  const hashes = (tags: RegExp) =>
    [...text.matchAll(tags)].map(([, inside = '']) => `'sha256-${createHash('sha256').update(inside).digest('base64')}'`).join(' ');
  const [styles, scripts] = [hashes(/<style>([\s\S]*?)<\/style>/g), hashes(/<script>([\s\S]*?)<\/script>/g)];
  const wanted = `default-src 'none'; style-src ${styles}; script-src ${scripts}; base-uri 'none'; form-action 'none'`;
  if (policy !== wanted) throw new Error(`the policy is ${policy}, and should be ${wanted}`);
  const tags = [...text.matchAll(/<(script|style|link|img|iframe|object|embed|form)\b([^>]*)>/gi)].map(([all]) => all);
  if (tags.join() !== '<style>,<script type="application/json" id="data">,<script>') throw new Error(`tags of the page: ${tags.join()}`);
  const [, data = ''] = /<script type="application\/json" id="data">([\s\S]*?)<\/script>/.exec(text) ?? [];
  return JSON.parse(data);
}
