import { type SpawnSyncOptionsWithStringEncoding, spawnSync } from 'node:child_process';
import { cpSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const DIST = join(import.meta.dirname, '../../dist');

/** The real command in a folder of its own, beside a cache directory that nobody else has. `npm run build` (pretest) makes it. */
export interface Installed {
  readonly folder: string;
  readonly command: string;
  readonly bundle: string;
  /** The value of XDG_CACHE_HOME. */
  readonly caches: string;
  run(env?: Readonly<Record<string, string | undefined>>, node?: string): Ran;
  remove(): void;
}

export interface Ran {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A question to the built-in cluster, and how the answer begins. */
export const QUESTION = ['pod-a', 'pod-d'] as const;
export const ANSWER = 'delivered: pod-a reaches pod-d';

export function install(): Installed {
  const folder = mkdtempSync(join(tmpdir(), 'k8s-trace-start-'));
  const dist = join(folder, 'dist');
  mkdirSync(dist);
  for (const name of ['k8s-trace.cjs', 'main.cjs', 'rare.cjs']) cpSync(join(DIST, name), join(dist, name));
  const command = join(dist, 'k8s-trace.cjs');
  const caches = join(folder, 'caches');
  const { XDG_CACHE_HOME: _xdg, K8S_TRACE_NO_CACHE: _off, K8S_TRACE_TOPOLOGY: _topology, ...environment } = process.env;
  return {
    folder,
    command,
    bundle: join(dist, 'main.cjs'),
    caches,
    run(env = {}, node = process.execPath) {
      const options: SpawnSyncOptionsWithStringEncoding = {
        cwd: folder,
        encoding: 'utf8',
        env: { ...environment, XDG_CACHE_HOME: caches, NO_COLOR: '1', ...env },
      };
      const { status, stdout, stderr, error } = spawnSync(node, [command, ...QUESTION], options);
      if (error !== undefined) throw error;
      return { status, stdout, stderr };
    },
    remove: () => rmSync(folder, { recursive: true }),
  };
}

/** The files below a folder, as paths. */
export function filesBelow(folder: string): readonly string[] {
  if (lstatSync(folder, { throwIfNoEntry: false }) === undefined) return [];
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => lstatSync(path).isFile());
}

/** It changes when the file is written again. */
export const identityOf = (file: string) => `${lstatSync(file).ino} ${lstatSync(file).mtimeMs}`;
