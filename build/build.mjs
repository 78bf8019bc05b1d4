// Builds dist/: the program and the library by esbuild as one CommonJS file, what starts and exports them, and the types by tsc. With --if-stale only when a source is
// newer: npm asks for a build before several of its commands, and of some more than once.
import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, cpSync, existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import * as yaml from 'yaml';
import { pageScript } from './page-script.mjs';
import { writeTypes } from './types.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const dist = join(root, 'dist');
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

/** A module of ours in place of another one: `contents` is CommonJS. */
const instead = (build, filter, contents) => {
  const namespace = `instead-${filter.source}`;
  build.onResolve({ filter }, ({ resolveDir }) => (resolveDir === dist ? undefined : { path: filter.source, namespace }));
  build.onLoad({ filter: /.*/, namespace }, () => ({ contents, resolveDir: dist }));
};

/**
 * Modules that cost more to load than what is asked of them on most calls: node:crypto is loaded when a hash is wanted, node:zlib
 * for what is compressed, commander's child_process never, chalk's look at the terminal never (its level is always given). What few inputs need is a file of its own, rare.cjs.
 */
const frugal = {
  name: 'frugal',
  setup(build) {
    instead(build, /^node:crypto$/, "exports.createHash = (name) => require('crypto').createHash(name);");
    instead(build, /^node:zlib$/, "exports.createGunzip = (...args) => require('zlib').createGunzip(...args);");
    instead(build, /^node:child_process$/, "exports.spawn = (...args) => require('child_process').spawn(...args);");
    instead(
      build,
      /^node:os$/,
      "for (const name of ['constants', 'release', 'tmpdir']) Object.defineProperty(exports, name, { get: () => require('os')[name] });",
    );
    instead(build, /^#supports-color$/, 'module.exports = { stdout: false, stderr: false };');
    instead(
      build,
      /^yaml$/,
      `for (const name of ${JSON.stringify(Object.keys(yaml))}) Object.defineProperty(exports, name, { get: () => require('./rare.cjs').yaml[name] });`,
    );
    instead(build, /^cli-table3$/, "module.exports = function (options) { return new (require('./rare.cjs').Table)(options); };");
    build.onLoad({ filter: /zod\/v4\/core\/util\.js$/ }, ({ path }) => ({ contents: withSharedMembers(readFileSync(path, 'utf8')) }));
    build.onResolve({ filter: /^\.\/rare\.cjs$/ }, ({ path }) => ({ path, external: true }));
  },
};

/** zod makes each of a schema's sixty methods anew for each kind of schema: here, once. */
function withSharedMembers(util) {
  const own = 'export function members(proto, table) {';
  if (!util.includes(own)) throw new Error('zod makes its methods in another way');
  return `${util.replace(own, 'function installed(proto, table) {')}
const made = new WeakMap();
export function members(proto, table) {
    if (!made.has(table)) {
        const first = {};
        installed(first, table);
        made.set(table, Object.getOwnPropertyDescriptors(first));
    }
    Object.defineProperties(proto, made.get(table));
}`;
}

/** Modules that are evaluated when something of them is first used: tables and schemas that few inputs ask for. */
const ON_DEMAND = [
  'src/node-state/index.ts',
  ...['admin-policy', 'cni', 'config', 'node', 'pod', 'service'].map((name) => `src/topology/kubernetes/schema/${name}.ts`),
].map((path) => join(root, path));

const onDemand = {
  name: 'on-demand',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /\.ts$/ }, ({ path, resolveDir, namespace }) => {
      const file = resolve(resolveDir, path);
      return namespace === 'file' && ON_DEMAND.includes(file) ? { path: file, namespace: 'on-demand' } : undefined;
    });
    onLoad({ filter: /.*/, namespace: 'on-demand' }, async ({ path }) => {
      const { metafile } = await build({ entryPoints: [path], format: 'esm', write: false, metafile: true });
      const names = Object.values(metafile.outputs)[0].exports;
      const contents = `for (const name of ${JSON.stringify(names)}) Object.defineProperty(exports, name, { enumerable: true, get: () => require(${JSON.stringify(path)})[name] });`;
      return { contents, resolveDir: dirname(path) };
    });
  },
};

const FRUGALLY = { plugins: [frugal, onDemand, pageScript] };

/**
 * The bundle is a function, of which a module has what it makes. As a script it is the function itself, which is what the launcher runs: a text around the
 * file's own would be a second copy of it.
 */
const FUNCTION = {
  banner: { js: "(load => typeof module === 'object' ? load(module, require, __dirname) : load)((function (module, require, __dirname) {" },
  footer: { js: 'return module.exports; }))' },
};

const bundle = (entry, outfile, more = FRUGALLY) =>
  build({
    entryPoints: [join(root, entry)],
    outfile: join(dist, outfile),
    bundle: true,
    platform: 'node',
    target: 'node20.12',
    format: 'cjs',
    minify: true,
    legalComments: 'none',
    logLevel: 'warning',
    ...more,
    define: { VERSION: JSON.stringify(version) },
  });

/** One program by three names: kubectl runs its plugins, and asks for their completions, by the names of files. */
const LAUNCHERS = ['kubectl-k8s_trace', 'kubectl_complete-k8s_trace', 'k8s-trace'];
/** The file that is written last. */
const LAST = join(dist, 'k8s-trace.cjs');

async function buildAll() {
  rmSync(dist, { recursive: true, force: true });
  execFileSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', join(root, 'tsconfig.build.json')], {
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  await writeTypes(dist);
  await bundle('bin/main.ts', 'main.cjs', { ...FRUGALLY, ...FUNCTION });
  // As they are installed: within, they would be a twentieth of the package.
  await bundle('bin/rare.ts', 'rare.cjs', { packages: 'external' });
  await exportLibrary();
  cpSync(join(root, 'bin/completion'), join(dist, 'completion'), { recursive: true });
  copyFileSync(join(root, 'bin/lab-agent.pl'), join(dist, 'lab-agent.pl'));
  for (const name of LAUNCHERS) {
    await bundle('bin/launch.ts', `${name}.cjs`);
    chmodSync(join(dist, `${name}.cjs`), 0o755);
  }
}

/** The library is in the program's bundle: twice the same code would be a third of the package. */
async function exportLibrary() {
  for (const name of readdirSync(dist, { recursive: true })) if (name.endsWith('.js')) rmSync(join(dist, name));
  const { default: main } = await import(join(dist, 'main.cjs'));
  const names = Object.keys(main.library()).join(', ');
  // Node looks for names in what an ES module imports, which takes longer than to load it: between the two is a file with none.
  writeFileSync(join(dist, 'library.cjs'), "const { library } = require('./main.cjs');\nmodule.exports = library();\n");
  writeFileSync(join(dist, 'index.js'), `import library from './library.cjs';\nexport const { ${names} } = library;\n`);
}

const SOURCES = [
  'src',
  'bin',
  'build',
  'package.json',
  'package-lock.json',
  'tsconfig.json',
  'tsconfig.build.json',
  'node_modules/.package-lock.json',
];

/** When a file was changed last; a folder also changes when something in it comes or goes. */
function changed(path) {
  const found = statSync(path);
  return found.isDirectory() ? Math.max(found.mtimeMs, ...readdirSync(path).map((name) => changed(join(path, name)))) : found.mtimeMs;
}

const isStale = () =>
  !existsSync(LAST) || SOURCES.some((name) => existsSync(join(root, name)) && changed(join(root, name)) >= statSync(LAST).mtimeMs);

if (!process.argv.includes('--if-stale') || isStale()) await buildAll();
