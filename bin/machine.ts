import { spawn } from 'node:child_process';
import { accessSync, constants, readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { constants as os, release } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Conversation, Machine, Process, Ran } from '../src/index.ts';

/** Administrators' programs are not on everybody's path, on Debian for one. */
const PATH = [process.env['PATH'] ?? '', '/usr/local/sbin', '/usr/sbin', '/sbin'].filter((p) => p !== '').join(':');
const env = { ...process.env, PATH };

/** The real machine, for the lab. */
export function realMachine(agent: string): Machine {
  return {
    platform: process.platform,
    uid: process.getuid?.() ?? -1,
    release: release(),
    directory: process.cwd(),
    agent,
    has: (program) => PATH.split(':').some((folder) => isExecutable(join(folder, program))),
    run,
    open,
    attach,
    processes,
    list,
    processesIn,
    kill,
  };
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

const split = (command: readonly string[]) => [command[0] ?? '', command.slice(1)] as const;

function run(command: readonly string[], stdin: string): Promise<Ran> {
  const [program, words] = split(command);
  return new Promise((resolve, reject) => {
    const child = spawn(program, words, { env, stdio: 'pipe' });
    const text = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr'] as const)
      child[name].setEncoding('utf8').on('data', (chunk: string) => {
        text[name] += chunk;
      });
    child.on('error', reject);
    child.on('close', (status) => resolve({ status: status ?? 1, ...text }));
    // A program that ends before it has read all is heard of by its status.
    child.stdin.on('error', () => {});
    child.stdin.end(stdin);
  });
}

/** A program's answer as bytes: that of kubectl may be longer than any text can be. */
export function execute(
  command: readonly string[],
): Promise<{ readonly status: number; readonly stdout: Uint8Array; readonly stderr: string }> {
  const [program, words] = split(command);
  return new Promise((resolve, reject) => {
    const child = spawn(program, words, { stdio: ['ignore', 'pipe', 'pipe'] });
    const chunks: Uint8Array[] = [];
    let stderr = '';
    child.stdout.on('data', (chunk: Uint8Array) => chunks.push(chunk));
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      stderr += chunk;
    });
    child.on('error', reject);
    child.on('close', (status) => resolve({ status: status ?? 1, stdout: Buffer.concat(chunks), stderr }));
  });
}

/** In a session of its own, so that the terminal's Ctrl-C and its end do not reach it; the end of its input does. */
function open(command: readonly string[]): Conversation {
  const [program, words] = split(command);
  const child = spawn(program, words, { env, stdio: 'pipe', detached: true });
  const lines = createInterface({ input: child.stdout, crlfDelay: Number.POSITIVE_INFINITY })[Symbol.asyncIterator]();
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    stderr += chunk;
  });
  child.stdin.on('error', () => {});
  const ended = new Promise<void>((resolve) => {
    child.on('close', () => resolve());
    child.on('error', (error) => {
      stderr += error.message;
      resolve();
    });
  });
  return {
    write: (text) => child.stdin.write(text),
    async line() {
      const next = await lines.next();
      return next.done === true ? null : next.value;
    },
    async close() {
      child.stdin.end();
      await ended;
    },
    leave() {
      child.unref();
      for (const stream of [child.stdin, child.stdout, child.stderr]) stream.destroy();
    },
    stderr: () => stderr,
  };
}

/** The signal that the terminal sends with Ctrl-C and Ctrl-\\ goes to the command as well, and whether that ends it is the command's affair. */
const TYPED = ['SIGINT', 'SIGQUIT'] as const;

function attach(command: readonly string[]): Promise<number> {
  const [program, words] = split(command);
  const ignore = () => {};
  for (const signal of TYPED) process.on(signal, ignore);
  return new Promise<number>((resolve, reject) => {
    const child = spawn(program, words, { env, stdio: 'inherit' });
    child.on('error', reject);
    // As a shell says it.
    child.on('close', (status, signal) => resolve(signal === null ? (status ?? 1) : 128 + os.signals[signal]));
  }).finally(() => {
    for (const signal of TYPED) process.off(signal, ignore);
  });
}

function list(directory: string): readonly string[] {
  return orElse([], () => readdirSync(directory).sort());
}

/** For a look at a process, which may end meanwhile or belong to another user. */
function orElse<T>(otherwise: T, look: () => T): T {
  try {
    return look();
  } catch {
    return otherwise;
  }
}

const pids = () => list('/proc').filter((name) => /^\d+$/.test(name));

function processes(): readonly Process[] {
  return pids().flatMap((pid) =>
    orElse<readonly Process[]>([], () => {
      const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
      return [{ pid: Number(pid), uid: statSync(`/proc/${pid}`).uid, words: words.slice(0, -1) }];
    }),
  );
}

/** A namespace is known by its inode. */
function processesIn(directory: string): readonly number[] {
  const identity = (path: string) => orElse(null, () => `${statSync(path).dev}:${statSync(path).ino}`);
  if (identity(directory) === identity('/run/netns')) return [];
  const namespaces = new Set(list(directory).map((file) => orElse('', () => `net:[${statSync(join(directory, file)).ino}]`)));
  return pids()
    .map(Number)
    .filter((pid) => pid !== process.pid && namespaces.has(netnsOf(pid) ?? 'none'));
}

const netnsOf = (pid: number) => orElse(null, () => readlinkSync(`/proc/${pid}/ns/net`));

async function kill(pid: number): Promise<void> {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
  while (netnsOf(pid) !== null) await new Promise((resolve) => setTimeout(resolve, 10));
}
