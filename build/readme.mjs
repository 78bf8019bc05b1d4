// Runs the commands of the README and writes their output below them; with --check, only says whether it is as written.
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const file = join(root, 'README.md');
const before = readFileSync(file, 'utf8');

const after = before.replace(/(<!-- output: k8s-trace (.*?) -->\n)[\s\S]*?(<!-- \/output -->)/g, (_all, open, words, close) => {
  const run = spawnSync(process.execPath, [join(root, 'dist/k8s-trace.cjs'), ...words.split(' ')], {
    cwd: root,
    encoding: 'utf8',
    env: { PATH: process.env.PATH },
  });
  return `${open}\n\`\`\`text\n${run.stdout.trimEnd()}\n\`\`\`\n\n${close}`;
});

if (process.argv.includes('--check')) process.exitCode = before === after ? 0 : 1;
else writeFileSync(file, after);
