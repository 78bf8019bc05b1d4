// Bundles the program with the fuzzer for Node, and counts steps in it: each call and each turn of a loop is one.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { parseAst } from 'vite';
import { pageScript } from '../../build/page-script.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = join(root, 'node_modules/.cache/k8s-trace');

/** They read what comes out, and are not counted. */
const CONSUMERS = ['ajv', 'ajv-formats', '@xmldom/xmldom', 'marked', 'tap-parser', '@microsoft/jest-sarif'];

const HEAD = `import { createRequire as createRequireOf } from 'node:module';
const require = createRequireOf(import.meta.url);
let $steps = 0;
let $most = Infinity;
function $over() {
  throw new RangeError('too many steps');
}
/** Counts from zero, and throws from \`most\` on. */
export function countSteps(most) {
  $steps = 0;
  $most = most;
}
/** How many there were; none is counted from now on. */
export function stepsSoFar() {
  $most = Infinity;
  return $steps;
}
`;

const STEP = '++$steps > $most && $over()';
const LOOPS = new Set(['ForStatement', 'ForInStatement', 'ForOfStatement', 'WhileStatement', 'DoWhileStatement']);
const FUNCTIONS = new Set(['FunctionDeclaration', 'FunctionExpression', 'ArrowFunctionExpression']);

/** Where what is to be put into a code. */
function insertions(code) {
  const found = [];
  const look = (node) => {
    if (LOOPS.has(node.type) || FUNCTIONS.has(node.type)) {
      const { body } = node;
      if (body.type === 'BlockStatement') found.push([body.start + 1, `${STEP};`]);
      else if (LOOPS.has(node.type)) found.push([body.start, `{${STEP};`], [body.end, '}']);
      else found.push([body.start, `(${STEP}, `], [body.end, ')']);
    }
    for (const value of Object.values(node))
      for (const child of Array.isArray(value) ? value : [value]) if (typeof child?.type === 'string') look(child);
  };
  look(parseAst(code));
  return found.sort(([a], [b]) => a - b);
}

function counted(code) {
  const parts = [];
  let last = 0;
  for (const [at, text] of insertions(code)) {
    parts.push(code.slice(last, at), text);
    last = at;
  }
  return HEAD + parts.join('') + code.slice(last);
}

/** The URL of the bundle. */
export async function bundle() {
  const { outputFiles } = await build({
    entryPoints: [join(root, 'test/fuzz/one.ts')],
    bundle: true,
    write: false,
    platform: 'node',
    target: 'node20.12',
    format: 'esm',
    external: CONSUMERS,
    plugins: [pageScript],
    logLevel: 'warning',
  });
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `fuzz-${process.pid}.mjs`);
  writeFileSync(file, counted(outputFiles[0].text));
  return pathToFileURL(file).href;
}
