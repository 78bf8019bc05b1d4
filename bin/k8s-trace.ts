import { existsSync, fstatSync, readdirSync, readFileSync, statSync, writeSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Io, Stream } from '../src/cli/io.ts';
import { main } from '../src/cli/main.ts';
import { cannotWrite } from '../src/cli/output.ts';
import { identityOf, inBlocks, removeFile, tryWrite, writeFiles } from './files.ts';
import { readOrKeep, readOrOpen } from './parts.ts';
import { sha256 } from './sha256.ts';

/** This file is bundled as CommonJS into dist/, beside which the package's other files are. */
declare const __dirname: string;
/** Of package.json, as it was when this was bundled. */
declare const VERSION: string;
const root = join(__dirname, '..');

/**
 * A pipe or a file is written to directly: Node's stream for it would have to be loaded first, which is felt. A terminal, or a pipe that
 * is full and does not wait, gets the stream.
 */
function output(fd: 1 | 2): Stream {
  const node = () => {
    const stream = fd === 1 ? process.stdout : process.stderr;
    if (stream.listenerCount('error') === 0)
      stream.on('error', (error) => {
        if (isTold(fd, error)) lateFailure(error);
      });
    return stream;
  };
  const file = fstatSync(fd);
  const isTerminal = file.isCharacterDevice() && file.rdev !== nullDevice() && node().isTTY === true;
  return {
    isTerminal,
    columns: isTerminal ? node().columns : undefined,
    write(text) {
      const later = (rest: string | Uint8Array) => {
        pending = true;
        node().write(rest);
      };
      if (isTerminal) later(text);
      else writeAll(fd, Buffer.from(text), later);
    },
  };
}

/** A full pipe that does not wait is waited for, so that what it cannot take yet is not made either. */
async function pour(pieces: Iterable<string>): Promise<void> {
  for (const block of inBlocks(pieces)) {
    if (broken) return;
    io.stdout.write(block);
    if (process.exitCode === 2) return;
    if (pending && process.stdout.writableNeedDrain) await drained();
  }
}

/** Nobody reads standard output any more. */
let broken = false;

const drained = () =>
  new Promise<void>((resolve) => {
    for (const event of ['drain', 'error', 'close']) process.stdout.once(event, () => resolve());
  });

/** Also a character device, to which much is written. */
const nullDevice = () => statSync('/dev/null', { throwIfNoEntry: false })?.rdev;

/** Something waits in one of Node's streams. */
let pending = false;

function writeAll(fd: 1 | 2, bytes: Uint8Array, otherwise: (rest: Uint8Array) => void): void {
  let done = 0;
  try {
    while (done < bytes.length) done += writeSync(fd, bytes.subarray(done));
  } catch (error) {
    if (codeOf(error) === 'EAGAIN') otherwise(bytes.subarray(done));
    else if (isTold(fd, error)) throw cannotWrite('standard output', error);
  }
}

const codeOf = (error: unknown) => (error instanceof Error && 'code' in error ? error.code : null);

/**
 * A reader that has seen enough, as `head`, closes the pipe: no reason to complain, and the status stays the trace's. Where standard error
 * cannot be written, there is nowhere to say so.
 */
function isTold(fd: 1 | 2, error: unknown): boolean {
  if (fd === 1 && codeOf(error) === 'EPIPE') broken = true;
  return fd === 1 && codeOf(error) !== 'EPIPE';
}

/** The faults that a stream finds when the command is done. */
function lateFailure(error: unknown): void {
  const { message, hint } = cannotWrite('standard output', error);
  io.stderr.write(`k8s-trace: ${message}\n${hint === null ? '' : `  ${hint}\n`}`);
  process.exitCode = 2;
}

function page(...path: readonly string[]): string | null {
  const file = join(root, 'docs', ...path);
  return existsSync(file) ? readFileSync(file, 'utf8') : null;
}

const SCRIPTS = { bash: 'k8s-trace.bash', zsh: '_k8s-trace', fish: 'k8s-trace.fish', powershell: 'k8s-trace.ps1' } as const;

const io: Io = {
  name: 'k8s-trace',
  env: process.env,
  stdout: output(1),
  stderr: output(2),
  pour,
  sha256,
  now: () => performance.now(),
  readStdin: () => readOrKeep(process.stdin),
  // Synchronous on purpose: a thread pool takes longer to start than these files take to read.
  async kindOf(path) {
    try {
      const found = statSync(path);
      return found.isDirectory() ? 'directory' : found.isFile() ? 'file' : 'pipe';
    } catch (error) {
      // The second: a part of the path is a file.
      if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return null;
      throw error;
    }
  },
  list: async (directory) => readdirSync(directory).sort(),
  read: readOrOpen,
  tryWrite: async (path) => tryWrite(path),
  identityOf: async (place) => identityOf(place),
  writeAll: async (files) => writeFiles(files),
  remove: async (path) => removeFile(path),
  reasonPage: async (code) => page('reasons', `${code}.md`),
  findingsPage: async () => page('findings.md'),
  completionScript: async (shell) => readFileSync(join(__dirname, 'completion', SCRIPTS[shell]), 'utf8'),
  async execute(command) {
    const { execute } = await import('./machine.ts');
    return execute(command);
  },
  after(milliseconds, act) {
    const timer = setTimeout(act, milliseconds);
    return () => clearTimeout(timer);
  },
  async machine() {
    const { realMachine } = await import('./machine.ts');
    return realMachine(readFileSync(join(__dirname, 'lab-agent.pl'), 'utf8'));
  },
  get directory() {
    return process.cwd();
  },
  version: VERSION,
};

/** kubectl runs a plugin, and asks for its completions, by the name of a file: three files are this one program. */
const called = basename(process.argv[1] ?? '', '.cjs');

/** Runs the command line. Answers how to end the process: the launcher has compiled code to keep first. */
export async function run(): Promise<() => void> {
  const words = process.argv.slice(2);
  const argv = called === 'kubectl_complete-k8s_trace' ? ['__complete', ...words] : words;
  const status = await main(argv, called === 'kubectl-k8s_trace' ? { ...io, name: 'kubectl k8s-trace' } : io);
  return () => {
    process.exitCode ??= status;
    // All is written by now, except to a terminal or a full pipe, whose stream must first run empty. Node's own end takes a while.
    if (!pending) process.exit(status);
  };
}

export { practise } from './practice.ts';
