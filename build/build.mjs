// Builds dist/: the library by tsc, the command by esbuild as one CommonJS file, and what starts it.
import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, cpSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const dist = join(root, 'dist');
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

/**
 * Modules that cost more to load than what is asked of them on most calls: node:crypto is loaded when a hash is wanted, commander's
 * child_process never, chalk's look at the terminal never (its level is always given), and string-width only for a table with wide
 * characters (src/render/plain-table.ts).
 */
const frugal = {
  name: 'frugal',
  setup(build) {
    build.onResolve({ filter: /^node:crypto$/ }, () => ({ path: 'crypto', namespace: 'frugal' }));
    build.onResolve({ filter: /^string-width$/ }, ({ importer, resolveDir }) =>
      importer.includes('cli-table3') ? { path: 'string-width', namespace: 'frugal', pluginData: resolveDir } : undefined,
    );
    build.onResolve({ filter: /^node:child_process$/ }, () => ({ path: 'child_process', namespace: 'frugal' }));
    build.onLoad({ filter: /^child_process$/, namespace: 'frugal' }, () => ({
      contents: "exports.spawn = (...args) => require('child_process').spawn(...args);",
    }));
    build.onResolve({ filter: /^#supports-color$/ }, () => ({ path: 'supports-color', namespace: 'frugal' }));
    build.onLoad({ filter: /^supports-color$/, namespace: 'frugal' }, () => ({
      contents: 'export default { stdout: false, stderr: false };',
    }));
    build.onLoad({ filter: /^crypto$/, namespace: 'frugal' }, () => ({
      contents: "exports.createHash = (name) => require('crypto').createHash(name);",
    }));
    build.onLoad({ filter: /^string-width$/, namespace: 'frugal' }, ({ pluginData }) => ({
      contents: "module.exports = (text) => require('string-width')(text);",
      resolveDir: pluginData,
    }));
  },
};

const bundle = (entry, outfile) =>
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
    plugins: [frugal],
    define: { VERSION: JSON.stringify(version) },
  });

rmSync(dist, { recursive: true, force: true });
execFileSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', join(root, 'tsconfig.build.json')], {
  stdio: ['ignore', 'inherit', 'inherit'],
});
await bundle('bin/k8s-trace.ts', 'main.cjs');
// One program by three names: kubectl runs its plugins, and asks for their completions, by the names of files.
for (const name of ['k8s-trace', 'kubectl-k8s_trace', 'kubectl_complete-k8s_trace']) {
  await bundle('bin/launch.ts', `${name}.cjs`);
  chmodSync(join(dist, `${name}.cjs`), 0o755);
}
cpSync(join(root, 'bin/completion'), join(dist, 'completion'), { recursive: true });
copyFileSync(join(root, 'bin/lab-agent.pl'), join(dist, 'lab-agent.pl'));
