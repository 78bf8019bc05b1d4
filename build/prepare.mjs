// What npm runs before it packs: the build. With `npm install -g git+…`, as pre-commit does it, npm's own preparation of the clone
// takes over --global and so installs none of our devDependencies; then they are installed first.
import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

function hasTools() {
  try {
    createRequire(import.meta.url).resolve('esbuild');
    return true;
  } catch {
    return false;
  }
}

const npm = process.env['npm_execpath'];
if (!hasTools() && npm !== undefined) {
  const cwd = fileURLToPath(new URL('..', import.meta.url));
  const { npm_config_global: _global, npm_config_location: _location, ...env } = process.env;
  const words = [npm, 'ci', '--no-global', '--location=project', '--include=dev', '--ignore-scripts', '--no-audit', '--no-fund'];
  // Standard output is npm's own, which may be JSON.
  execFileSync(process.execPath, words, { cwd, env, stdio: ['ignore', 2, 2] });
}
await import('./build.mjs');
