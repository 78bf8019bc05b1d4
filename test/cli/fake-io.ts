import { sha256 } from '../../bin/sha256.ts';
import type { Io } from '../../src/cli/io.ts';
import { main } from '../../src/cli/main.ts';

/** What a run of the command line may see; everything is in memory. */
export interface World {
  /** Path to content. Folders are there by being in a path. */
  readonly files?: Readonly<Record<string, string | Uint8Array>>;
  readonly stdin?: string;
  /** Names that lead to other files. */
  readonly links?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
  /** Columns of the terminal that both streams are; left out, they are pipes. */
  readonly terminal?: number;
  readonly pages?: Readonly<Record<string, string>>;
  /** Replaces parts of the Io, for machines that fail. */
  readonly io?: Partial<Io>;
}

export interface Ran {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
  /** Files that were written. */
  readonly written: Readonly<Record<string, string>>;
  /** Files that were taken away. */
  readonly removed: readonly string[];
}

const clean = (path: string) => path.replace(/^\.\//, '').replace(/\/$/, '') || '.';

function writable(path: string): void {
  if (path.startsWith('/nowhere/')) throw Object.assign(new Error('no such directory'), { code: 'ENOENT' });
}

/** Runs a command line in a world of its own. A text is split at spaces. */
export async function run(argv: string | readonly string[], world: World = {}): Promise<Ran> {
  const files = new Map(Object.entries(world.files ?? {}));
  const written: Record<string, string> = {};
  const removed: string[] = [];
  const out = { stdout: '', stderr: '' };
  const stream = (name: 'stdout' | 'stderr') => ({
    write: (text: string) => {
      out[name] += text;
    },
    isTerminal: world.terminal !== undefined,
    columns: world.terminal,
  });
  const below = (directory: string) => {
    const start = clean(directory) === '.' ? '' : `${clean(directory)}/`;
    return [...files.keys()].filter((f) => f.startsWith(start)).map((f) => f.slice(start.length));
  };
  const io: Io = {
    name: 'k8s-trace',
    env: world.env ?? {},
    stdout: stream('stdout'),
    stderr: stream('stderr'),
    pour: async (pieces) => {
      for (const piece of pieces) out.stdout += piece;
    },
    sha256,
    now: () => 0,
    readStdin: async () => new TextEncoder().encode(world.stdin ?? ''),
    kindOf: async (path) => (files.has(clean(path)) ? 'file' : below(path).length > 0 || clean(path) === '.' ? 'directory' : null),
    list: async (directory) => [...new Set(below(directory).map((f) => f.replace(/\/.*/, '')))].sort(),
    read: async (path) => {
      const content = files.get(clean(path));
      if (content === undefined) throw Object.assign(new Error('no such file'), { code: 'ENOENT' });
      return typeof content === 'string' ? new TextEncoder().encode(content) : content;
    },
    tryWrite: async (path) => writable(path),
    identityOf: async (place) => (typeof place === 'number' ? null : clean(world.links?.[place] ?? place)),
    writeAll: async (reports) => {
      for (const { path } of reports) writable(path);
      for (const { path, text } of reports) written[path] = typeof text === 'string' ? text : [...text].join('');
    },
    remove: async (path) => {
      removed.push(path);
    },
    directory: '/home/me',
    reasonPage: async (code) => world.pages?.[code] ?? null,
    findingsPage: async () => world.pages?.['findings'] ?? null,
    completionScript: async (shell) => `# for ${shell}\n`,
    version: '1.2.3',
    execute: () => Promise.reject(Object.assign(new Error('this test has no programs'), { code: 'ENOENT' })),
    after: () => () => {},
    machine: () => Promise.reject(new Error('this test has no machine')),
    ...world.io,
  };
  const status = await main(typeof argv === 'string' ? argv.split(' ').filter((w) => w !== '') : argv, io);
  return { status, ...out, written, removed };
}

/** The parts of a trace that these tests look at. */
export interface TraceJson {
  readonly source: Readonly<Record<string, unknown>>;
  readonly destination: Readonly<Record<string, unknown>>;
  readonly outcome: string;
  readonly reason: { readonly code: string } | null;
  readonly paths: readonly unknown[];
  readonly assumptions: readonly { readonly message: string }[];
}

export async function traceOf(argv: string, world: World = {}): Promise<TraceJson> {
  const { stdout, stderr, status } = await run(`${argv} -o json`, world);
  if (stdout === '') throw new Error(`status ${status}: ${stderr}`);
  return JSON.parse(stdout);
}
