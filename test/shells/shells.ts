import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NAMES, TWO_PODS } from '../cli/worlds.ts';

/** A folder with topologies in it, and the commands as an installation puts them on the path. `npm run build` (pretest) makes them. */
export interface Place {
  readonly folder: string;
  readonly work: string;
  readonly env: Readonly<Record<string, string>>;
}

const COMMANDS = ['k8s-trace', 'kubectl-k8s_trace', 'kubectl_complete-k8s_trace'] as const;
const DIST = join(import.meta.dirname, '../../dist');

export function makePlace(): Place {
  const folder = mkdtempSync(join(tmpdir(), 'k8s-trace-shell-'));
  const work = join(folder, 'work');
  const bin = join(folder, 'bin');
  for (const path of [bin, work, join(work, 'my dir')]) mkdirSync(path);
  for (const name of COMMANDS) symlinkSync(join(DIST, `${name}.cjs`), join(bin, name));
  writeFileSync(join(work, 'topology.yaml'), NAMES);
  writeFileSync(join(work, 'my dir', 'two.yaml'), TWO_PODS);
  const { K8S_TRACE_TOPOLOGY: _topology, ...environment } = process.env;
  return { folder, work, env: { ...environment, PATH: `${bin}:${process.env['PATH']}`, HOME: folder, TERM: 'dumb', INPUTRC: '/dev/null' } };
}

export const has = (program: string) => spawnSync(program, ['--version']).error === undefined;

export function run(place: Place, command: string, args: readonly string[], input = '') {
  const ran = spawnSync(command, args, { cwd: place.work, env: place.env, encoding: 'utf8', input, timeout: 100_000 });
  if (ran.error !== undefined) throw ran.error;
  return { stdout: ran.stdout, stderr: ran.stderr, status: ran.status };
}

export const scriptOf = (place: Place, shell: string) => run(place, 'k8s-trace', ['completion', shell]).stdout;
