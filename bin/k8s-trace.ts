#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Io, Stream } from '../src/cli/io.ts';
import { main } from '../src/cli/main.ts';

/** This file is bundled as CommonJS into dist/, beside which the package's other files are. */
declare const __dirname: string;
const root = join(__dirname, '..');

const stream = (s: NodeJS.WriteStream): Stream => ({
  write: (text) => void s.write(text),
  isTerminal: s.isTTY === true,
  columns: s.columns,
});

async function readStdin(): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of process.stdin) chunks.push(typeof chunk === 'string' ? Buffer.from(chunk) : chunk);
  return Buffer.concat(chunks);
}

const io: Io = {
  env: process.env,
  stdout: stream(process.stdout),
  stderr: stream(process.stderr),
  readStdin,
  async kindOf(path) {
    const found = await stat(path).catch(() => null);
    if (found === null) return null;
    return found.isDirectory() ? 'directory' : 'file';
  },
  list: async (directory) => (await readdir(directory)).sort(),
  read: (path) => readFile(path),
  write: (path, text) => writeFile(path, text),
  reasonPage: (code) => readFile(join(root, 'docs', 'reasons', `${code}.md`), 'utf8').catch(() => null),
  get version() {
    return String(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).version);
  },
};

// A reader that has seen enough, as `head`, closes the pipe: no reason to complain, and the status stays the trace's.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});

main(process.argv.slice(2), io).then((status) => {
  process.exitCode = status;
});
